"""`scoreboard doctor`: looks at everything a scoreboard stands on and says what mends it."""

from __future__ import annotations
