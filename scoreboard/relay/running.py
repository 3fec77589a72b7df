"""Acts about many events are carried out to their end, whoever began them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from scoreboard.domain.errors import OutcomeUnknown, StorageUnavailable
from scoreboard.ledger.database import Database
from scoreboard.ledger.runs import Runs
from scoreboard.telemetry.logs import get_log

LOOK_S = 2.0
"""Between looks when nobody wakes it: for what was cut off or failed, and for lost wakes."""

FAILURES = (StorageUnavailable, OutcomeUnknown, asyncpg.PostgresError)


class UnfinishedRuns:
    """Runs under the relay's lease, slices of all acts in turn: a short one waits for no long one.

    A run that somebody else is at goes on there.
    """

    def __init__(self, database: Database) -> None:
        self._runs = Runs(database.write)
        self._has_work = asyncio.Event()
        self._log = get_log("relay")

    def wake(self) -> None:
        """An act was begun."""
        self._has_work.set()

    async def run(self, on_slice: Callable[[], None]) -> None:
        """Until cancelled; `on_slice` hears that there is something in the outbox."""
        while True:
            self._has_work.clear()
            try:
                while await self._run_slices(on_slice):
                    pass
            except FAILURES as error:
                self._log.warning("acts wait", reason=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._has_work.wait()

    async def _run_slices(self, on_slice: Callable[[], None]) -> bool:
        """A slice of each; whether there was any. How far each has come is written with it."""
        has_run = False
        for act_id in await self._runs.unfinished():
            try:
                part = await self._runs.run_slice(act_id)
            except FAILURES as error:
                # The others go on, and so does this one at the next look.
                self._log.warning("act waits", act_id=act_id, reason=type(error).__name__)
                continue
            if part is None:
                continue
            has_run = True
            on_slice()
            if part.is_finished:
                self._log.info("act carried out", act_id=act_id, done=part.done)
        return has_run
