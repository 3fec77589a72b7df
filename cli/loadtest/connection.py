"""One keep-alive connection that carries one request at a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol, cast

from cli.loadtest.answers import Answer, AnswerReader, NotHttp

if TYPE_CHECKING:
    from cli.loadtest.workload import Job


class Owner(Protocol):
    """Whoever sends over connections."""

    def answered(self, connection: Connection, job: Job, answer: Answer, now_s: float) -> None:
        """A request was answered; the connection may be used again unless it is the last."""

    def lost(self, connection: Connection, job: Job | None, code: str, now_s: float) -> None:
        """The connection is gone, and with it the answer to `job`."""


class Connection(asyncio.Protocol):
    """Sends requests and hands their answers to its owner.

    `seat` counts the connections of the plan from 0; one opened in place of another takes its seat.
    """

    def __init__(self, owner: Owner, seat: int) -> None:
        self.seat = seat
        self._owner = owner
        self._reader = AnswerReader()
        self._transport: asyncio.Transport | None = None
        self.job: Job | None = None

    @property
    def is_open(self) -> bool:
        """Whether a request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, job: Job) -> None:
        """Sends a request; nothing may be under way."""
        assert self._transport is not None
        assert self.job is None
        self.job = job
        job.sent_s = time.monotonic()
        self._transport.write(job.request)

    def close(self, code: str = "connection_lost") -> None:
        """Gives up the connection at once; a request under way fails by `code`."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
            self._lose(code)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """asyncio's."""
        try:
            answer = self._reader.feed(data)
        except NotHttp:
            self.close("bad_answer")
            return
        if answer is not None:
            self._finish(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's."""
        if self._transport is None:
            return  # given up by ourselves, and told
        self._transport = None
        answer = None if exc else self._reader.end()
        if answer is not None and self.job is not None:
            job, self.job = self.job, None
            self._owner.answered(self, job, answer, time.monotonic())
        else:
            self._lose("connection_lost")

    def _finish(self, answer: Answer) -> None:
        now_s = time.monotonic()
        job, self.job = self.job, None
        if job is None:
            self.close()  # an answer that nobody asked for, such as a 408 to an idle connection
            return
        if answer.is_last:
            transport, self._transport = self._transport, None
            assert transport is not None
            transport.close()
        self._owner.answered(self, job, answer, now_s)

    def _lose(self, code: str) -> None:
        job, self.job = self.job, None
        self._owner.lost(self, job, code, time.monotonic())
