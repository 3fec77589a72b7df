"""GET /healthz and GET /readyz, and the admin port's GET /metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ProbeRoutes:
    """What orchestrators and balancers ask."""

    def __init__(self, dependencies: Callable[[], dict[str, str]]) -> None:
        """`dependencies` tells how each one is: `up` or `down`."""
        self._dependencies = dependencies
        self.is_ready = True

    def add_to(self, app: web.Application) -> None:
        """Serves both probes."""
        app.router.add_get("/healthz", self.read_health)
        app.router.add_get("/readyz", self.read_readiness)

    async def read_health(self, _request: web.Request) -> web.Response:
        """200 whenever the event loop gets to it."""
        return _json(200, {"status": "alive"})

    async def read_readiness(self, _request: web.Request) -> web.Response:
        """200 from the start until draining. A dependency that is down changes only the body:
        it is down for every instance, and the balancer must not lose them all.
        """
        status = "ready" if self.is_ready else "draining"
        document = {"status": status, "dependencies": self._dependencies()}
        return _json(200 if self.is_ready else 503, document)


def admin_app(render_metrics: Callable[[], Awaitable[bytes]]) -> web.Application:
    """The app of the admin port."""

    async def read_metrics(_request: web.Request) -> web.Response:
        text = await render_metrics()
        return web.Response(body=text, headers={"Content-Type": METRICS_TYPE})

    app = web.Application()
    app.router.add_get("/metrics", read_metrics)
    return app


def _json(status: int, document: object) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(document),
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )
