"""An event stream's client that reads bytes, and only when it is told to."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.gateway.service import PATIENCE_S, Service

SMALL_BUFFER_BYTES = 4096
OWN_FIELDS = {"id", "retry", "data"}


@dataclass
class Event:
    """One event; `data` is parsed JSON, None where the event has none."""

    id: str | None = None
    retry_ms: int | None = None
    data: Any = None


@dataclass
class EventClient:
    """Use `async with listen(service, query)`. Has read the head and nothing else."""

    peer: socket.socket
    status: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    position: tuple[str, int] = ("", 0)
    _received: bytes = b""

    async def event(self) -> Event:
        """The next event, whatever it is. Raises EOFError at the end."""
        event = Event()
        for line in (await self._until(b"\n\n")).decode().split("\n"):
            name, _, value = line.partition(": ")
            assert name in OWN_FIELDS, line
            if name == "id":
                event.id = value
            elif name == "retry":
                event.retry_ms = int(value)
            else:
                event.data = json.loads(value)
        return event

    async def version(self) -> int:
        """The version of the next event, which must be a snapshot, or a delta from the last one."""
        event = await self.event()
        if event.data["type"] == "delta":
            assert (event.data["epoch"], event.data["base"]) == self.position
        else:
            assert event.data["type"] == "snapshot"
        self.position = (event.data["epoch"], event.data["version"])
        return int(event.data["version"])

    async def read_head(self) -> None:
        """The status line and the headers."""
        self.status, *lines = (await self._until(b"\r\n\r\n")).decode().split("\r\n")
        self.headers = dict(line.split(": ", 1) for line in lines)

    async def _until(self, mark: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        while mark not in self._received:
            async with asyncio.timeout(PATIENCE_S):
                chunk = await loop.sock_recv(self.peer, 65_536)
            if not chunk:
                raise EOFError
            self._received += chunk
        taken, _, self._received = self._received.partition(mark)
        return taken


@asynccontextmanager
async def listen(
    service: Service,
    query: str = "view=top:10",
    *,
    http: str = "1.1",
    more: bytes = b"",
    **headers: str,
) -> AsyncIterator[EventClient]:
    """A client with a small receive buffer; `more` is sent after its request."""
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        peer.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(peer, (service.server.host, service.server.port))
        lines = [f"GET /sse?{query} HTTP/{http}", "Host: test"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await loop.sock_sendall(peer, "\r\n".join([*lines, "", ""]).encode() + more)
        client = EventClient(peer)
        await client.read_head()
        yield client


@asynccontextmanager
async def greeted(service: Service, query: str = "view=top:10") -> AsyncIterator[EventClient]:
    """A client that was told when to come back, and has read nothing else."""
    async with listen(service, query) as client:
        assert (await client.event()).data is None
        yield client
