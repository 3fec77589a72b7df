"""What the service answers, as values."""

from __future__ import annotations

from msgspec import Struct

from scoreboard.client.frames import Entry


class Receipt(Struct, frozen=True, kw_only=True):
    """An increment that is durable. `version` counts the increments of the score.

    `is_repeated`: an earlier answer was lost, and this is what was stored then; the rank is the
    present one. Rank or version are None where the service could not tell.
    """

    score: int
    rank: int | None = None
    version: int | None = None
    is_repeated: bool = False


class Top(Struct, frozen=True, rename="camel"):
    """The first entries of a board. `generated_at` is ISO 8601 in UTC."""

    entries: tuple[Entry, ...]
    generated_at: str


class Standing(Struct, frozen=True, rename="camel"):
    """Where one user stands. `last_updated` is ISO 8601 in UTC."""

    user_id: str
    score: int
    rank: int
    last_updated: str


class Neighbours(Struct, frozen=True, rename="camel"):
    """A user among those next to one, in the order of the board; `of` users in all."""

    user_id: str
    entries: tuple[Entry, ...]
    of: int


class Grant(Struct, frozen=True, rename="camel"):
    """An action that may be redeemed once, until `expires_at` (ISO 8601 in UTC)."""

    action_token: str
    nonce: str
    expires_at: str
