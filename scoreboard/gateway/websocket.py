"""`GET /ws`: the handshake."""

from __future__ import annotations

from aiohttp import web

from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.frames import SUBPROTOCOL
from scoreboard.gateway.asking import read_asked
from scoreboard.gateway.clients import Clients
from scoreboard.gateway.connection import CLOSE_GRACE_S, Connection
from scoreboard.gateway.subscriber import limit_kernel_buffer
from scoreboard.gateway.viewing import Sources
from scoreboard.settings import Settings


class WebSocketRoutes:
    """Makes requests into WebSockets."""

    def __init__(self, sources: Sources, settings: Settings, clients: Clients) -> None:
        self._sources = sources
        self._settings = settings
        self._clients = clients

    def add_to(self, app: web.Application) -> None:
        """Serves `/ws` on the app."""
        app.router.add_get("/ws", self.handle, allow_head=False)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One client from handshake to end. Raises a Refusal before the upgrade only."""
        with self._clients.admit(request):
            asked = await read_asked(request, self._sources)
            ws = await self._upgrade(request)
            transport = request.transport
            if transport is not None:  # else the client went away meanwhile
                limit_kernel_buffer(transport)
                connection = Connection(ws, transport, self._sources, self._settings)
                await self._clients.serve(connection, lambda: asked.show(connection.viewing))
            return ws

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
