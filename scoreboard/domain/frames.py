"""What reaches a socket: one JSON text per frame, encoded once for every watcher."""

from __future__ import annotations

import msgspec

from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import RADIUS_MAX, Entry, PlacedEntry

SUBPROTOCOL = "scoreboard.v1.json"
TOP_VIEWS = {"top:10": 10, "top:50": 50}
"""The views that the relay computes, and how many entries each holds."""
ViewKey = tuple[BoardId, str]
"""A board and the name of one of its views."""
ME, USERS = "me", "users"
AROUND_VIEWS = {f"around:{radius}": radius for radius in range(1, RADIUS_MAX + 1)}
"""Views of the client's own user, and how many are shown above and below him."""
USERS_MAX = 100
"""Users that one client may name for the view `users`."""


class Snapshot(msgspec.Struct, frozen=True, rename="camel", tag="snapshot", omit_defaults=True):
    """The whole state of one view. `generated_at` is ISO 8601 in UTC.

    `reset` where the client asked to go on from a version that cannot be gone on from.
    """

    view: str
    board: BoardId
    epoch: str
    version: int
    entries: tuple[Entry, ...]
    generated_at: str
    reset: bool = False


class Delta(msgspec.Struct, frozen=True, rename="camel", tag="delta", omit_defaults=True):
    """What changed in one view since version `base`; nothing, where the two are the same.

    Most deltas remove nobody, and do not say so.
    """

    view: str
    board: BoardId
    epoch: str
    version: int
    base: int
    changed: tuple[PlacedEntry, ...]
    removed: tuple[UserId, ...] = ()


class Me(msgspec.Struct, frozen=True, rename="camel", tag="me"):
    """Where the client's own user stands among `of` users.

    `score`, `rank` and `version` are None while he is not on the board.
    """

    board: BoardId
    user_id: UserId
    score: int | None
    rank: int | None
    of: int
    version: int | None


class Around(msgspec.Struct, frozen=True, rename="camel", tag="around"):
    """The users above and below the client's own, in the order of the board; himself among them.

    No entries while he is not on it.
    """

    view: str
    board: BoardId
    user_id: UserId
    entries: tuple[Entry, ...]
    of: int


class Users(msgspec.Struct, frozen=True, rename="camel", tag="users", omit_defaults=True):
    """Those of the users asked for whose score or rank changed; at first all on the board.

    `removed` are those who left it; at first all who are not on it. Absent where there are none.
    """

    view: str
    board: BoardId
    entries: tuple[Entry, ...]
    removed: tuple[UserId, ...] = ()


class Authenticated(msgspec.Struct, frozen=True, rename="camel", tag="authenticated"):
    """The client's token was accepted; `expires_at` is ISO 8601 in UTC."""

    user_id: UserId
    expires_at: str


class Status(msgspec.Struct, frozen=True, rename="camel", tag="status"):
    """Whether what is shown may be out of date: the ledger cannot be asked."""

    stale: bool


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
    """Client: begin to show a view.

    `epoch` and `version` say what the client has; `users` whom the view `users` shows.
    """

    view: str
    board: str = "main"
    epoch: str | None = None
    version: int | None = None
    users: tuple[str, ...] | None = None


class Unsubscribe(msgspec.Struct, frozen=True, tag="unsubscribe", forbid_unknown_fields=True):
    """Client: stop showing a view."""

    view: str
    board: str = "main"


class Authenticate(msgspec.Struct, frozen=True, tag="authenticate", forbid_unknown_fields=True):
    """Client: this is who I am; sent again with a newer token before the last one expires."""

    token: str


encode_frame = msgspec.json.Encoder().encode
