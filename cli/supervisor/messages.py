"""What a worker and its supervisor tell each other: one line each, over a pair of sockets.

The supervisor writes an empty line to ask for a report. Whoever finds the channel closed knows that
the other has ended, however it did.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from scoreboard.telemetry.totals import Family

ASK = b"\n"
LINE_MAX_BYTES = 1_048_576
"""A report is some 20 KB: labels have bounded values."""


class Serving(Struct, frozen=True, tag=True):
    """The port is open."""

    url: str


class Refused(Struct, frozen=True, tag=True):
    """The worker cannot start; `is_away` where a server is, else the configuration is wrong."""

    sentence: str
    is_away: bool


class Report(Struct, frozen=True, tag=True):
    """Every metric as it is now."""

    families: tuple[Family, ...]


Message = Serving | Refused | Report

_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Message)


def encode_message(message: Message) -> bytes:
    """One line."""
    return _encode(message) + b"\n"


def decode_message(line: bytes) -> Message:
    """The message of a line."""
    message: Message = _decoder.decode(line)
    return message
