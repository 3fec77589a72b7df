"""Screens: many WebSockets that note when each list arrived, and do nothing else with it."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

HANDSHAKE = (
    b"GET /ws?view=top:10 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
TEXT, PING = 1, 9
PONG = b"\x8a\x80\x00\x00\x00\x00"
SHORT_MAX, TWO_BYTES = 125, 126
OPENING_MAX = 50
READY_S = 60.0
LOOK_S = 0.01


class Entry(msgspec.Struct):
    """A line of a list, as far as it is looked at."""

    score: int


class Shown(msgspec.Struct):
    """A list; its first entry is the leader."""

    entries: list[Entry]


class Screens:
    """Arrivals of every different frame, in Unix seconds, by the frame's bytes."""

    def __init__(self) -> None:
        self.arrivals: dict[bytes, list[float]] = defaultdict(list)
        self.connected = 0
        self.lost = 0
        self._transports: list[asyncio.BaseTransport] = []

    @property
    def deliveries(self) -> int:
        """Frames that have arrived, all screens together."""
        return sum(map(len, self.arrivals.values()))

    async def open(self, port: int, count: int) -> None:
        """Returns once each has been upgraded. Raises TimeoutError."""
        turns = asyncio.Semaphore(OPENING_MAX)
        loop = asyncio.get_running_loop()

        async def open_one() -> None:
            async with turns:
                transport, _ = await loop.create_connection(
                    lambda: _Screen(self), "127.0.0.1", port
                )
            self._transports.append(transport)

        await asyncio.gather(*(open_one() for _ in range(count)))
        async with asyncio.timeout(READY_S):
            while self.connected < count:  # noqa: ASYNC110 - an event for each would cost
                await asyncio.sleep(LOOK_S)

    def close(self) -> None:
        """Cuts every connection."""
        for each in self._transports:
            each.close()

    def latencies_s(self, commits: Sequence[tuple[int, datetime]]) -> list[float]:
        """Commit → screen, for every screen that a committed score of the leader came to.

        `commits` are (score, time) of his events, growing. A list shows all up to its own score.
        """
        shown = sorted(
            (msgspec.json.decode(frame, type=Shown).entries[0].score, arrivals)
            for frame, arrivals in self.arrivals.items()
            if msgspec.json.decode(frame, type=Shown).entries
        )
        found: list[float] = []
        lists = iter(shown)
        score, arrivals = next(lists, (-1, []))
        for committed, at in commits:
            while score < committed:
                score, arrivals = next(lists, (committed, []))
            found += [arrival - at.timestamp() for arrival in arrivals]
        return found


class _Screen(asyncio.Protocol):
    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._received = b""
        self._is_upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if not self._is_upgraded:
            head, found, received = received.partition(b"\r\n\r\n")
            if not found:
                self._received = head
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_upgraded = True
            self._screens.connected += 1
        now_s = time.time()
        while (frame := split_frame(received)) is not None:
            opcode, payload, received = frame
            if opcode == TEXT:
                self._screens.arrivals[payload].append(now_s)
            elif opcode == PING:
                self._transport.write(PONG)
        self._received = received

    def connection_lost(self, exc: Exception | None) -> None:
        self._screens.lost += 1


def split_frame(received: bytes) -> tuple[int, bytes, bytes] | None:
    """(opcode, payload, rest) of a server's frame, None while some of it is missing."""
    if len(received) < 2:  # noqa: PLR2004 - a head
        return None
    start, size = 2, received[1]
    if size > SHORT_MAX:
        start, form = (4, "!H") if size == TWO_BYTES else (10, "!Q")
        if len(received) < start:
            return None
        (size,) = struct.unpack(form, received[2:start])
    end = start + size
    if len(received) < end:
        return None
    return received[0] & 0x0F, received[start:end], received[end:]
