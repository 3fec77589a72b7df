"""The sockets under the driver of RabbitMQ."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakSet

from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from yarl import URL


class Sockets(TransportFactory):
    """Opens sockets for the driver and remembers them, so that none outlives its bus.

    The driver forgets a connection whose attempt is cancelled in the very moment it succeeds, and
    three of its tasks go on with it; they end with their socket. Nor does it give up a socket that
    a silent broker does not let it close.
    """

    def __init__(self) -> None:
        self._writers: WeakSet[asyncio.StreamWriter] = WeakSet()

    async def create(
        self, url: URL, **options: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connects to the host of an amqp:// or amqps:// URL, as the driver would itself."""
        factory = TLSTransportFactory() if url.scheme == "amqps" else TCPTransportFactory()
        reader, writer = await factory.create(url, **options)
        self._writers.add(writer)
        return reader, writer

    def abort(self) -> None:
        """Drops whatever is still open, unsent bytes included."""
        for writer in self._writers:
            writer.transport.abort()
