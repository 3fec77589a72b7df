"""From an HTTP request to a bare connection: the handshake of RFC 6455, and leaving aiohttp.

aiohttp would keep the request, its parser, two tasks and every frame of its handlers for as long as
the WebSocket lives. A watcher mostly listens; so after the handshake its transport is all that is
kept, and to aiohttp it is as if the client had gone.
"""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode, b64encode
from hashlib import sha1

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.frames import SUBPROTOCOL

VERSION = "13"
KEY_BYTES = 16
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Left(web.StreamResponse):
    """Tells aiohttp nothing more: whoever answers is not it."""

    def __init__(self) -> None:
        super().__init__(status=101)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Writes nothing."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Neither here."""


def accept(request: web.Request) -> bytes:
    """The head that answers a handshake. Raises InvalidPayload where the request is none."""
    headers = request.headers
    connection = headers.get("Connection", "").lower().split(",")
    if headers.get("Upgrade", "").strip().lower() != "websocket" or "upgrade" not in map(
        str.strip, connection
    ):
        raise InvalidPayload.in_header("Upgrade", "This address takes WebSocket handshakes only.")
    if headers.get("Sec-WebSocket-Version") != VERSION:
        raise InvalidPayload.in_header("Sec-WebSocket-Version", f"Must be {VERSION}.")
    key = headers.get("Sec-WebSocket-Key", "")
    _check_key(key)
    digest = sha1(key.encode() + _GUID, usedforsecurity=False).digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: upgrade",
        f"Sec-WebSocket-Accept: {b64encode(digest).decode()}",
        "Server: scoreboard",
    ]
    if _offers_subprotocol(request):
        lines.append(f"Sec-WebSocket-Protocol: {SUBPROTOCOL}")
    return "\r\n".join([*lines, "\r\n"]).encode()


def take_transport(request: web.Request) -> tuple[asyncio.Transport, bytes] | None:
    """(transport, bytes that came after the request); None where the client has gone already."""
    protocol = request.protocol
    transport = protocol.transport
    if transport is None or transport.is_closing():
        return None
    unread = protocol._message_tail  # noqa: SLF001 - what it would have fed to its own WebSocket
    protocol.transport = None  # so that it closes nothing
    protocol.connection_lost(None)
    return transport, unread


def _check_key(key: str) -> None:
    try:
        is_right = len(b64decode(key, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        is_right = False
    if not is_right:
        raise InvalidPayload.in_header("Sec-WebSocket-Key", f"Must be {KEY_BYTES} bytes in Base64.")


def _offers_subprotocol(request: web.Request) -> bool:
    offered = request.headers.get("Sec-WebSocket-Protocol")
    if offered is None:
        return False
    if SUBPROTOCOL not in map(str.strip, offered.split(",")):
        raise InvalidPayload.in_header(
            "Sec-WebSocket-Protocol", f"The one subprotocol spoken here is {SUBPROTOCOL}."
        )
    return True
