"""What reaches a socket: one JSON text per frame, encoded once for every watcher."""

from __future__ import annotations

import msgspec

from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Entry

SUBPROTOCOL = "scoreboard.v1.json"
TOP_VIEWS = {"top:10": 10, "top:50": 50}
"""The views that the relay computes, and how many entries each holds."""


class Snapshot(msgspec.Struct, frozen=True, rename="camel", tag="snapshot"):
    """The whole state of one view. `generated_at` is ISO 8601 in UTC."""

    view: str
    board: BoardId
    epoch: str
    version: int
    entries: tuple[Entry, ...]
    generated_at: str


class Failure(msgspec.Struct, frozen=True, rename="camel", tag="error", omit_defaults=True):
    """A client's message was refused; the connection goes on."""

    code: str
    view: str | None = None
    request_id: str | None = None


class Bye(msgspec.Struct, frozen=True, rename="camel", tag="bye"):
    """The server is about to close; come back after a random wait within the range."""

    code: int
    reconnect_in_ms: tuple[int, int]


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """The server lives; needs no answer."""


class Subscribe(msgspec.Struct, frozen=True, tag="subscribe", forbid_unknown_fields=True):
    """Client: begin to show a view."""

    view: str
    board: str = "main"
    epoch: str | None = None
    version: int | None = None


class Unsubscribe(msgspec.Struct, frozen=True, tag="unsubscribe", forbid_unknown_fields=True):
    """Client: stop showing a view."""

    view: str
    board: str = "main"


encode_frame = msgspec.json.Encoder().encode
