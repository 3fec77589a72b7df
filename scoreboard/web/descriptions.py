"""GET /openapi.json and GET /asyncapi.json: the descriptions of this interface."""

from __future__ import annotations

from importlib.resources import files

from aiohttp import web
from aiohttp.typedefs import Handler

CACHE_CONTROL = "public, max-age=300"
NAMES = ("openapi.json", "asyncapi.json")
"""OpenAPI 3.1 of what is asked and answered, AsyncAPI 3.0 of what is pushed."""


class DescriptionRoutes:
    """Serves the documents of this package as they are."""

    def add_to(self, app: web.Application) -> None:
        """Serves each under its name."""
        for name in NAMES:
            app.router.add_get(f"/{name}", _serving(name))


def _serving(name: str) -> Handler:
    document = files("scoreboard.web").joinpath(name).read_bytes()
    headers = {"Content-Type": "application/json", "Cache-Control": CACHE_CONTROL}

    async def read(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=document, headers=headers)

    return read
