"""A TCP proxy that tests cut, stop and bring back: an outage that only its user sees."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
PATIENCE_S = 15.0


class Proxy:
    """Forwards from a port of its own, or the Unix socket `path`, to the server of a URL."""

    def __init__(
        self, target: str, *, path: Path | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.port = 0
        self.accepted = 0
        self.sent = b""
        self._target = urlsplit(target)
        self._path = path
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._heard = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.restore()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def restore(self) -> None:
        """Listen, at the same port as before."""
        self._flowing.set()
        if self._path:
            self._server = await asyncio.start_unix_server(self._accept, self._path)
        else:
            self._server = await asyncio.start_server(
                self._accept, "127.0.0.1", self.port, ssl=self._tls
            )
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close the port and every connection."""
        assert self._server
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def pause(self) -> None:
        """Forward nothing, as a stopped process would; connections stay open."""
        self._flowing.clear()

    def resume(self) -> None:
        """Forward again, also what came meanwhile."""
        self._flowing.set()

    async def wait_until_sent(self, what: bytes, times: int) -> None:
        """Return when clients have sent `what` that often."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(lambda: self.sent.count(what) >= times)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closing(writer):
            back_reader, back_writer = await self._connect()
            async with _closing(back_writer):
                await self._forward_both((reader, back_writer), (back_reader, writer))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._target.scheme == "unix":
            return await asyncio.open_unix_connection(self._target.path)
        return await asyncio.open_connection(self._target.hostname, self._target.port)

    async def _forward_both(
        self,
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        back: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        ways = [
            asyncio.ensure_future(self._forward(*there, listen=True)),
            asyncio.ensure_future(self._forward(*back, listen=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, listen: bool
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            if listen:
                await self._hear(data)
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()

    async def _hear(self, data: bytes) -> None:
        self.sent += data
        async with self._heard:
            self._heard.notify_all()


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
