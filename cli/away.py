"""Servers that cannot be used: one sentence, with what mends it and without the URL's secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from scoreboard.domain.errors import ServerAway

_REFUSED = re.compile(r"\[Errno (\d+)\] Connect call failed")


def redis_away(url: str, error: BaseException) -> ServerAway:
    """What to raise where this Redis fails with `error`."""
    parts = urlsplit(url)
    place = parts.path if parts.scheme == "unix" else parts.hostname or "localhost"
    return _away(f"Redis at {place}", error, "SCOREBOARD_REDIS_URL")


def rabbitmq_away(url: str, error: BaseException) -> ServerAway:
    """What to raise where this RabbitMQ fails with `error`."""
    place = urlsplit(url).hostname or "localhost"
    return _away(f"RabbitMQ at {place}", error, "SCOREBOARD_AMQP_URL")


def _away(where: str, error: BaseException, setting: str) -> ServerAway:
    reason = _reason(error).rstrip(".")
    return ServerAway(f"{where} cannot be used ({reason}). Start it or correct {setting}.")


def _reason(error: BaseException) -> str:
    """The system's own word where there is one: drivers wrap it in theirs, with their addresses."""
    for each in _causes(error):
        if isinstance(each, TimeoutError):
            return "no answer in time"
        if isinstance(each, OSError):
            refused = _REFUSED.search(str(each))
            return os.strerror(int(refused[1])) if refused else each.strerror or str(each)
    return str(error) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
