"""What a generator process and the command say to each other: one line of JSON each.

The command sends the plan, then the moment to start; the end of its lines means stop.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from cli.loadtest.tally import Slice


class Ready(Struct, frozen=True, tag="ready"):
    """Tokens are signed, connections are open."""


class Start(Struct, frozen=True, tag="start"):
    """Begin at this moment of the monotonic clock, which all processes of a machine share."""

    at_s: float


class Done(Struct, frozen=True, tag="done"):
    """All is answered or given up. CPU seconds of this process: of the load, which includes
    minting during it, and of minting before it.
    """

    took_s: float
    cpu_s: float
    minting_cpu_s: float
    minting_ahead_cpu_s: float


class Failed(Struct, frozen=True, tag="failed"):
    """The process cannot do its part, for a reason that the user can understand."""

    sentence: str


Message = Ready | Slice | Done | Failed

encode_line = msgspec.json.Encoder().encode
decode_message = msgspec.json.Decoder(Message).decode
