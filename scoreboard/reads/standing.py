"""Where one user stands."""

from __future__ import annotations

from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Standing
from scoreboard.ledger.reader import LedgerReader
from scoreboard.standings.store import Standings
from scoreboard.telemetry.metrics import Metrics


class StandingReader:
    """Asks Redis first, then PostgreSQL."""

    def __init__(self, standings: Standings, ledger: LedgerReader, metrics: Metrics) -> None:
        self._standings = standings
        self._ledger = ledger
        self._hits = metrics.cache_hits.labels("standing")
        self._misses = metrics.cache_misses.labels("standing")

    async def read(self, board_id: BoardId, user_id: UserId) -> Standing | None:
        """None for a user without a score. Raises StorageUnavailable where no store answers."""
        try:
            found = (await self._standings.read(board_id, [user_id]))[0]
        except StandingsUnavailable:
            found = None
        if found is not None:
            self._hits.inc()
            return found
        # Also when Redis knows no such user: his first increment may just have been committed.
        self._misses.inc()
        return await self._ledger.read_standing(board_id, user_id)
