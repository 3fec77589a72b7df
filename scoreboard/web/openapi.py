"""GET /openapi.json: the description of this interface."""

from __future__ import annotations

from importlib.resources import files

from aiohttp import web

CACHE_CONTROL = "public, max-age=300"


class OpenApiRoutes:
    """Serves `openapi.json` of this package as it is."""

    def __init__(self) -> None:
        self._document = files("scoreboard.web").joinpath("openapi.json").read_bytes()

    def add_to(self, app: web.Application) -> None:
        """Serves the document."""
        app.router.add_get("/openapi.json", self.read)

    async def read(self, _request: web.Request) -> web.Response:
        """The document, OpenAPI 3.1."""
        return web.Response(
            body=self._document,
            headers={"Content-Type": "application/json", "Cache-Control": CACHE_CONTROL},
        )
