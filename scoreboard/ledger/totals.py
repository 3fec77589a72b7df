"""Totals of a whole board, packed by PostgreSQL so that Python touches no single user.

`source` is the pool or a session: whatever has `fetch`. What it raises is not translated here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Protocol

from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.statements import load_query

LAST_USER = 2**128 - 1


class Source(Protocol):
    """The connection pool, or an operator's session."""

    async def fetch(self, query: str, /, *arguments: object) -> list[Any]:
        """Rows of a statement that reads."""
        ...


async def scan_totals(source: Source, board_id: BoardId, batch: int) -> AsyncIterator[bytes]:
    """Every total of the board once, `batch` users at a time in the order of their ids.

    Packed: TOTAL_BYTES each.
    """
    query = load_query("scan_totals")
    start = 0
    while start <= LAST_USER:
        (row,) = await source.fetch(query, board_id, uuid.UUID(int=start), batch)
        if row["packed"] is None:
            return
        yield row["packed"]
        start = row["last_user"].int + 1


async def read_totals(source: Source, board_id: BoardId, users: Sequence[bytes]) -> bytes:
    """The totals of these users (16 bytes each), packed alike; those without one are left out."""
    rows = await source.fetch(load_query("read_totals"), board_id, _uuids(users))
    return rows[0]["packed"] or b""


async def find_strangers(source: Source, board_id: BoardId, users: Sequence[bytes]) -> list[bytes]:
    """Those of the users (16 bytes each) who have no total on the board."""
    rows = await source.fetch(load_query("find_strangers"), board_id, _uuids(users))
    return [row["user_id"].bytes for row in rows]


async def estimate_totals(source: Source, board_id: BoardId) -> int:
    """How many users the board has, as PostgreSQL's statistics tell without counting."""
    rows = await source.fetch(load_query("estimate_totals"), board_id)
    return int(json.loads(rows[0][0])[0]["Plan"]["Plan Rows"])


def _uuids(users: Iterable[bytes]) -> list[uuid.UUID]:
    return [uuid.UUID(bytes=each) for each in users]
