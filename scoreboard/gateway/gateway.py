"""What the composition root sees: one gateway, two transports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from scoreboard.gateway.clients import Clients
from scoreboard.gateway.sse import EventStreamRoutes
from scoreboard.gateway.viewing import Sources
from scoreboard.gateway.websocket import WebSocketRoutes
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics


class Gateway:
    """`/ws` and `/sse`, whose clients share seats, heartbeat and farewell."""

    def __init__(
        self,
        sources: Sources,
        settings: Settings,
        metrics: Metrics,
        client_ip: Callable[[web.Request], str],
    ) -> None:
        self._clients = Clients(settings, metrics, client_ip)
        self._routes = (
            WebSocketRoutes(sources, settings, self._clients),
            EventStreamRoutes(sources, settings, self._clients),
        )
        self._sources = sources
        self.drain = self._clients.drain

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._clients.run())
            tasks.create_task(self._sources.hub.run())
            tasks.create_task(self._sources.following.run())

    def add_routes(self, app: web.Application) -> None:
        """Serves both on the app."""
        for routes in self._routes:
            routes.add_to(app)
