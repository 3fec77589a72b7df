"""One client of the hub, whatever the transport: where bytes go and how it is ended."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import ViewKey
from scoreboard.gateway.codes import CloseCode

NOTSENT_LOWAT_BYTES = 16_384
"""What the kernel may hold unsent. Without it, it takes megabytes before a slow client shows."""

Encode = Callable[[ViewMessage, bytes], bytes]
"""Wraps the JSON that shows a view's version for one transport, which has exactly one of these."""


class Subscriber:
    """A client as the hub sees it.

    `send` writes one JSON text to it alone. `end` closes it with a code; it may be called
    repeatedly.
    """

    __slots__ = ("encode", "end", "send", "transport", "views")

    def __init__(
        self,
        transport: asyncio.Transport,
        encode: Encode,
        send: Callable[[bytes], None],
        end: Callable[[CloseCode], None],
    ) -> None:
        self.transport = transport
        self.encode = encode
        self.send = send
        self.end = end
        self.views: set[ViewKey] = set()


def limit_kernel_buffer(transport: asyncio.Transport) -> None:
    """Keeps stale frames out of the kernel, where the system offers that (Linux, macOS)."""
    _set_tcp_option(transport, "TCP_NOTSENT_LOWAT", NOTSENT_LOWAT_BYTES)


def limit_silence(transport: asyncio.Transport, longest_s: float) -> None:
    """Ends a connection whose peer acknowledges nothing for so long (Linux)."""
    _set_tcp_option(transport, "TCP_USER_TIMEOUT", round(longest_s * 1000))


def _set_tcp_option(transport: asyncio.Transport, name: str, value: int) -> None:
    option = getattr(socket, name, None)
    peer: socket.socket | None = transport.get_extra_info("socket")
    if option is None or peer is None or peer.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with suppress(OSError):  # the peer may be gone already
        peer.setsockopt(socket.IPPROTO_TCP, option, value)
