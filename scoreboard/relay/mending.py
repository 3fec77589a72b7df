"""Standings that cannot be trusted are noticed and rebuilt from the ledger."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from scoreboard.domain.errors import StandingsUnavailable, StorageUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.gaps import StandingsGaps
from scoreboard.ledger.reader import LedgerReader
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.standings.store import Standings
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics


class StandingsMender:
    """Runs under the relay's lease, so that one instance at a time rebuilds."""

    def __init__(
        self,
        standings: Standings,
        ledger: LedgerReader,
        gaps: StandingsGaps,
        boards: BoardDirectory,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._standings = standings
        self._ledger = ledger
        self._gaps = gaps
        self._boards = boards
        self._rebuilds = metrics.rebuilds
        self._pause_s = settings.maintenance_s
        self._batch = settings.rebuild_batch
        self._failed_at_s: dict[BoardId, float] = {}
        self._log = get_log("relay")

    async def run(self) -> None:
        """Examines and mends until cancelled; what is away is tried again."""
        while True:
            try:
                await self.mend()
            except (StandingsUnavailable, StorageUnavailable) as error:
                self._log.warning("standings wait", reason=str(error))
            await asyncio.sleep(self._pause_s)

    async def mend(self) -> None:
        """One round. Raises StandingsUnavailable or StorageUnavailable."""
        gaps = await self._gaps.read()
        for board_id in self._in_order():
            try:
                await self._mend_board(board_id, gaps.get(board_id))
            except (StandingsUnavailable, StorageUnavailable):
                self._failed_at_s[board_id] = time.monotonic()
                raise

    def _in_order(self) -> list[BoardId]:
        """Boards that failed come last, so that none keeps the others waiting."""
        return sorted(self._boards.board_ids, key=lambda each: self._failed_at_s.get(each, 0.0))

    async def _mend_board(self, board_id: BoardId, gap: datetime | None) -> None:
        if gap is not None:
            await self._rebuild(board_id, "missed a change")
            await self._gaps.close(board_id, gap)
        elif not await self._standings.examine(board_id):
            await self._rebuild(board_id, "missing, incomplete or from another start of Redis")
        elif await self._standings.discard_abandoned(board_id):
            self._log.info("abandoned rebuild removed", board=board_id)

    async def _rebuild(self, board_id: BoardId, reason: str) -> None:
        started_s = time.monotonic()
        slices = self._ledger.scan_totals(board_id, self._batch)
        users = await self._standings.rebuild(board_id, slices, discard_live=True)
        self._rebuilds.inc()
        took_ms = round((time.monotonic() - started_s) * 1000)
        self._log.info(
            "standings rebuilt", board=board_id, reason=reason, users=users, took_ms=took_ms
        )
