"""HTTP/1.1 answers out of a stream of bytes: no more of the protocol than a load needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

ANSWER_MAX_BYTES = 1024 * 1024
HEAD_END = b"\r\n\r\n"
_HEAD = re.compile(rb"HTTP/1\.([01]) ([1-5]\d\d)[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,9}) *\r", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked *\r", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection: *(close|keep-alive)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-f]{1,8})(?:;[^\r\n]*)?", re.IGNORECASE)
_BODILESS = frozenset({204, 304})
_INFORMATIONAL = 200
"""Statuses below this one come before the answer."""


class NotHttp(Exception):
    """What came is no answer that this client understands."""


@dataclass(slots=True)
class Answer:
    """A whole answer; `is_last` says that the server closes the connection behind it."""

    status: int
    body: bytes
    is_last: bool


@dataclass(slots=True)
class AnswerReader:
    """Gathers the bytes of one answer at a time."""

    _received: bytes = b""

    def feed(self, data: bytes) -> Answer | None:
        """The answer, once it is whole. Raises NotHttp, also for what nobody asked for."""
        received = self._received + data if self._received else data
        if len(received) > ANSWER_MAX_BYTES:
            raise NotHttp("the answer is too long")
        end = received.find(HEAD_END)
        if end < 0:
            self._received = received
            return None
        answer = _read(received[: end + 2], received[end + 4 :])
        if answer is None:
            self._received = received
            return None
        if answer.status < _INFORMATIONAL:
            self._received = b""
            return self.feed(received[end + 4 :])
        self._received = b""
        return answer

    def end(self) -> Answer | None:
        """The answer whose end is that of the connection, if that is how it ends."""
        head, found, body = self._received.partition(HEAD_END)
        line = _HEAD.match(head)
        fields = head + b"\r"
        if not found or line is None or _LENGTH.search(fields) or _CHUNKED.search(fields):
            return None  # cut short
        return Answer(int(line[2]), body, is_last=True)


def _read(head: bytes, rest: bytes) -> Answer | None:
    """`head` ends with the line end of its last field."""
    line = _HEAD.match(head)
    if line is None:
        raise NotHttp("no status line")
    status = int(line[2])
    if status < _INFORMATIONAL:
        return Answer(status, b"", is_last=False)
    wish = _CONNECTION.search(head)
    is_last = wish[1].lower() == b"close" if wish else line[1] == b"0"
    if status in _BODILESS:
        return _whole(status, b"", len(rest), is_last)
    length = _LENGTH.search(head)
    if length is not None:
        size = int(length[1])
        return None if len(rest) < size else _whole(status, rest[:size], len(rest) - size, is_last)
    if _CHUNKED.search(head):
        found = _read_chunks(rest)
        return None if found is None else _whole(status, found[0], found[1], is_last)
    return None  # it ends with the connection


def _whole(status: int, body: bytes, more: int, is_last: bool) -> Answer:
    if more:
        raise NotHttp("more came than was asked for")
    return Answer(status, body, is_last)


def _read_chunks(rest: bytes) -> tuple[bytes, int] | None:
    """(body, bytes behind it), None while chunks are missing; trailers are passed over."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = rest.find(b"\r\n", at)
        if end < 0:
            return None
        size = _CHUNK.fullmatch(rest[at:end])
        if size is None:
            raise NotHttp("a chunk without a size")
        length = int(size[1], 16)
        if length == 0:
            return _end_of_chunks(rest, end, b"".join(parts))
        at = end + 2 + length + 2
        if len(rest) < at:
            return None
        parts.append(rest[end + 2 : at - 2])


def _end_of_chunks(rest: bytes, end: int, body: bytes) -> tuple[bytes, int] | None:
    """`end` is the line end of the last chunk's size; an empty line ends the trailers."""
    last = rest.find(HEAD_END, end)
    return None if last < 0 else (body, len(rest) - last - len(HEAD_END))
