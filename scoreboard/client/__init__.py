"""A client of the scoreboard: scores over HTTP, live boards over WebSocket.

It imports nothing else of the service, and needs only aiohttp and msgspec.
"""

from __future__ import annotations

from scoreboard.client.answers import Grant, Neighbours, Receipt, Standing, Top
from scoreboard.client.errors import ClientError, LiveEnded, NotAScoreboard, Unanswered
from scoreboard.client.frames import Entry
from scoreboard.client.live import LiveBoard
from scoreboard.client.problems import Problem
from scoreboard.client.scores import ScoreboardClient
from scoreboard.client.states import Interruption, LiveState
from scoreboard.client.tokens import Token
from scoreboard.client.views import Shown

__all__ = [
    "ClientError",
    "Entry",
    "Grant",
    "Interruption",
    "LiveBoard",
    "LiveEnded",
    "LiveState",
    "Neighbours",
    "NotAScoreboard",
    "Problem",
    "Receipt",
    "ScoreboardClient",
    "Shown",
    "Standing",
    "Token",
    "Top",
    "Unanswered",
]
