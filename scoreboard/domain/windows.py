"""Which events an act about many is about, and what it would change."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from scoreboard.domain.acts import ActKind
from scoreboard.domain.errors import ConfirmationRequired, NotFound, NotVoided
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Entry
from scoreboard.domain.times import iso_utc

UNCONFIRMED_MAX = 1000
"""Events that may be undone without saying how many they are."""

Parameters = dict[str, str | int | None]


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

    kind = ActKind.VOID

    @property
    def parameters(self) -> Parameters:
        """As the ledger records them; the user has a column of his own."""
        named: Parameters = {
            "first": None if self.first_id == 1 else self.first_id,
            "last": self.last_id,
            "since": None if self.since is None else iso_utc(self.since),
            "until": None if self.until is None else iso_utc(self.until),
            "action": self.action,
            "kid": self.kid,
        }
        return {name: value for name, value in named.items() if value is not None}


class VoidedBy(Struct, frozen=True):
    """What an act has voided and nobody has restored or voided since."""

    board_id: BoardId
    act_id: int

    kind = ActKind.RESTORE
    user_id = None

    @property
    def parameters(self) -> Parameters:
        """As the ledger records them."""
        return {"act": self.act_id}


Extent = Window | VoidedBy
"""What an act about many events undoes: the void of a window, or the restore of such a void."""


class ManyAct(Struct, frozen=True):
    """What is asked for. `confirm` is how many events are meant."""

    extent: Extent
    reason: str
    confirm: int | None = None
    idempotency_key: str | None = None


class UserChange(Struct, frozen=True, rename="camel"):
    """What would be left to a user: `events` of his are undone, and with them `points`."""

    user_id: UserId
    events: int
    points: int
    score: int
    score_after: int
    is_suspended: bool


class Preview(Struct, frozen=True, rename="camel"):
    """What an act about many events would change, the limits of the board apart.

    The events have ids from `first_id` to below `below_id`. `changes` are those of at most
    CHANGES_MAX users, who changes most first; `top` is the top as it would be.
    """

    kind: ActKind
    board_id: BoardId = field(name="board")
    events: int
    users: int
    first_id: int
    below_id: int
    changes: list[UserChange]
    top: list[Entry]


class RunState(Struct, frozen=True, rename="camel"):
    """How far an act about many events has come: of `events`, so many are `done` or `refused`."""

    act_id: int
    kind: str
    board: BoardId
    events: int
    done: int
    refused: int
    finished_at: datetime | None


def check_confirmed(previewed: Preview, confirm: int | None) -> None:
    """Raises ConfirmationRequired where more events are undone, or others, than was said."""
    if confirm == previewed.events or (confirm is None and previewed.events <= UNCONFIRMED_MAX):
        return
    raise ConfirmationRequired(
        f"These are {previewed.events:,} events: say that you mean so many.",
        events=previewed.events,
        belowId=previewed.below_id,
    )


def nothing_to_undo(extent: Extent, *, has_voided: bool) -> NotFound | NotVoided:
    """Why not. `has_voided` tells whether the act whose voids are to be restored has made any."""
    if isinstance(extent, Window):
        return NotFound("There is no such event, or all of them are void already.")
    if has_voided:
        return NotVoided(f"What act {extent.act_id} voided is restored already.")
    return NotFound(f"Act {extent.act_id} has voided nothing on board {extent.board_id}.")
