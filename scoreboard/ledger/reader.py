"""Reads of the ledger: slower than the standings, and always true.

Only how many users a large board has is an estimate.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from scoreboard.domain.boards import Board
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Neighbours, Standing, rank_entries
from scoreboard.ledger.database import Database, Row
from scoreboard.ledger.statements import load_query
from scoreboard.ledger.totals import estimate_totals, scan_totals

COUNTED_MAX = 10_000
"""Users of a board that are counted, within 4 ms; how many more there are is estimated."""

WINDOWS = 500
"""Users whose neighbours one statement looks up: 0.2 s on a board of a million, 25 to each side."""


class LedgerReader:
    """Every method raises StorageUnavailable where PostgreSQL cannot answer in time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._top = load_query("read_top")
        self._standing = load_query("read_standing")
        self._placed = load_query("read_standings")
        self._neighbours = load_query("read_neighbours")
        self._count = load_query("count_users")
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
        return [row["rank"] for row in await self._read_placed(users)]

    async def read_standings(
        self, board_id: BoardId, users: Sequence[UserId]
    ) -> list[Standing | None]:
        """Where each user stands, in the order asked; None without a score."""
        rows = await self._read_placed([(board_id, user) for user in users])
        return [
            None
            if row["rank"] is None
            else Standing(user, row["score"], row["rank"], row["version"], row["updated_us"])
            for user, row in zip(users, rows, strict=True)
        ]

    async def _read_placed(self, users: Sequence[tuple[BoardId, UserId]]) -> list[Row]:
        return await self._database.fetch(
            self._placed, [board for board, _ in users], [user for _, user in users]
        )

    async def read_neighbours(
        self, board_id: BoardId, users: Sequence[UserId], radius: int
    ) -> list[Neighbours | None]:
        """Each user among the `radius` above and below him; None without a score.

        Each statement, for `WINDOWS` users, counts whoever stands above the lowest of them once:
        0.1 s for a million. `of` is an estimate on boards of more than `COUNTED_MAX` users.
        """
        found: dict[UserId, Row] = {}
        for start in range(0, len(users), WINDOWS):
            part = users[start : start + WINDOWS]
            rows = await self._database.fetch(self._neighbours, board_id, part, radius)
            found.update((part[row["place"] - 1], row) for row in rows)
        if not found:
            return [None] * len(users)
        # Statistics may be behind, but nobody stands below the last.
        lowest = max(row["position"] + len(row["users"]) - 1 for row in found.values())
        of = max(await self.count_users(board_id), lowest)
        return [_neighbours(found.get(user), of) for user in users]

    async def count_users(self, board_id: BoardId) -> int:
        """How many users the board has: exactly up to `COUNTED_MAX`, else by the statistics."""
        rows = await self._database.fetch(self._count, board_id, COUNTED_MAX + 1)
        counted = int(rows[0]["users"])
        if counted <= COUNTED_MAX:
            return counted
        return max(counted, await estimate_totals(self._database, board_id))

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


def _neighbours(row: Row | None, of: int) -> Neighbours | None:
    if row is None:
        return None
    users = [UserId(str(user)) for user in row["users"]]
    pairs = zip(users, row["scores"], strict=True)
    return Neighbours(rank_entries(pairs, row["position"], row["rank"]), of)
