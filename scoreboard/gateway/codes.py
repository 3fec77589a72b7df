"""Close codes. 4000–4499 mean come back, 4500–4999 mean do not."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """Why this side ended a connection."""

    DRAIN = 4001
    TOKEN_EXPIRED = 4003
    SLOW = 4008
    NO_PONG = 4012
    RATE_LIMITED = 4029
    TOKEN_INVALID = 4500
    PROTOCOL = 4501
    TOO_MANY_VIEWS = 4505


CLIENT_CODES = frozenset({1000, 1001, 1002, 1006, 1007, 1009})
"""Codes a metric shows as they are; a client could send 2,000 others, each a new series."""


def label_close(code: int | None) -> str:
    """The metric's label: ours and the usual ones by number, anything else `other`."""
    if code is None:
        return "1006"
    return str(code) if code in CLIENT_CODES or code in set(CloseCode) else "other"
