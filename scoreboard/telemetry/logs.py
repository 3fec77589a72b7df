"""Structured logs: one JSON object per line, whatever the input holds."""

from __future__ import annotations

import asyncio
import atexit
import io
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TextIO, cast

import msgspec
import structlog

from scoreboard.domain.times import iso_utc

Log = structlog.typing.FilteringBoundLogger

PIPE_BYTES = 4096
"""Pipes (Linux) take as much in one piece: workers that share one never tear a line."""

LINE_MAX_BYTES = 4000


_lines: LogStream | None = None
_names: Mapping[str, str | int] = {}


class LogStream(io.TextIOBase):
    """What a line is written through. One that cannot be written decides nothing: it is counted.

    The reader of a pipe may have ended, a disk be full; answers and stops must not depend on it.
    While an event loop runs, what one turn of it writes goes out together at its end.
    """

    def __init__(self, stream: TextIO, on_lost: Callable[[], object]) -> None:
        self._stream = stream
        self._on_lost = on_lost
        self._lines: list[bytes] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        atexit.register(self.write_out)

    def write(self, text: str, /) -> int:
        """Takes a line."""
        self.take(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def take(self, line: bytes) -> None:
        """The same, encoded."""
        self._lines.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write_out()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self.write_out)

    def write_out(self) -> None:
        """Writes the lines taken, or loses them."""
        self._loop = None
        lines, self._lines = self._lines, []
        for piece in _pieces(lines):
            try:
                self._stream.write(b"".join(piece).decode("utf-8", "replace"))
                self._stream.flush()
            except (OSError, ValueError):  # ValueError: it is closed
                for _ in piece:
                    self._on_lost()


def _pieces(lines: list[bytes]) -> Iterator[list[bytes]]:
    """The same lines, as many together as a pipe takes at once."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        if piece and size + len(line) > PIPE_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    if piece:
        yield piece


def open_stdout() -> TextIO:
    """Stdout without a buffer: what was lost must not fail once more when the process exits."""
    raw = io.FileIO(sys.stdout.fileno(), "w", closefd=False)
    return io.TextIOWrapper(raw, "utf-8", write_through=True)


def configure_logs(
    stream: TextIO, on_lost: Callable[[], object] = lambda: None, **names: str | int
) -> None:
    """Sends this process's logs, and those of its libraries, to `stream`.

    `on_lost` is called for each line that could not be written. `names` tell this process from
    others that write there; they stand in each line.
    """
    global _lines, _names
    _lines, _names = LogStream(stream, on_lost), names
    lines = cast("TextIO", _lines)
    structlog.configure(
        # One processor instead of the usual chain of four: a line is written for every increment.
        processors=[_renderer(names)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(lines),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(_LibraryFormatter(names))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def write_line(event: str, line: dict[str, object]) -> None:
    """Logs `event` with what `line` holds, its room too, at the level `info`.

    Quicker than a logger by more than it takes to verify a token: one is written per increment.
    """
    if _lines is None:
        structlog.get_logger().info(event, **line)
        return
    line["event"] = event
    _lines.take(_render(line, "info", _names) + b"\n")


def get_log(room: str) -> Log:
    """The logger of one room; `room` stands in each of its lines."""
    log: Log = structlog.get_logger(room=room)
    return log


def _renderer(names: Mapping[str, str | int]) -> structlog.typing.Processor:
    def render(_logger: object, level: str, event: structlog.typing.EventDict) -> str:
        return _render(event, level, names).decode()

    return render


def _render(event: structlog.typing.EventDict, level: str, names: Mapping[str, str | int]) -> bytes:
    if names:
        event.update(names)
    event["level"] = level
    event["at"] = _now()
    if event.pop("exc_info", None):
        event["exception"] = traceback.format_exc()
    return _encode(event)


def _now() -> str:
    """ISO 8601 in UTC, to the microsecond. The second, which is the longer part, is made once."""
    at_us = time.time_ns() // 1000
    second, part_us = divmod(at_us, 1_000_000)
    return f"{_second(second)}.{part_us:06d}Z"


@lru_cache(maxsize=1)
def _second(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _encode(event: structlog.typing.EventDict) -> bytes:
    try:
        line = msgspec.json.encode(event, enc_hook=str)
    except UnicodeEncodeError:  # bytes of a request that are no UTF-8, in a text about it
        texts = {name: str(value) for name, value in event.items()}
        return _encode(
            {
                name: text.encode("utf-8", "backslashreplace").decode()
                for name, text in texts.items()
            }
        )
    if not line.isascii():
        # U+2028 and U+2029 end a line for some readers although JSON allows them.
        line = line.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    if len(line) > LINE_MAX_BYTES:
        return _encode(_shorten(event))
    return line


def _shorten(event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leaves of the longest text its second half: an exception says at its end what it is."""
    texts = {name: str(value) for name, value in event.items()}
    longest = max(texts, key=lambda name: len(texts[name]))
    text = texts[longest]
    return {**event, longest: f"…{text[len(text) // 2 + 1 :]}"}


class _LibraryFormatter(logging.Formatter):
    """Lines of libraries in the same shape."""

    def __init__(self, names: Mapping[str, str | int]) -> None:
        super().__init__()
        self._names = names

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "room": record.name,
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "at": iso_utc(datetime.fromtimestamp(record.created, UTC)),
            **self._names,
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _encode(event).decode()
