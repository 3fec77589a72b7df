"""What the composition root sees: one gateway, two transports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from scoreboard.gateway.admission import BoardExists
from scoreboard.gateway.clients import Clients
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.sse import EventStreamRoutes
from scoreboard.gateway.websocket import WebSocketRoutes
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics


class Gateway:
    """`/ws` and `/sse`, whose clients share seats, heartbeat and farewell."""

    def __init__(
        self,
        hub: Hub,
        settings: Settings,
        metrics: Metrics,
        board_exists: BoardExists,
        client_ip: Callable[[web.Request], str],
    ) -> None:
        self._clients = Clients(settings, metrics, client_ip)
        self._routes = (
            WebSocketRoutes(hub, settings, board_exists, self._clients),
            EventStreamRoutes(hub, settings, board_exists, self._clients),
        )
        self.run = self._clients.run
        self.drain = self._clients.drain

    def add_routes(self, app: web.Application) -> None:
        """Serves both on the app."""
        for routes in self._routes:
            routes.add_to(app)
