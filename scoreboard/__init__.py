"""A live scoreboard whose scores cannot be forged."""

from __future__ import annotations

__version__ = "0.1.0"
