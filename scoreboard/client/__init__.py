"""A client of the scoreboard: live boards over WebSocket.

It imports nothing else of the service, and needs only aiohttp and msgspec.
"""

from __future__ import annotations

from scoreboard.client.errors import ClientError, LiveEnded, NotAScoreboard
from scoreboard.client.frames import Entry
from scoreboard.client.live import LiveBoard
from scoreboard.client.states import Interruption, LiveState
from scoreboard.client.tokens import Token
from scoreboard.client.views import Shown

__all__ = [
    "ClientError",
    "Entry",
    "Interruption",
    "LiveBoard",
    "LiveEnded",
    "LiveState",
    "NotAScoreboard",
    "Shown",
    "Token",
]
