"""Suspensions that have come to their end are lifted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg

from scoreboard.domain.acts import Act, ActKind, Actor
from scoreboard.domain.errors import OutcomeUnknown, StorageUnavailable
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query
from scoreboard.telemetry.logs import get_log

PAUSE_S = 0.5
SLICE = 100

SERVICE = Actor(subject="scoreboard", origin="service")
REASON = "The suspension has come to its end."


class SuspensionEnds:
    """Runs under the relay's lease. What it does is recorded as an act of the service."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._acts = ActLedger(database.write)
        self._query = load_query("read_ended_suspensions")
        self._log = get_log("relay")

    async def run(self, on_lifted: Callable[[], None]) -> None:
        """Until cancelled; `on_lifted` hears that there is something in the outbox."""
        while True:
            try:
                if await self.lift():
                    on_lifted()
            except (StorageUnavailable, OutcomeUnknown, asyncpg.PostgresError) as error:
                self._log.warning("suspensions wait", reason=type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    async def lift(self) -> int:
        """Lifts those that are due; how many it looked at."""
        due = await self._database.fetch(self._query, SLICE)
        for board_id, user_id in due:
            act = Act(ActKind.LIFT, BoardId(board_id), REASON, UserId(user_id))
            await self._acts.apply(act, SERVICE)
        return len(due)
