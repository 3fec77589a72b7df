"""Reads of the ledger: slower than the standings, and always true."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from scoreboard.domain.boards import Board
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Standing
from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query
from scoreboard.ledger.totals import scan_totals


class LedgerReader:
    """Every method raises StorageUnavailable where PostgreSQL cannot answer in time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._top = load_query("read_top")
        self._standing = load_query("read_standing")
        self._ranks = load_query("read_ranks")
        self._boards = load_query("read_boards")

    async def read_top(self, board_id: BoardId, limit: int) -> list[tuple[UserId, int]]:
        """The first users of the board with their scores, in the order of the board."""
        rows = await self._database.fetch(self._top, board_id, limit)
        return [(UserId(str(row["user_id"])), row["score"]) for row in rows]

    async def read_standing(self, board_id: BoardId, user_id: UserId) -> Standing | None:
        """Where the user stands; None without a score."""
        rows = await self._database.fetch(self._standing, board_id, user_id)
        if not rows:
            return None
        row = rows[0]
        return Standing(user_id, row["score"], row["rank"], row["version"], row["updated_us"])

    async def read_ranks(self, users: Sequence[tuple[BoardId, UserId]]) -> list[int | None]:
        """The present rank of each user, in the order asked."""
        rows = await self._database.fetch(
            self._ranks, [board for board, _ in users], [user for _, user in users]
        )
        return [row["rank"] for row in rows]

    def scan_totals(self, board_id: BoardId, batch: int) -> AsyncIterator[bytes]:
        """Every total of the board, `batch` at a time, packed: see `ledger.totals`."""
        return scan_totals(self._database, board_id, batch)

    async def read_boards(self) -> list[Board]:
        """Every board with its limits."""
        return [
            Board(
                BoardId(row["board_id"]),
                row["max_delta"],
                row["min_score"],
                row["max_score"],
                None if row["allowed_actions"] is None else frozenset(row["allowed_actions"]),
            )
            for row in await self._database.fetch(self._boards)
        ]
