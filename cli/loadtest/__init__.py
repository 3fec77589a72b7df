"""`scoreboard loadtest`: load from processes of its own, measured from where users stand.

`command` reads the options, `fleet` runs the `worker` processes, each of which drives `load` over
`connection`s; what they count comes back as slices of a second and is added up in `measurements`.
"""

from __future__ import annotations
