"""Where users stand: the order of the board.

Rank is 1 + the number of users with a strictly higher score, so ties share a rank. Lists go by
score, highest first, then by who reached the score first: `reached` is the id of the event that
set the present score, so the order is the same in every store and survives a replay.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId, EventId, UserId

USER_BYTES = 16
TOTAL_BYTES = 48
"""A packed total: user id (USER_BYTES), version, event that set the score, updated in Unix µs and
−score, each 8 bytes, big-endian. PostgreSQL packs them, Redis cuts them; nothing between touches a
single user."""


class Total(Struct, frozen=True):
    """One row of the board as the ledger holds it; the unit that standings are written in."""

    board_id: BoardId
    user_id: UserId
    score: int
    version: int
    reached: EventId
    updated_us: int


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


def rank_entries(rows: Iterable[tuple[UserId, int]]) -> tuple[Entry, ...]:
    """Entries with ranks for the first rows of a board, given in the board's order."""
    entries: list[Entry] = []
    for position, (user_id, score) in enumerate(rows, start=1):
        tied = bool(entries) and entries[-1].score == score
        entries.append(Entry(user_id, score, entries[-1].rank if tied else position))
    return tuple(entries)
