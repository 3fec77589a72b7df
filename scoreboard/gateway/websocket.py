"""`GET /ws`: handshakes, the heartbeat of all sockets, and the farewell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from scoreboard.domain.errors import InvalidPayload, Overloaded
from scoreboard.domain.frames import SUBPROTOCOL, Bye, encode_frame
from scoreboard.gateway.admission import BoardExists, Seats, check_origin, read_views
from scoreboard.gateway.channel import ViewKey
from scoreboard.gateway.codes import CloseCode, label_close
from scoreboard.gateway.connection import CLOSE_GRACE_S, Connection
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.subscriber import limit_kernel_buffer
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics

BATCH = 250
"""Sockets pinged or dismissed before other work gets its turn."""

RETURN_WINDOW_MS = 500
"""Each batch of a drain is asked back within its own window, so instances left see 500/s."""


class WebSocketGateway:
    """All WebSockets of this process."""

    def __init__(
        self,
        hub: Hub,
        settings: Settings,
        metrics: Metrics,
        board_exists: BoardExists,
        client_ip: Callable[[web.Request], str],
    ) -> None:
        self._hub = hub
        self._settings = settings
        self._metrics = metrics
        self._board_exists = board_exists
        self._client_ip = client_ip
        self._seats = Seats(settings)
        self._connections: dict[Connection, None] = {}
        self._is_draining = False
        self._is_empty = asyncio.Event()

    def add_routes(self, app: web.Application) -> None:
        """Serves `/ws` on the app."""
        app.router.add_get("/ws", self.handle, allow_head=False)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One client from handshake to end. Raises a Refusal before the upgrade only."""
        if self._is_draining:
            raise Overloaded("This instance is going away. Try again after Retry-After.")
        check_origin(request, self._settings.allowed_origins)
        with self._seats.take(self._client_ip(request)):
            keys = await read_views(request, self._board_exists, self._settings.websocket_views_max)
            ws = await self._upgrade(request)
            transport = request.transport
            if transport is not None:  # else the client went away meanwhile
                limit_kernel_buffer(transport)
                await self._serve(
                    Connection(ws, transport, self._hub, self._settings, self._board_exists), keys
                )
            return ws

    async def run(self) -> None:
        """One heartbeat for all sockets, until cancelled."""
        step_s = min(1.0, self._settings.websocket_ping_s / 5, self._settings.websocket_pong_s / 5)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(step_s)
            for index, connection in enumerate(tuple(self._connections)):
                connection.beat(loop.time())
                if index % BATCH == BATCH - 1:
                    await asyncio.sleep(0)

    async def drain(self) -> None:
        """Refuses new clients and dismisses those here, each batch with its own time to return.

        Takes at most `drain_s`; whoever has not gone by then is cut off.
        """
        self._is_draining = True
        if not self._connections:
            return
        self._is_empty.clear()
        try:
            async with asyncio.timeout(self._settings.drain_s):
                await self._dismiss_all()
                await self._is_empty.wait()
        except TimeoutError:
            for connection in self._connections:
                connection.cut()

    async def _dismiss_all(self) -> None:
        remaining = tuple(self._connections)
        for start in range(0, len(remaining), BATCH):
            earliest_ms = RETURN_WINDOW_MS * (1 + start // BATCH)
            window_ms = (earliest_ms, earliest_ms + RETURN_WINDOW_MS)
            bye = encode_frame(Bye(code=CloseCode.DRAIN, reconnect_in_ms=window_ms))
            for connection in remaining[start : start + BATCH]:
                connection.send(bye)
                connection.close(CloseCode.DRAIN)
            await asyncio.sleep(0)

    async def _upgrade(self, request: web.Request) -> web.WebSocketResponse:
        offered = request.headers.get("Sec-WebSocket-Protocol")
        if offered is not None and SUBPROTOCOL not in map(str.strip, offered.split(",")):
            raise InvalidPayload.in_header(
                "Sec-WebSocket-Protocol", f"The one subprotocol spoken here is {SUBPROTOCOL}."
            )
        ws = web.WebSocketResponse(
            timeout=CLOSE_GRACE_S,
            autoping=False,
            protocols=(SUBPROTOCOL,),
            compress=False,
            autoclose=False,  # CLOSE would be said twice where this side began
            # aiohttp refuses what is as large as its limit, we what is larger than ours.
            max_msg_size=self._settings.websocket_frame_max_bytes + 1,
        )
        try:
            await ws.prepare(request)
        except web.HTTPBadRequest as error:
            raise InvalidPayload.in_header(
                "Upgrade", "This address takes WebSocket handshakes only."
            ) from error
        return ws

    async def _serve(self, connection: Connection, keys: tuple[ViewKey, ...]) -> None:
        self._connections[connection] = None
        self._metrics.sockets.inc()
        try:
            for key in keys:
                self._hub.subscribe(connection.subscriber, key)
            if self._is_draining:  # began while this handshake was under way
                connection.close(CloseCode.DRAIN)
            await connection.serve()
        finally:
            del self._connections[connection]
            self._metrics.sockets.dec()
            self._metrics.sockets_closed.labels(code=label_close(connection.code)).inc()
            if not self._connections:
                self._is_empty.set()
