"""Boards whose index in Redis missed a change; kept here, because Redis may forget it too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query


class StandingsGaps:
    """Every method raises StorageUnavailable where PostgreSQL cannot answer in time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._note = load_query("note_gaps")
        self._read = load_query("read_gaps")
        self._close = load_query("close_gap")

    async def note(self, board_ids: Sequence[BoardId]) -> None:
        """Redis could not be told of a change on these boards."""
        await self._database.fetch(self._note, board_ids)

    async def read(self) -> dict[BoardId, datetime]:
        """The boards to rebuild, and when a miss was last noticed."""
        rows = await self._database.fetch(self._read)
        return {BoardId(row["board_id"]): row["noticed_at"] for row in rows}

    async def close(self, board_id: BoardId, noticed_at: datetime) -> None:
        """A rebuild that began after `noticed_at` is complete."""
        await self._database.fetch(self._close, board_id, noticed_at)
