"""Where users stand: the order of the board.

Rank is 1 + the number of users with a strictly higher score, so ties share a rank. Lists go by
score, highest first, then by who reached the score first: `reached` is the id of the event that
set the present score, so the order is the same in every store and survives a replay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId, EventId, UserId

USER_BYTES = 16
TOTAL_BYTES = 48
"""A packed total: user id (USER_BYTES), version, event that set the score, updated in Unix µs and
−score, each 8 bytes, big-endian; of the suspended the event is 0. PostgreSQL packs them, Redis cuts
them; nothing between touches a single user."""

RADIUS_MAX = 25
"""Most users that are shown above somebody, and below him."""


class Total(Struct, frozen=True):
    """One row of the board as the ledger holds it; the unit that standings are written in."""

    board_id: BoardId
    user_id: UserId
    score: int
    version: int
    reached: EventId
    updated_us: int
    is_suspended: bool = False


class Standing(Struct, frozen=True):
    """A user's place at one moment."""

    user_id: UserId
    score: int
    rank: int
    version: int
    updated_us: int


class Entry(Struct, frozen=True, rename="camel"):
    """One line of a top list, as clients see it."""

    user_id: UserId
    score: int
    rank: int


class PlacedEntry(Struct, frozen=True, rename="camel", omit_defaults=True):
    """An entry and its place in the list, counted from 1: ties share a rank, never a position.

    `position` is None where it is the rank, as it is without ties: most deltas are shorter so.
    """

    user_id: UserId
    score: int
    rank: int
    position: int | None = None


class Neighbours(Struct, frozen=True):
    """A user among those who stand next to him, in the order of the board, of `of` users in all."""

    entries: tuple[Entry, ...]
    of: int


def rank_entries(
    rows: Iterable[tuple[UserId, int]], position: int = 1, rank: int = 1
) -> tuple[Entry, ...]:
    """Entries with ranks for rows that follow each other on a board, given in its order.

    `position` and `rank` are those of the first row, counted from 1: of a board's first row unless
    given. They differ where he has ties above him.
    """
    entries: list[Entry] = []
    for place, (user_id, score) in enumerate(rows, start=position):
        if entries and entries[-1].score != score:
            rank = place
        entries.append(Entry(user_id, score, rank))
    return tuple(entries)


def compare_entries(
    old: Sequence[Entry], new: Sequence[Entry]
) -> tuple[tuple[PlacedEntry, ...], tuple[UserId, ...]]:
    """(changed, removed): what makes the old list into the new one.

    Whoever applies it drops the removed, replaces or adds the changed, and orders by position.
    """
    before = {entry.user_id: (position, entry) for position, entry in enumerate(old, start=1)}
    changed: list[PlacedEntry] = []
    for position, entry in enumerate(new, start=1):
        if before.pop(entry.user_id, None) != (position, entry):
            place = None if position == entry.rank else position
            changed.append(PlacedEntry(entry.user_id, entry.score, entry.rank, place))
    return tuple(changed), tuple(before)
