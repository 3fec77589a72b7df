"""Structured logs: one JSON object per line, whatever the input holds."""

from __future__ import annotations

import io
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TextIO, cast

import msgspec
import structlog

from scoreboard.domain.times import iso_utc

Log = structlog.typing.FilteringBoundLogger

LINE_MAX_BYTES = 4000
"""Pipes take up to 4096 bytes (Linux) in one piece: workers that share one never tear a line."""


class LogStream(io.TextIOBase):
    """What a line is written through. One that cannot be written decides nothing: it is counted.

    The reader of a pipe may have ended, a disk be full; answers and stops must not depend on it.
    """

    def __init__(self, stream: TextIO, on_lost: Callable[[], object]) -> None:
        self._stream = stream
        self._on_lost = on_lost

    def write(self, text: str, /) -> int:
        """Writes a line, or loses it."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: it is closed
            self._on_lost()
        return len(text)


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
    lines = cast("TextIO", LogStream(stream, on_lost))
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


def get_log(room: str) -> Log:
    """The logger of one room; `room` stands in each of its lines."""
    log: Log = structlog.get_logger(room=room)
    return log


def _renderer(names: Mapping[str, str | int]) -> structlog.typing.Processor:
    def render(_logger: object, level: str, event: structlog.typing.EventDict) -> str:
        if names:
            event.update(names)
        event["level"] = level
        event["at"] = iso_utc(datetime.now(UTC))
        if event.pop("exc_info", None):
            event["exception"] = traceback.format_exc()
        return _encode(event)

    return render


def _encode(event: structlog.typing.EventDict) -> str:
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
    return line.decode("utf-8", "replace")


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
        return _encode(event)
