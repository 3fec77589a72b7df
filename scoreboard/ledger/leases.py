"""Leases by the database's clock: who leads, and under which term."""

from __future__ import annotations

from datetime import timedelta

from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query

TAKE = "SELECT take_lease_v1($1, $2, $3)"


class Lease:
    """One named lease as one holder sees it. Raises StorageUnavailable."""

    def __init__(self, database: Database, name: str, holder: str, life_s: float) -> None:
        self._database = database
        self._name = name
        self._holder = holder
        self._life = timedelta(seconds=life_s)
        self._release = load_query("release_lease")

    async def take(self) -> int | None:
        """Takes or renews the lease; its term, or None while another holds it."""
        rows = await self._database.fetch(TAKE, self._name, self._holder, self._life)
        term: int | None = rows[0][0]
        return term

    async def release(self) -> None:
        """Lets the next holder begin at once."""
        await self._database.fetch(self._release, self._name, self._holder)
