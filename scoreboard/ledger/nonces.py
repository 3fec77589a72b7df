"""Purging of nonces that no token can need any more."""

from __future__ import annotations

from datetime import timedelta

from scoreboard.ledger.database import Database

PURGE = "SELECT purge_nonces_v1($1, $2)"
SLICE = 1000


class NoncePurge:
    """Forgets nonces in slices, so that no statement holds many locks."""

    def __init__(self, database: Database, keep_s: int) -> None:
        self._database = database
        self._keep = timedelta(seconds=keep_s)

    async def purge_slice(self) -> int:
        """Deletes at most `SLICE` nonces that expired longer ago than they are kept; how many."""
        rows = await self._database.fetch(PURGE, self._keep, SLICE)
        count: int = rows[0][0]
        return count
