"""A client of the scoreboard.

It imports nothing else of the service, and needs only aiohttp and msgspec.
"""

from __future__ import annotations
