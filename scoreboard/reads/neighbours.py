"""Who stands next to a user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from scoreboard.domain.errors import StandingsUnavailable, StorageUnavailable
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Neighbours
from scoreboard.ledger.reader import LedgerReader
from scoreboard.standings.coalescing import Coalescer
from scoreboard.standings.store import Standings
from scoreboard.telemetry.metrics import Metrics

Question = tuple[BoardId, UserId, int]
Known = dict[UserId, Neighbours]


class NeighbourReader:
    """Asks Redis first, then PostgreSQL."""

    def __init__(self, standings: Standings, ledger: LedgerReader, metrics: Metrics) -> None:
        self._standings = standings
        self._ledger = ledger
        self._questions = Coalescer(self._read_all)
        self._hits = metrics.cache_hits.labels("neighbours")
        self._misses = metrics.cache_misses.labels("neighbours")

    async def read(self, board_id: BoardId, user_id: UserId, radius: int) -> Neighbours | None:
        """The user among the `radius` above and below him, fewer at the ends of the board.

        None for a user without a score. Raises StorageUnavailable where no store answers.
        """
        found = await self._questions.ask((board_id, user_id, radius))
        if found is not None:
            self._hits.inc()
            return found
        # Also when Redis knows no such user: his first increment may just have been committed.
        self._misses.inc()
        (stored,) = await self._ledger.read_neighbours(board_id, [user_id], radius)
        return stored

    async def read_many(
        self, board_id: BoardId, users: Sequence[UserId], radius: int
    ) -> list[Neighbours | None]:
        """The same for many users at once, in the order asked.

        Raises StorageUnavailable where no store answers. While PostgreSQL is away, users whom
        Redis does not know are without a score: the others must not wait for them.
        """
        try:
            found = await self._find(board_id, users, radius)
        except StandingsUnavailable:
            self._misses.inc(len(users))
            return await self._ledger.read_neighbours(board_id, users, radius)
        unknown = [user for user in users if user not in found]
        self._hits.inc(len(users) - len(unknown))
        self._misses.inc(len(unknown))
        with suppress(StorageUnavailable):
            stored = await self._ledger.read_neighbours(board_id, unknown, radius)
            found.update(_known(unknown, stored))
        return [found.get(user) for user in users]

    async def _read_all(self, questions: list[Question]) -> list[Neighbours | None]:
        """What Redis tells; None as well where it tells nothing."""
        asked: dict[tuple[BoardId, int], list[UserId]] = {}
        for board_id, user_id, radius in questions:
            asked.setdefault((board_id, radius), []).append(user_id)
        found: dict[tuple[BoardId, int], Known] = {}
        for (board_id, radius), users in asked.items():
            with suppress(StandingsUnavailable):
                found[board_id, radius] = await self._find(board_id, users, radius)
        return [found.get((at, radius), {}).get(user) for at, user, radius in questions]

    async def _find(self, board_id: BoardId, users: Iterable[UserId], radius: int) -> Known:
        """Those of the users whom Redis knows. Raises StandingsUnavailable."""
        asked = list(dict.fromkeys(users))
        return _known(asked, await self._standings.read_neighbours(board_id, asked, radius))


def _known(users: Iterable[UserId], found: Iterable[Neighbours | None]) -> Known:
    return {user: each for user, each in zip(users, found, strict=True) if each is not None}
