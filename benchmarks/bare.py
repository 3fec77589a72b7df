"""The floor: an aiohttp handler that reads the body and answers with a constant."""

from __future__ import annotations

import sys

from aiohttp import web

ANSWER = b'{"score":1000,"rank":10}'


async def _answer(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=ANSWER, content_type="application/json")


def main() -> None:
    """Serves on the port named first in argv until killed."""
    app = web.Application()
    app.router.add_post("/scores/increment", _answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
