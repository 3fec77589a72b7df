"""One event stream: what it is told, and how its end is noticed."""

from __future__ import annotations

import asyncio
import secrets

from scoreboard.domain.frames import Bye, encode_frame
from scoreboard.gateway.channel import Position
from scoreboard.gateway.codes import CloseCode
from scoreboard.gateway.connection import CLOSE_GRACE_S
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.sse_framing import HEARTBEAT, data_event, retry_field, view_event
from scoreboard.gateway.subscriber import Subscriber, ViewKey
from scoreboard.settings import Settings

RETRY_MS = (1000, 3000)
"""When clients of an instance that died come back: each at its own moment in between."""

GONE = 1001
"""A client that left: the WebSocket's word for it, since both are counted together."""


class Stream:
    """An SSE client after its head was sent. It is also what the protocol feeds: see `serve`."""

    def __init__(self, transport: asyncio.Transport, hub: Hub, settings: Settings) -> None:
        self._hub = hub
        self._ping_s = settings.websocket_ping_s
        self._gone = asyncio.Event()
        self._ping_due_s = asyncio.get_running_loop().time() + self._ping_s
        self._cut_timer: asyncio.TimerHandle | None = None
        self.transport = transport
        self.subscriber = Subscriber(transport, view_event, self.close)
        self.code: int | None = None

    def show(self, keys: tuple[ViewKey, ...], known: tuple[ViewKey, Position] | None) -> None:
        """Begins; `known` is the one version that the client has, if any."""
        # The empty event ends the field and tells the client at once that it is connected.
        self.transport.write(retry_field(_within(RETRY_MS)) + b"\n")
        for key in keys:
            has_key = known is not None and known[0] == key
            self._hub.subscribe(self.subscriber, key, known[1] if known and has_key else None)

    async def serve(self) -> None:
        """Until the connection is lost, which `feed_eof` tells."""
        try:
            await self._gone.wait()
        finally:
            self._hub.leave(self.subscriber)
            if self._cut_timer is not None:
                self._cut_timer.cancel()
            if self.code is None:
                self.code = GONE

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
        self._hub.leave(self.subscriber)
        self.transport.close()
        self._cut_timer = asyncio.get_running_loop().call_later(CLOSE_GRACE_S, self.cut)

    def cut(self) -> None:
        """Ends the connection now; unsent bytes are dropped."""
        self.transport.abort()

    def beat(self, now_s: float) -> None:
        """One turn of the heartbeat. Who has not read what was sent needs no further sign."""
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
