"""Structured logs: one JSON object per line, whatever the input holds."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from typing import TextIO

import msgspec
import structlog

from scoreboard.domain.times import iso_utc

Log = structlog.typing.FilteringBoundLogger


def configure_logs(stream: TextIO) -> None:
    """Sends this process's logs, and those of its libraries, to `stream`."""
    structlog.configure(
        # One processor instead of the usual chain of four: a line is written for every increment.
        processors=[_render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_LibraryFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def get_log(room: str) -> Log:
    """The logger of one room; `room` stands in each of its lines."""
    log: Log = structlog.get_logger(room=room)
    return log


def _render(_logger: object, level: str, event: structlog.typing.EventDict) -> str:
    event["level"] = level
    event["at"] = iso_utc(datetime.now(UTC))
    if event.pop("exc_info", None):
        event["exception"] = traceback.format_exc()
    return _encode(event)


def _encode(event: structlog.typing.EventDict) -> str:
    text = msgspec.json.encode(event, enc_hook=str).decode("utf-8", "replace")
    if text.isascii():
        return text
    # U+2028 and U+2029 end a line for some readers although JSON allows them.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class _LibraryFormatter(logging.Formatter):
    """Lines of libraries in the same shape."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "room": record.name,
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "at": iso_utc(datetime.fromtimestamp(record.created, UTC)),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _encode(event)
