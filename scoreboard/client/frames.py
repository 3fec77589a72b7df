"""What the service says over `/ws` and is told there, as a client reads and writes it.

Members that this client does not know are ignored, and so are frames.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec
from msgspec import Struct

from scoreboard.client.errors import NotAScoreboard

SUBPROTOCOL = "scoreboard.v1.json"
MAIN_BOARD = "main"
ME, USERS, TOP, AROUND = "me", "users", "top:", "around:"

REMEMBERED = 64
"""Frames whose meaning is kept: many clients in one process receive the same bytes at once."""


class Entry(Struct, frozen=True, rename="camel"):
    """One line of a list. Ties share a rank."""

    user_id: str
    score: int
    rank: int


class PlacedEntry(Struct, frozen=True, rename="camel"):
    """An entry and its place in the list, counted from 1; None where that is its rank."""

    user_id: str
    score: int
    rank: int
    position: int | None = None


# Frames that many receive are compared by identity: what they mean is looked up by them.
class Snapshot(Struct, frozen=True, eq=False, rename="camel", tag="snapshot"):
    """The whole of a view. `generated_at` is ISO 8601 in UTC."""

    view: str
    board: str
    epoch: str
    version: int
    entries: tuple[Entry, ...]
    generated_at: str
    reset: bool = False


class Delta(Struct, frozen=True, eq=False, rename="camel", tag="delta"):
    """What changed in a view since version `base`."""

    view: str
    board: str
    epoch: str
    version: int
    base: int
    changed: tuple[PlacedEntry, ...]
    removed: tuple[str, ...] = ()


class Me(Struct, frozen=True, rename="camel", tag="me"):
    """One's own place among `of` users; None while one is not on the board."""

    board: str
    user_id: str
    score: int | None
    rank: int | None
    of: int
    version: int | None
    view: str = ME


class Around(Struct, frozen=True, rename="camel", tag="around"):
    """Those above and below oneself, in the order of the board."""

    view: str
    board: str
    user_id: str
    entries: tuple[Entry, ...]
    of: int


class Users(Struct, frozen=True, rename="camel", tag="users"):
    """Users asked for: at first all, then those who moved; `removed` are on the board no more."""

    view: str
    board: str
    entries: tuple[Entry, ...]
    removed: tuple[str, ...] = ()


class Authenticated(Struct, frozen=True, rename="camel", tag="authenticated"):
    """The token was accepted; `expires_at` is ISO 8601 in UTC."""

    user_id: str
    expires_at: str


class Status(Struct, frozen=True, tag="status"):
    """Whether what is shown may be out of date."""

    stale: bool


class Failure(Struct, frozen=True, tag="error"):
    """A frame of this client was refused."""

    code: str
    view: str | None = None


class Bye(Struct, frozen=True, rename="camel", tag="bye"):
    """The service is about to close; come back within the range, in milliseconds."""

    reconnect_in_ms: tuple[int, int]


class Ping(Struct, frozen=True, tag="ping"):
    """The service lives."""


class Subscribe(Struct, frozen=True, tag="subscribe", omit_defaults=True):
    """Show a view, from `version` of `epoch` on where they are given."""

    view: str
    board: str = MAIN_BOARD
    epoch: str | None = None
    version: int | None = None
    users: tuple[str, ...] | None = None


class Unsubscribe(Struct, frozen=True, tag="unsubscribe", omit_defaults=True):
    """Show a view no more."""

    view: str
    board: str = MAIN_BOARD


class Authenticate(Struct, frozen=True, tag="authenticate"):
    """Who this client is."""

    token: str


ViewFrame = Snapshot | Delta | Me | Around | Users
Frame = ViewFrame | Authenticated | Status | Failure | Bye | Ping
Said = Subscribe | Unsubscribe | Authenticate

_decode: Callable[[bytes], Frame] = msgspec.json.Decoder(Frame).decode


@lru_cache(maxsize=REMEMBERED)
def read_frame(text: bytes) -> Frame | None:
    """The frame, None where it is of a kind that this client does not know.

    Equal texts give one and the same object. Raises NotAScoreboard where it is no JSON.
    """
    try:
        return _decode(text)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAScoreboard("it sends no JSON") from error


def is_own(view: str) -> bool:
    """Whether the view is of the client's own user, so that it needs a token."""
    return view == ME or view.startswith(AROUND)
