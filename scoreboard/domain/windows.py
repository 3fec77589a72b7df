"""Which events an act about many is about."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.times import iso_utc

UNCONFIRMED_MAX = 1000
"""Events that may be undone without saying how many they are."""


class Window(Struct, frozen=True):
    """Events of a board: ids from `first_id` up to `last_id`, and only those that fit the rest."""

    board_id: BoardId
    first_id: int = 1
    last_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    user_id: UserId | None = None
    action: str | None = None
    kid: str | None = None

    @property
    def parameters(self) -> dict[str, str | int | None]:
        """As the ledger records them; the user has a column of his own."""
        named: dict[str, str | int | None] = {
            "first": None if self.first_id == 1 else self.first_id,
            "last": self.last_id,
            "since": None if self.since is None else iso_utc(self.since),
            "until": None if self.until is None else iso_utc(self.until),
            "action": self.action,
            "kid": self.kid,
        }
        return {name: value for name, value in named.items() if value is not None}


class UserChange(Struct, frozen=True, rename="camel"):
    """What a void would leave a user: `events` of his go, and with them `points`."""

    user_id: UserId
    events: int
    points: int
    score: int
    is_suspended: bool

    @property
    def score_after(self) -> int:
        """What is left."""
        return self.score - self.points


class Preview(Struct, frozen=True):
    """What the void of a window would change, user by user; who changes most comes first."""

    below_id: int
    changes: list[UserChange]

    @property
    def events(self) -> int:
        """How many would be undone."""
        return sum(each.events for each in self.changes)


class RunState(Struct, frozen=True, rename="camel"):
    """How far an act about many events has come: of `events`, so many are `done` or `refused`."""

    act_id: int
    board: BoardId
    kind: str
    events: int
    done: int
    refused: int
    finished_at: datetime | None
