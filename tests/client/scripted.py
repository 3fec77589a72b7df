"""A small server for which a test speaks: WebSockets, and answers to requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer, unused_port

from scoreboard.client.frames import SUBPROTOCOL

PATIENCE_S = 10.0

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Peer:
    """The server's end of one WebSocket."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.query = request.query
        self._request = request
        self._ws = ws
        self._heard: asyncio.Queue[Json | None] = asyncio.Queue()

    async def say(self, **frame: object) -> None:
        """Sends a frame."""
        await self._ws.send_json(frame)

    async def say_text(self, text: str) -> None:
        """Sends a text as it is."""
        await self._ws.send_str(text)

    async def heard(self) -> Json | None:
        """The next frame of the client, None once it is gone."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._heard.get()

    async def close(self, code: int) -> None:
        """Ends the connection as the protocol knows it."""
        await self._ws.close(code=code)

    def cut(self) -> None:
        """Loses the connection."""
        assert self._request.transport is not None
        self._request.transport.abort()

    async def listen(self) -> None:
        """Until the client is gone."""
        try:
            async for message in self._ws:
                if message.type is WSMsgType.TEXT:
                    self._heard.put_nowait(json.loads(message.data))
        finally:
            self._heard.put_nowait(None)


class Script:
    """A server at `url`. `refusals` answer handshakes before one is taken."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.refusals: list[web.Response] = []
        self._port = port
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._server: TestServer | None = None

    async def peer(self) -> Peer:
        """The next connection."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._peers.get()

    async def start(self) -> None:
        """Takes connections, at the same port each time."""
        app = web.Application()
        app.router.add_get("/ws", self._handle)
        self._server = TestServer(app, port=self._port)
        await self._server.start_server(shutdown_timeout=0.1)

    async def stop(self) -> None:
        """Goes away, with every connection."""
        assert self._server is not None
        await self._server.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self.refusals:
            return self.refusals.pop(0)
        ws = web.WebSocketResponse(protocols=(SUBPROTOCOL,))
        await ws.prepare(request)
        peer = Peer(request, ws)
        self._peers.put_nowait(peer)
        await peer.listen()
        return ws


@asynccontextmanager
async def script() -> AsyncIterator[Script]:
    """A server that is there while the block lasts."""
    made = Script(unused_port())
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def answering(handle: Handler) -> AsyncIterator[str]:
    """Where every request is answered by `handle`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()
