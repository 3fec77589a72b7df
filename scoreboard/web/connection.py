"""aiohttp's connection, with an express lane beside the usual way, and a time limit for heads."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader


class Lane(Protocol):
    """Answers some requests without a task, a request object and a response object for each."""

    def take(
        self, connection: Connection, message: RawRequestMessage, payload: StreamReader
    ) -> bool:
        """Whether it answers this one, by `answer`, once; if not, the usual way does."""


class Connection(web.RequestHandler):
    """One client's connection.

    Parser, keep-alive, limits and everything out of the ordinary are aiohttp's. Only a request that
    has arrived whole, while no other is under way, is shown to the lane first; until that one is
    answered, nothing more is read. aiohttp's own names begin with an underscore here: tests walk
    each of them, and pyproject.toml holds the version.

    Who connects and says nothing, or sends his head a byte at a time, is cut off after
    `head_timeout_s`; aiohttp would wait as long as between two requests.
    """

    __slots__ = (
        "_head_timeout_s",
        "_head_timer",
        "_held",
        "_is_ending",
        "_lane",
        "_taken",
        "remote",
    )

    def __init__(
        self, lane: Lane | None, head_timeout_s: float, manager: web.Server, **options: Any
    ) -> None:
        super().__init__(manager, **options)
        self._lane = lane
        self._head_timeout_s = head_timeout_s
        self._head_timer: asyncio.TimerHandle | None = None
        self._taken = False
        self._held = b""
        self._is_ending = False
        self.remote: str | None = None
        """The peer's address."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The peer is known from now on."""
        peer = transport.get_extra_info("peername")
        self.remote = str(peer[0] if isinstance(peer, (list, tuple)) else peer)
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing more is awaited."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses; what the lane does not take is handled as aiohttp does."""
        if self._taken:
            self._hold(data)
            return
        waiter = self._waiter
        if waiter is None or waiter.done() or self._messages or self.writing_paused:
            super().data_received(data)
            if self._messages:
                self._end_head()
            return
        self._waiter = None  # so that aiohttp's task sleeps on until the lane has looked
        try:
            super().data_received(data)
        finally:
            self._waiter = waiter
        if not self._messages:
            self._await_head()
            return
        self._end_head()
        if not self._offer() and not waiter.done():
            waiter.set_result(None)

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: FBT001, FBT002 - aiohttp's
        """Called when a body has been read, and then only where reading was paused for it."""
        if self._reading_paused or not self._taken:
            super().resume_reading(resume_parser)

    def answer(self, response: bytes) -> None:
        """Ends the request that was taken."""
        if self.transport is not None:
            self.transport.write(response)
            # As after every answer: the time of silence begins.
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        self._taken = False
        if self._held and self.transport is not None:
            held, self._held = self._held, b""
            self.transport.resume_reading()
            self.data_received(held)
        if self._is_ending and not self._taken:
            super().close()

    def close(self) -> None:
        """No further requests; the one that was taken is answered first, and `shutdown` waits."""
        self._is_ending = True
        if not self._taken:
            super().close()

    def _offer(self) -> bool:
        message, payload = self._messages[0]
        if (
            self._lane is None
            or len(self._messages) > 1
            or not isinstance(message, RawRequestMessage)
            or not payload.is_eof()
            or message.should_close
            or message.upgrade
            or message.chunked
        ):
            return False
        self._taken = True  # before it looks: it may answer at once
        if not self._lane.take(self, message, payload):
            self._taken = False
            return False
        self._messages.clear()
        assert self._parser is not None
        self._parser.message_consumed()
        return True

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self._loop.call_later(self._head_timeout_s, self.force_close)

    def _end_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _process_keepalive(self) -> None:
        if self._taken:  # it seems silent only to aiohttp
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        super()._process_keepalive()

    def _hold(self, data: bytes) -> None:
        self._held += data
        if self.transport is not None:
            self.transport.pause_reading()


class LaneServer(web.Server):
    """Makes such a connection for each client of an aiohttp server."""

    def __init__(self, server: web.Server, lane: Lane | None, head_timeout_s: float) -> None:
        """`server` as aiohttp has built it for an application."""
        super().__init__(
            server.request_handler,
            request_factory=server.request_factory,
            handler_cancellation=server.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **server._kwargs,  # noqa: SLF001 - as aiohttp would hand them on
        )
        self._lane = lane
        self._head_timeout_s = head_timeout_s

    def __call__(self) -> Connection:
        """A connection that is about to be made."""
        return Connection(self._lane, self._head_timeout_s, self, loop=self._loop, **self._kwargs)
