"""What is asked before a connection is taken: origin, caps, board."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from scoreboard.domain.errors import (
    NotFound,
    Overloaded,
    PolicyDenied,
    RateLimited,
)
from scoreboard.domain.identifiers import BoardId, parse_board_id
from scoreboard.settings import Settings

BoardExists = Callable[[BoardId], Awaitable[bool]]
"""Raises StorageUnavailable where nobody can say."""

RETRY_S = 5.0
"""When an address with too many connections may try again."""

_ORIGIN = re.compile(
    r"(https?)://([a-z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?)", re.ASCII
)


class Seats:
    """Counts connections, in all and by address; an address is forgotten with its last one."""

    def __init__(self, settings: Settings) -> None:
        self._total_max = settings.websocket_max
        self._per_ip_max = settings.websocket_max_per_ip
        self._total = 0
        self._by_ip: dict[str, int] = {}

    def take(self, client_ip: str) -> None:
        """Takes a seat. Raises Overloaded or RateLimited where there is none left."""
        if self._total >= self._total_max:
            raise Overloaded("Too many connections are open here. Try again after Retry-After.")
        mine = self._by_ip.get(client_ip, 0)
        if mine >= self._per_ip_max:
            raise RateLimited("connections", RETRY_S)
        self._total += 1
        self._by_ip[client_ip] = mine + 1

    def release(self, client_ip: str) -> None:
        """Gives it back."""
        self._total -= 1
        self._by_ip[client_ip] -= 1
        if not self._by_ip[client_ip]:
            del self._by_ip[client_ip]


def check_origin(request: web.Request, allowed: tuple[str, ...]) -> None:
    """Raises PolicyDenied unless the page may connect. Programs send no Origin and may.

    Any page can open a WebSocket anywhere; only this check keeps foreign ones out. SSE, which
    browsers would guard themselves, is held to the same rule.
    """
    origins = request.headers.getall("Origin", [])
    if not origins or "*" in allowed:
        return
    origin = origins[0].lower()
    if len(origins) == 1 and (
        _is_own(request, origin) or origin in {each.lower().rstrip("/") for each in allowed}
    ):
        return
    raise PolicyDenied(
        "Pages of this origin may not connect; SCOREBOARD_ALLOWED_ORIGINS names those that may."
    )


def _is_own(request: web.Request, origin: str) -> bool:
    # Behind a proxy that ends TLS the scheme seen here is not the browser's, so only a service
    # that speaks TLS itself can insist on https.
    parts = _ORIGIN.fullmatch(origin)
    if parts is None or (request.secure and parts[1] != "https"):
        return False
    return parts[2] == request.host.lower()


async def find_board(text: str, board_exists: BoardExists) -> BoardId:
    """The board of that name; raises NotFound or StorageUnavailable."""
    board_id = parse_board_id(text)
    if board_id is None or not await board_exists(board_id):
        raise NotFound("There is no board of that name.")
    return board_id
