"""A WebSocket client that does only what it is told: it may not read, nor answer a PING."""

from __future__ import annotations

import asyncio
import socket
import struct

from tests.gateway.service import HANDSHAKE, PATIENCE_S, Service

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
SMALL_BUFFER_BYTES = 4096


def masked(opcode: int, payload: bytes = b"") -> bytes:
    """A short frame, masked with zeros."""
    return struct.pack("!BB4x", 0x80 | opcode, 0x80 | len(payload)) + payload


class RawClient:
    """Use `await RawClient.open(service, query)`. Frames of a server are never masked."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._received = b""

    @classmethod
    async def open(cls, service: Service, query: str = "", early: bytes = b"") -> RawClient:
        """Connects with a small receive buffer and completes the handshake.

        `early` is sent with the request, before its answer.
        """
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        peer.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(peer, (service.server.host, service.server.port))
        lines = [f"GET /ws{query} HTTP/1.1", "Host: test"]
        lines += [f"{name}: {value}" for name, value in HANDSHAKE.items()]
        await loop.sock_sendall(peer, "\r\n".join([*lines, "", ""]).encode() + early)
        client = cls(peer)
        await client._read_head()
        return client

    async def frame(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. Raises EOFError at the end."""
        first, size = await self._take(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self._take(2))
        return first & 0x0F, await self._take(size)

    async def send(self, opcode: int, payload: bytes = b"") -> None:
        """Sends a short frame."""
        await self.send_bytes(masked(opcode, payload))

    async def send_bytes(self, data: bytes) -> None:
        """Sends whatever it is, in one piece."""
        await asyncio.get_running_loop().sock_sendall(self._peer, data)

    def close(self) -> None:
        """Cuts the connection."""
        self._peer.close()

    async def _read_head(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await self._take(1)
        assert head.startswith(b"HTTP/1.1 101")

    async def _take(self, size: int) -> bytes:
        loop = asyncio.get_running_loop()
        while len(self._received) < size:
            async with asyncio.timeout(PATIENCE_S):
                chunk = await loop.sock_recv(self._peer, 65_536)
            if not chunk:
                raise EOFError
            self._received += chunk
        taken, self._received = self._received[:size], self._received[size:]
        return taken
