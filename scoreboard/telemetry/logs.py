"""Structured logs: one JSON object per line, whatever the input holds."""

from __future__ import annotations

import logging
from typing import TextIO

import msgspec
import structlog

Log = structlog.typing.FilteringBoundLogger


def configure_logs(stream: TextIO) -> None:
    """Sends this process's logs, and those of its libraries, to `stream`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _render,
        ],
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


def _render(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    # U+2028 and U+2029 end a line for some readers although JSON allows them.
    text = msgspec.json.encode(event, enc_hook=str).decode("utf-8", "replace")
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class _LibraryFormatter(logging.Formatter):
    """Lines of libraries in the same shape."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "room": record.name,
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "at": self.formatTime(record),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _render(None, "", event)
