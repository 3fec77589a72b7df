"""Boards in Redis as the tests of the standings make them, and the model they are compared with."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import AsyncIterator, Iterable, Sequence

from hypothesis import strategies as st

from scoreboard.domain.identifiers import BoardId, EventId, UserId, user_id_bytes
from scoreboard.domain.standings import Entry, Neighbours, Total, rank_entries
from scoreboard.standings.store import Standings

EVERYBODY = 1_000_000

crowds = st.lists(st.integers(-2, 2), min_size=1, max_size=24).flatmap(
    lambda scores: st.permutations(range(1, len(scores) + 1)).map(
        lambda order: list(zip(scores, order, strict=True))
    )
)
"""Score and event id of each user of a board, with many ties."""


def new_board_id() -> BoardId:
    """A board that no other test or example knows."""
    return BoardId(f"b{secrets.token_hex(8)}")


def user(number: int) -> UserId:
    """A user whose id sorts as the number does."""
    return UserId(f"00000000-0000-4000-8000-{number:012x}")


def total(
    board_id: BoardId, user_id: UserId, score: int, version: int = 1, reached: int = 0
) -> Total:
    """A total; `reached` is the version unless given."""
    event_id = EventId(reached or version)
    return Total(board_id, user_id, score, version, event_id, 1_700_000_000_000_000 + event_id)


async def slices(*of_totals: Sequence[Total]) -> AsyncIterator[bytes]:
    """What a scan of the ledger would yield."""
    for each in of_totals:
        yield pack_totals(each)


async def open_board(standings: Standings, *totals: Total) -> BoardId:
    """A board with a live epoch of these totals, all of one board."""
    board_id = totals[0].board_id if totals else new_board_id()
    found = await standings.rebuild(board_id, slices(totals), discard_live=False)
    assert found == len(totals)
    return board_id


class PausingScan:
    """A scan of the ledger that waits after its first slice until it is told to go on."""

    def __init__(self, first: list[Total], rest: list[Total]) -> None:
        self._slices = (pack_totals(first), pack_totals(rest))
        self.has_begun = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        first, rest = self._slices
        yield first
        self.has_begun.set()
        await self.may_go_on.wait()
        yield rest


class Model:
    """What the standings must be: the newest total of each user, in the order of the board."""

    def __init__(self, totals: Iterable[Total] = ()) -> None:
        self._newest: dict[UserId, Total] = {}
        for each in totals:
            self.apply(each)

    def apply(self, new: Total) -> None:
        """Takes a total unless a newer one is known."""
        known = self._newest.get(new.user_id)
        if known is None or known.version < new.version:
            self._newest[new.user_id] = new

    def totals(self) -> list[Total]:
        """In the order of the board."""
        return sorted(self._newest.values(), key=lambda each: (-each.score, each.reached))

    def rank(self, user_id: UserId) -> int:
        """1 + the number of users with a strictly higher score."""
        own = self._newest[user_id].score
        return 1 + sum(each.score > own for each in self._newest.values())

    def neighbours(self, user_id: UserId, radius: int) -> Neighbours | None:
        """The user among those next to him; None without a score."""
        if user_id not in self._newest:
            return None
        totals = self.totals()
        place = [each.user_id for each in totals].index(user_id)
        window = totals[max(place - radius, 0) : place + radius + 1]
        entries = (Entry(each.user_id, each.score, self.rank(each.user_id)) for each in window)
        return Neighbours(tuple(entries), len(totals))

    async def check(self, standings: Standings, board_id: BoardId) -> None:
        """Fails where the board in Redis differs."""
        totals = self.totals()
        rows = [(each.user_id, each.score) for each in totals]
        assert await standings.read_top(board_id, EVERYBODY) == rows
        entries = {entry.user_id: entry for entry in rank_entries(rows)}
        found = await standings.read(board_id, [each.user_id for each in totals])
        for each, standing in zip(totals, found, strict=True):
            assert standing is not None
            assert (standing.score, standing.version) == (each.score, each.version)
            assert standing.updated_us == each.updated_us
            assert standing.rank == entries[each.user_id].rank == self.rank(each.user_id)


def pack_totals(totals: Iterable[Total]) -> bytes:
    """As PostgreSQL packs them."""
    return b"".join(
        struct.pack(
            ">16sQQQq",
            user_id_bytes(each.user_id),
            each.version,
            each.reached,
            each.updated_us,
            -each.score,
        )
        for each in totals
    )
