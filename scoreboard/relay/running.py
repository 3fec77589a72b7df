"""Acts about many events are carried out to their end, whoever began them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg

from scoreboard.domain.errors import OutcomeUnknown, StorageUnavailable
from scoreboard.ledger.database import Database
from scoreboard.ledger.runs import Runs
from scoreboard.telemetry.logs import get_log

PAUSE_S = 1.0


class UnfinishedRuns:
    """Runs under the relay's lease. A run that somebody else is at goes on there."""

    def __init__(self, database: Database) -> None:
        self._runs = Runs(database.write)
        self._log = get_log("relay")

    async def run(self, on_slice: Callable[[], None]) -> None:
        """Until cancelled; `on_slice` hears that there is something in the outbox."""
        while True:
            try:
                for act_id in await self._runs.unfinished():
                    if await self._runs.run(act_id, lambda _: on_slice()):
                        self._log.info("act carried out", act_id=act_id)
            except (StorageUnavailable, OutcomeUnknown, asyncpg.PostgresError) as error:
                # How far it has come is written with each slice.
                self._log.warning("acts wait", reason=type(error).__name__)
            await asyncio.sleep(PAUSE_S)
