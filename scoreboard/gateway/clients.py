"""All clients of this process, whatever their transport: seats, one heartbeat, one farewell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from scoreboard.domain.errors import InvalidPayload, Overloaded
from scoreboard.domain.frames import Bye
from scoreboard.gateway.admission import Seats, check_origin
from scoreboard.gateway.codes import CloseCode, label_close
from scoreboard.gateway.pace import Pace
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics

BATCH = 250
"""Clients pinged or dismissed before other work gets its turn."""

RETURN_WINDOW_MS = 500
"""Each batch of a drain is asked back within its own window, so instances left see 500/s."""


class Client(Protocol):
    """One connection between its admission and its end."""

    code: int | None
    """Why it ended, once it has."""

    def beat(self, now_s: float) -> None:
        """One turn of the heartbeat; the loop's clock, seconds."""
        ...

    def dismiss(self, bye: Bye) -> None:
        """Says `bye` and closes."""
        ...

    def close(self, code: CloseCode) -> None:
        """Begins to end the connection; may be called repeatedly."""
        ...

    def cut(self) -> None:
        """Ends the connection now."""
        ...


class Clients:
    """Admits, counts, keeps alive and dismisses."""

    def __init__(
        self, settings: Settings, metrics: Metrics, client_ip: Callable[[web.Request], str]
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._client_ip = client_ip
        self._seats = Seats(settings)
        self._pace = Pace(settings.websocket_handshakes_per_s)
        self._present: dict[Client, None] = {}
        self._is_draining = False
        self._is_empty = asyncio.Event()

    def admit(self, request: web.Request) -> str:
        """Takes a seat, to be given back by `release` of the address that is returned.

        Raises Overloaded, RateLimited, PolicyDenied for a foreign page, or InvalidPayload for a
        request with a body.
        """
        if self._is_draining:
            raise Overloaded("This instance is going away. Try again after Retry-After.")
        if request.body_exists:
            # Nobody would read it: it would be kept, and hide that the client has gone.
            raise InvalidPayload.in_header("Content-Length", "This address takes no body.")
        check_origin(request, self._settings.allowed_origins)
        address = self._client_ip(request)
        self._seats.take(address)
        return address

    async def turn(self) -> None:
        """Waits where many come at the same time. Raises Overloaded where that would take long."""
        await self._pace.turn()

    def release(self, address: str) -> None:
        """Gives a seat back."""
        self._seats.release(address)

    def enter(self, client: Client, begin: Callable[[], None]) -> None:
        """Counts a client from now on; `begin` subscribes it, once it is among those present."""
        self._present[client] = None
        self._metrics.sockets.inc()
        begin()
        if self._is_draining:  # began while this handshake was under way
            client.close(CloseCode.DRAIN)

    def leave(self, client: Client) -> None:
        """The client has gone."""
        del self._present[client]
        self._metrics.sockets.dec()
        self._metrics.sockets_closed.labels(code=label_close(client.code)).inc()
        if not self._present:
            self._is_empty.set()

    async def run(self) -> None:
        """One heartbeat for all, until cancelled."""
        step_s = min(1.0, self._settings.websocket_ping_s / 5, self._settings.websocket_pong_s / 5)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(step_s)
            for index, client in enumerate(tuple(self._present)):
                client.beat(loop.time())
                if index % BATCH == BATCH - 1:
                    await asyncio.sleep(0)

    async def drain(self) -> None:
        """Refuses new clients and dismisses those here, each batch with its own time to return.

        Takes at most `drain_s`; whoever has not gone by then is cut off.
        """
        self._is_draining = True
        if not self._present:
            return
        self._is_empty.clear()
        try:
            async with asyncio.timeout(self._settings.drain_s):
                await self._dismiss_all()
                await self._is_empty.wait()
        except TimeoutError:
            for client in tuple(self._present):
                client.cut()

    async def _dismiss_all(self) -> None:
        remaining = tuple(self._present)
        for start in range(0, len(remaining), BATCH):
            earliest_ms = RETURN_WINDOW_MS * (1 + start // BATCH)
            window_ms = (earliest_ms, earliest_ms + RETURN_WINDOW_MS)
            bye = Bye(code=CloseCode.DRAIN, reconnect_in_ms=window_ms)
            for client in remaining[start : start + BATCH]:
                client.dismiss(bye)
            await asyncio.sleep(0)
