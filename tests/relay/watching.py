"""What others see of the relay: services that consume updates, and watchers of a view."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aiohttp import ClientWebSocketResponse

from scoreboard.bus import topology
from tests.harness import Scoreboard
from tests.screen import Screen

PATIENCE_S = 20.0


class Watcher:
    """A client of `/ws` that waits with patience."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._screen = Screen()
        self.lists: list[dict[str, Any]] = []
        """Every list that was shown: epoch, version, entries."""

    async def list(self) -> dict[str, Any]:
        """The next list."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._screen.apply(json.loads(await self._socket.receive_str())):
                pass
        assert self._screen.position is not None
        epoch, version = self._screen.position
        shown = {"epoch": epoch, "version": version, "entries": self._screen.entries}
        self.lists.append(shown)
        return shown

    async def until_scores(self, *scores: int) -> dict[str, Any]:
        """The first list that shows exactly these."""
        while True:
            shown = await self.list()
            if [entry["score"] for entry in shown["entries"]] == list(scores):
                return shown


@asynccontextmanager
async def watching(scoreboard: Scoreboard, query: str = "view=top:10") -> AsyncIterator[Watcher]:
    """A watcher that has its first list, and whose versions never go back."""
    async with scoreboard.session.ws_connect(f"{scoreboard.url}/ws?{query}") as socket:
        watcher = Watcher(socket)
        await watcher.list()
        yield watcher
    assert len({shown["epoch"] for shown in watcher.lists}) == 1


class Consumer:
    """Another service that consumes updates."""

    def __init__(self, queue: aio_pika.abc.AbstractQueue) -> None:
        self._queue = queue

    async def take(self, count: int) -> list[AbstractIncomingMessage]:
        """The next messages."""
        async with asyncio.timeout(PATIENCE_S), self._queue.iterator(no_ack=True) as messages:
            return [await anext(messages) for _ in range(count)]

    async def get(self) -> AbstractIncomingMessage | None:
        """The next message that has come already; None where none has."""
        return await self._queue.get(no_ack=True, fail=False)


@asynccontextmanager
async def consuming(amqp_url: str, key: str = "#") -> AsyncIterator[Consumer]:
    """A consumer from now on; it may begin before any instance has run."""
    connection = await aio_pika.connect(amqp_url)
    async with connection, connection.channel() as channel:
        kind = aio_pika.ExchangeType(topology.EXCHANGES[topology.UPDATES])
        exchange = await channel.declare_exchange(topology.UPDATES, kind, durable=True)
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange, key)
        yield Consumer(queue)
