"""One client of the hub, whatever the transport: where bytes go and how it is ended."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from scoreboard.bus.protocol import ViewMessage
from scoreboard.gateway.codes import CloseCode

if TYPE_CHECKING:
    from scoreboard.gateway.channel import Channel

NOTSENT_LOWAT_BYTES = 16_384
"""What the kernel may hold unsent. Without it, it takes megabytes before a slow client shows."""

Encode = Callable[[ViewMessage], bytes]
"""Wraps a view for one transport. Compared by identity: each transport has exactly one."""


class Subscriber:
    """A client as the hub sees it. `end` closes it with a code; it may be called repeatedly."""

    __slots__ = ("channels", "encode", "end", "transport")

    def __init__(
        self, transport: asyncio.Transport, encode: Encode, end: Callable[[CloseCode], None]
    ) -> None:
        self.transport = transport
        self.encode = encode
        self.end = end
        self.channels: set[Channel] = set()


def limit_kernel_buffer(transport: asyncio.Transport) -> None:
    """Keeps stale frames out of the kernel, where the system offers that (Linux, macOS)."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    peer: socket.socket | None = transport.get_extra_info("socket")
    if option is None or peer is None or peer.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with suppress(OSError):  # the peer may be gone already
        peer.setsockopt(socket.IPPROTO_TCP, option, NOTSENT_LOWAT_BYTES)
