"""`GET /ws`: WebSockets, from the request on."""

from __future__ import annotations

from aiohttp import web

from scoreboard.gateway.asking import Asked, read_asked
from scoreboard.gateway.clients import Clients
from scoreboard.gateway.connection import Connection
from scoreboard.gateway.handshake import Left, accept, take_transport
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
        """The handshake; the connection lives on without it. Raises a Refusal before it only."""
        address = self._clients.admit(request)
        has_begun = False
        try:
            asked = await read_asked(request, self._sources)
            head = accept(request)
            await self._clients.turn()  # not for what is refused anyway
            has_begun = self._begin(request, head, address, asked)
        finally:
            if not has_begun:
                self._clients.release(address)
        return Left()

    def _begin(self, request: web.Request, head: bytes, address: str, asked: Asked) -> bool:
        taken = take_transport(request)
        if taken is None:
            return False
        transport, unread = taken
        limit_kernel_buffer(transport)
        connection = Connection(transport, address, self._sources, self._settings, self._lost)
        transport.set_protocol(connection)
        transport.write(head)
        self._clients.enter(connection, lambda: asked.show(connection.viewing))
        if unread:
            connection.data_received(unread)
        transport.resume_reading()
        return True

    def _lost(self, connection: Connection) -> None:
        self._clients.leave(connection)
        self._clients.release(connection.address)
