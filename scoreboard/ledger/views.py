"""The stored state of each view: what gateways repair holes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from scoreboard.domain.errors import LeaseLost
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query

ADVANCE = "SELECT epoch, version FROM advance_view_v1($1, $2, $3, $4, $5)"


class StoredView(Struct, frozen=True):
    """One version of a view; `entries` is the JSON array of its entries."""

    term: int
    epoch: str
    version: int
    entries: bytes
    generated_at: datetime


class ViewStore:
    """Every method raises StorageUnavailable where PostgreSQL cannot answer in time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read = load_query("read_view")
        self._versions = load_query("read_view_versions")

    async def advance(
        self, board_id: BoardId, view: str, term: int, entries: bytes, generated_at: datetime
    ) -> StoredView:
        """Stores the next version. Raises LeaseLost where a later term has written."""
        rows = await self._database.fetch(ADVANCE, board_id, view, term, entries, generated_at)
        if not rows:
            raise LeaseLost
        return StoredView(term, rows[0]["epoch"], rows[0]["version"], entries, generated_at)

    async def read(self, board_id: BoardId, view: str) -> StoredView | None:
        """The latest version; None before the relay first wrote one."""
        rows = await self._database.fetch(self._read, board_id, view)
        return StoredView(*rows[0]) if rows else None

    async def read_versions(
        self, views: Sequence[tuple[BoardId, str]]
    ) -> dict[tuple[BoardId, str], int]:
        """The stored versions of these (board, view); the unwritten are left out."""
        rows = await self._database.fetch(
            self._versions, [board for board, _ in views], [view for _, view in views]
        )
        return {(BoardId(row["board_id"]), row["view"]): row["version"] for row in rows}
