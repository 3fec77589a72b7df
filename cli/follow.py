"""Follows a top list over `/ws`, for as long as anybody looks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from http import HTTPStatus

import aiohttp
import msgspec

from cli.output import CommandFailed
from scoreboard.domain.frames import SUBPROTOCOL, TOP_VIEWS, Bye, Ping, Snapshot
from scoreboard.domain.identifiers import BoardId

SILENCE_MAX_S = 60.0
"""More than two of the server's heartbeats: a connection that says less is dead."""

RETRY_FIRST_S = 0.25
RETRY_MAX_S = 5.0
LAST_PASSING_CLOSE_CODE = 4499
_FINAL_STATUSES = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}

_decode = msgspec.json.Decoder(Snapshot | Bye | Ping).decode


def view_of(limit: int) -> str:
    """The smallest view that has `limit` entries."""
    return next(view for view, size in TOP_VIEWS.items() if limit <= size)


class Follower:
    """Shows every snapshot to `on_snapshot`, and comes back whenever the connection is lost.

    `on_interruption` is told why, and after how many seconds it tries again.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        on_snapshot: Callable[[Snapshot], None],
        on_interruption: Callable[[str, float], None],
    ) -> None:
        self._session = session
        self._base_url = base_url
        self._on_snapshot = on_snapshot
        self._on_interruption = on_interruption
        self._chance = random.SystemRandom()
        self._failures = 0
        self._bye: Bye | None = None

    async def run(self, board: BoardId, view: str) -> None:
        """Until cancelled. Raises CommandFailed where coming back would be of no use."""
        address = f"{self._base_url}/ws?view={view}&board={board}"
        while True:
            reason = await self._connect(address)
            pause_s = self._pause_s()
            self._on_interruption(reason, pause_s)
            await asyncio.sleep(pause_s)

    async def _connect(self, address: str) -> str:
        """Holds one connection until it ends and tells why."""
        try:
            async with self._session.ws_connect(address, protocols=(SUBPROTOCOL,)) as ws:
                while (text := await _receive(ws)) is not None:
                    self._take(text)
        except aiohttp.WSServerHandshakeError as error:
            if error.status in _FINAL_STATUSES:
                raise CommandFailed(
                    f"{self._base_url} shows no such board: it answered {error.status}."
                ) from error
            return f"{self._base_url} refuses connections with {error.status}"
        except TimeoutError:
            return f"{self._base_url} has fallen silent"
        except (aiohttp.ClientError, OSError):
            return f"{self._base_url} cannot be reached"
        return f"{self._base_url} has ended the connection"

    def _take(self, text: str) -> None:
        try:
            frame = _decode(text)
        except msgspec.ValidationError:
            return  # a kind of frame that a newer service sends
        except msgspec.DecodeError as error:
            raise CommandFailed(f"{self._base_url} is no scoreboard: it sends no JSON.") from error
        self._failures = 0
        if isinstance(frame, Snapshot):
            self._on_snapshot(frame)
        elif isinstance(frame, Bye):
            self._bye = frame

    def _pause_s(self) -> float:
        bye, self._bye = self._bye, None
        if bye is not None:
            earliest_ms, latest_ms = bye.reconnect_in_ms
            return self._chance.uniform(earliest_ms, latest_ms) / 1000
        self._failures += 1
        longest_s = min(RETRY_MAX_S, RETRY_FIRST_S * 2.0**self._failures)
        return longest_s * self._chance.uniform(0.5, 1.0)


async def _receive(ws: aiohttp.ClientWebSocketResponse) -> str | None:
    """The next text, None once the connection is closed. Raises TimeoutError, CommandFailed."""
    message = await ws.receive(timeout=SILENCE_MAX_S)
    if message.type is aiohttp.WSMsgType.TEXT:
        return str(message.data)
    code = ws.close_code
    if code is not None and code > LAST_PASSING_CLOSE_CODE:
        raise CommandFailed(f"The service ended the connection for good, with code {code}.")
    return None
