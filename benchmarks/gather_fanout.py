"""What most would write: each update to all WebSockets by `asyncio.gather`.

    python -m benchmarks.gather_fanout PORT

Whatever is posted to /publish goes to everybody on /ws. Nobody is skipped, and no memory bounded.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import WSMsgType, web


def main() -> None:
    """Serves on the port named first in argv until killed."""
    port = int(sys.argv[1])
    web.run_app(make_app(), host="127.0.0.1", port=port, access_log=None, print=None)


def make_app() -> web.Application:
    """Both addresses over one set of sockets."""
    sockets: set[web.WebSocketResponse] = set()

    async def watch(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            sockets.discard(socket)
        return socket

    async def publish(request: web.Request) -> web.Response:
        text = await request.text()
        await asyncio.gather(*(each.send_str(text) for each in sockets), return_exceptions=True)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_get("/ws", watch)
    app.router.add_post("/publish", publish)
    return app


if __name__ == "__main__":
    main()
