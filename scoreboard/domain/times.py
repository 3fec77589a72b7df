"""Times as clients read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_unix_us(unix_us: int) -> datetime:
    """The UTC moment, exact to the microsecond (a float of seconds would round it)."""
    return _EPOCH + timedelta(microseconds=unix_us)


def to_unix_us(moment: datetime) -> int:
    """Unix microseconds of a moment with a zone, as exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds: `2026-01-31T12:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
