"""One event stream: what it is told, and how its end is noticed."""

from __future__ import annotations

import asyncio
import secrets

from scoreboard.domain.frames import Bye, encode_frame
from scoreboard.gateway.codes import CloseCode
from scoreboard.gateway.connection import CLOSE_GRACE_S
from scoreboard.gateway.sse_framing import HEARTBEAT, data_event, retry_field, view_event
from scoreboard.gateway.subscriber import Subscriber
from scoreboard.gateway.viewing import Sources, Viewing
from scoreboard.settings import Settings

RETRY_MS = (1000, 3000)
"""When clients of an instance that died come back: each at its own moment in between."""

GONE = 1001
"""A client that left: the WebSocket's word for it, since both are counted together."""


class Stream:
    """An SSE client after its head was sent. It is also what the protocol feeds: see `serve`."""

    def __init__(self, transport: asyncio.Transport, sources: Sources, settings: Settings) -> None:
        self._ping_s = settings.websocket_ping_s
        self._buffer_max_bytes = settings.websocket_buffer_max_bytes
        self._gone = asyncio.Event()
        self._ping_due_s = asyncio.get_running_loop().time() + self._ping_s
        self._cut_timer: asyncio.TimerHandle | None = None
        self.transport = transport
        self.viewing = Viewing(Subscriber(transport, view_event, self.send, self.close), sources)
        self.code: int | None = None

    def greet(self) -> None:
        """Tells the client that it is connected, and when to come back should it be lost."""
        self.transport.write(retry_field(_within(RETRY_MS)) + b"\n")

    async def serve(self) -> None:
        """Until the connection is lost, which `feed_eof` tells."""
        try:
            await self._gone.wait()
        finally:
            self.viewing.leave()
            if self._cut_timer is not None:
                self._cut_timer.cancel()
            if self.code is None:
                self.code = GONE

    def send(self, payload: bytes) -> None:
        """Writes one JSON text to this client alone."""
        if self.code is not None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > self._buffer_max_bytes:
            self.close(CloseCode.SLOW)
            return
        self.transport.write(data_event(payload))

    def dismiss(self, bye: Bye) -> None:
        """Says `bye`, with a time to return of this client's own, and ends the stream."""
        if self.code is None and not self.transport.is_closing():
            self.transport.write(data_event(encode_frame(bye), _within(bye.reconnect_in_ms)))
        self.close(CloseCode.DRAIN)

    def close(self, code: CloseCode) -> None:
        """Ends the stream; the first code counts. Who does not read is not waited for long."""
        if self.code is not None:
            return
        self.code = code
        self.viewing.leave()
        self.transport.close()
        self._cut_timer = asyncio.get_running_loop().call_later(CLOSE_GRACE_S, self.cut)

    def cut(self) -> None:
        """Ends the connection now; unsent bytes are dropped."""
        self.transport.abort()

    def beat(self, now_s: float) -> None:
        """One turn of the heartbeat. Who has not read what was sent needs no further sign."""
        if self.viewing.is_expired:
            self.close(CloseCode.TOKEN_EXPIRED)
        if now_s < self._ping_due_s or self.transport.is_closing():
            return
        self._ping_due_s = now_s + self._ping_s
        if not self.transport.get_write_buffer_size():
            self.transport.write(HEARTBEAT)

    def feed_data(self, _data: bytes) -> tuple[bool, bytes]:
        """Takes the place of the HTTP parser: drops what the client says."""
        return False, b""

    def feed_eof(self) -> None:
        """The connection is lost."""
        self._gone.set()


def _within(range_ms: tuple[int, int]) -> int:
    earliest_ms, latest_ms = range_ms
    return earliest_ms + secrets.randbelow(latest_ms - earliest_ms + 1)
