"""Erasures are carried out once they are due, whoever began them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg

from scoreboard.domain.errors import ConfigurationError, ServerAway, StorageUnavailable
from scoreboard.ledger.database import Database
from scoreboard.ledger.erasures import Erasures, carry_out
from scoreboard.telemetry.logs import get_log

PAUSE_S = 1.0


class DueErasures:
    """Runs under the relay's lease, over sessions of its own. One that somebody else is at ends
    there.
    """

    def __init__(self, database: Database, database_url: str) -> None:
        self._erasures = Erasures(database.fetch)
        self._database_url = database_url
        self._log = get_log("relay")

    async def run(self, on_erased: Callable[[], None]) -> None:
        """Until cancelled; `on_erased` hears that there may be something in the outbox."""
        while True:
            try:
                for act_id in await self._erasures.due():
                    await self._carry_out(act_id, on_erased)
            except (
                StorageUnavailable,
                ServerAway,
                ConfigurationError,
                asyncpg.PostgresError,
            ) as error:
                # Nothing is erased by half: the next round begins anew.
                self._log.warning("erasures wait", reason=type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    async def _carry_out(self, act_id: int, on_erased: Callable[[], None]) -> None:
        erased = await carry_out(self._database_url, act_id)
        if erased is not None:
            on_erased()
            self._log.info("user erased", act_id=act_id, events=erased.events)
