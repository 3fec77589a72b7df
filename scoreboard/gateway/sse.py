"""`GET /sse`: the twin of `/ws` for `EventSource`.

The body ends with the connection instead of being chunked. Every HTTP version reads it so, and a
view is encoded once for all of them; nobody would reuse a connection that lives for hours.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from aiohttp import web

from scoreboard.domain.errors import InvalidPayload
from scoreboard.gateway.asking import Asked, read_asked
from scoreboard.gateway.clients import Clients
from scoreboard.gateway.sse_framing import read_id
from scoreboard.gateway.stream import Stream
from scoreboard.gateway.subscriber import limit_kernel_buffer, limit_silence
from scoreboard.gateway.viewing import Sources
from scoreboard.settings import Settings


class _EventStreamResponse(web.StreamResponse):
    """A head without a length, which aiohttp would otherwise chunk; as its WebSockets do it."""

    _length_check = False


class EventStreamRoutes:
    """Makes requests into event streams."""

    def __init__(self, sources: Sources, settings: Settings, clients: Clients) -> None:
        self._sources = sources
        self._settings = settings
        self._clients = clients

    def add_to(self, app: web.Application) -> None:
        """Serves `/sse` on the app."""
        app.router.add_get("/sse", self.handle, allow_head=False)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One client from request to end. Raises a Refusal before the head only."""
        address = self._clients.admit(request)
        try:
            asked = await read_asked(request, self._sources)
            if not asked.keys:
                raise InvalidPayload.in_parameter(
                    "view", "Name a view: nothing can be subscribed to later."
                )
            await self._clients.turn()  # not for what is refused anyway
            response = await self._open(request)
            transport = request.transport
            if transport is not None:  # else the client went away meanwhile
                await self._serve(request, self._attach(request, transport), asked)
            return response
        finally:
            self._clients.release(address)

    async def _serve(self, request: web.Request, stream: Stream, asked: Asked) -> None:
        known = read_id(request.headers.get("Last-Event-ID", ""))

        def begin() -> None:
            stream.greet()
            asked.show(stream.viewing, known)

        self._clients.enter(stream, begin)
        try:
            await stream.serve()
        finally:
            self._clients.leave(stream)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        response = _EventStreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would hold events back
                "X-Content-Type-Options": "nosniff",
                "Server": "scoreboard",
                "Vary": "Origin",
            }
        )
        origin = request.headers.get("Origin")
        if origin is not None:  # and it was let in
            response.headers["Access-Control-Allow-Origin"] = origin
        response.force_close()
        await response.prepare(request)
        return response

    def _attach(self, request: web.Request, transport: asyncio.Transport) -> Stream:
        limit_kernel_buffer(transport)
        # No answer is asked for: only unacknowledged bytes tell of a client that vanished.
        limit_silence(transport, self._settings.websocket_ping_s + self._settings.websocket_pong_s)
        stream = Stream(transport, self._sources, self._settings)
        # The protocol tells whoever parses that the connection is lost; handlers it does not tell.
        request.protocol.set_parser(cast("Any", stream))  # declared for WebSockets only
        return stream
