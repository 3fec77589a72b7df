"""Bringing changed totals into the standings, and the ranks that follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from scoreboard.domain.errors import (
    StandingsBuilding,
    StandingsUnavailable,
    StorageUnavailable,
)
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Total
from scoreboard.ledger.reader import LedgerReader
from scoreboard.reads.top import TOP_MAX
from scoreboard.standings.store import Standings
from scoreboard.telemetry.metrics import Metrics

Who = tuple[BoardId, UserId]


class Ranked(Struct, frozen=True):
    """Present ranks by (board, user); `missed` are boards that Redis was not told of.

    None is the rank of a suspended user. Where neither store could answer, a user is absent.
    """

    ranks: dict[Who, int | None]
    missed: frozenset[BoardId]

    def boards_shown(self, totals: Sequence[Total], deltas: Iterable[int]) -> set[BoardId]:
        """Boards whose top may look different for these changes of totals.

        Who rises and stands below the top afterwards stood there before. Who falls may have left
        it, and a rank that no store could tell may be any.
        """
        if any(delta < 0 for delta in deltas):
            return {total.board_id for total in totals}
        find = self.ranks.get
        return {
            total.board_id
            for total in totals
            if (find((total.board_id, total.user_id)) or TOP_MAX) <= TOP_MAX
        }


class Ranking:
    """Writes totals to Redis; ranks come from there, or from PostgreSQL while it is away."""

    def __init__(self, standings: Standings, ledger: LedgerReader, metrics: Metrics) -> None:
        self._standings = standings
        self._ledger = ledger
        self._hits = metrics.cache_hits.labels("rank")
        self._misses = metrics.cache_misses.labels("rank")

    async def apply(self, totals: Sequence[Total]) -> Ranked:
        """Never fails: what is already committed must be answered."""
        ranks: dict[Who, int | None] = {}
        missed: set[BoardId] = set()
        unranked: list[Who] = []
        for board_id, newest in _newest_by_board(totals).items():
            try:
                found = await self._standings.apply(board_id, newest)
            except StandingsUnavailable as error:
                # A gap noted for each change of a rebuild would demand another one, without end.
                if not isinstance(error, StandingsBuilding):
                    missed.add(board_id)
                unranked += ((board_id, total.user_id) for total in newest)
                continue
            self._hits.inc(len(newest))
            for total, rank in zip(newest, found, strict=True):
                ranks[board_id, total.user_id] = rank or None
        if unranked:
            ranks.update(await self._rank_in_ledger(unranked))
        return Ranked(ranks, frozenset(missed))

    async def _rank_in_ledger(self, users: Sequence[Who]) -> dict[Who, int | None]:
        self._misses.inc(len(users))
        try:
            found = await self._ledger.read_ranks(users)
        except StorageUnavailable:
            return {}
        return dict(zip(users, found, strict=True))


def _newest_by_board(totals: Sequence[Total]) -> dict[BoardId, list[Total]]:
    newest: dict[BoardId, dict[UserId, Total]] = {}
    for total in totals:
        users = newest.setdefault(total.board_id, {})
        known = users.get(total.user_id)
        if known is None or known.version < total.version:
            users[total.user_id] = total
    return {board_id: list(users.values()) for board_id, users in newest.items()}
