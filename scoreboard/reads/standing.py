"""Where one user stands."""

from __future__ import annotations

from collections.abc import Sequence

from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Standing
from scoreboard.ledger.reader import LedgerReader
from scoreboard.reads.ranking import Who
from scoreboard.standings.coalescing import Coalescer
from scoreboard.standings.store import Standings
from scoreboard.telemetry.metrics import Metrics


class StandingReader:
    """Asks Redis first, then PostgreSQL."""

    def __init__(self, standings: Standings, ledger: LedgerReader, metrics: Metrics) -> None:
        self._standings = standings
        self._ledger = ledger
        self._questions = Coalescer(self._read_all)
        self._hits = metrics.cache_hits.labels("standing")
        self._misses = metrics.cache_misses.labels("standing")

    async def read(self, board_id: BoardId, user_id: UserId) -> Standing | None:
        """None for a user without a score. Raises StorageUnavailable where no store answers."""
        found = await self._questions.ask((board_id, user_id))
        if found is not None:
            self._hits.inc()
            return found
        # Also when Redis knows no such user: his first increment may just have been committed.
        self._misses.inc()
        return await self._ledger.read_standing(board_id, user_id)

    async def read_many(
        self, board_id: BoardId, users: Sequence[UserId]
    ) -> tuple[list[Standing | None], int]:
        """The same for many users at once, in the order asked, and how many the board has.

        While Redis answers, users whom it does not know are without a score: the one whose first
        increment was just committed is known a moment later.
        """
        try:
            found, of = await self._standings.read_counted(board_id, users)
        except StandingsUnavailable:
            self._misses.inc(len(users))
            found = await self._ledger.read_standings(board_id, users)
            return found, await self._ledger.count_users(board_id)
        self._hits.inc(len(users))
        return found, of

    async def _read_all(self, questions: list[Who]) -> list[Standing | None]:
        """What Redis tells; None as well where it tells nothing."""
        found: dict[Who, Standing | None] = {}
        for board_id in {board_id for board_id, _ in questions}:
            users = [user_id for at, user_id in questions if at == board_id]
            try:
                standings = await self._standings.read(board_id, users)
            except StandingsUnavailable:
                continue
            found.update(zip(((board_id, user) for user in users), standings, strict=True))
        return [found.get(question) for question in questions]
