"""The database's clock, as this process knows it."""

from __future__ import annotations

import time

from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query


class DatabaseClock:
    """Tells the database's time without asking it each time.

    Between two refreshes it runs on the monotonic clock, so a step of the system's wall clock,
    or one that is minutes off, changes no decision.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._query = load_query("read_clock")
        self._base_s = time.time() - time.monotonic()

    async def refresh(self) -> None:
        """Measures the offset anew; half the round trip is its error. StorageUnavailable."""
        asked_s = time.monotonic()
        rows = await self._database.fetch(self._query)
        heard_s = time.monotonic()
        self._base_s = rows[0]["now_s"] - (asked_s + heard_s) / 2

    def now_s(self) -> float:
        """Unix seconds by the database's clock."""
        return self._base_s + time.monotonic()

    def now_us(self) -> int:
        """Unix microseconds by the database's clock."""
        return int(self.now_s() * 1_000_000)

    @property
    def offset_s(self) -> float:
        """How far the database's clock is ahead of this machine's wall clock."""
        return self.now_s() - time.time()
