"""What the ledger need not keep is purged, and what waits in it is reported."""

from __future__ import annotations

import asyncio
import time

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.ledger.nonces import SLICE, NoncePurge
from scoreboard.ledger.outbox import Outbox
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics

PURGE_S = 60.0


class Housekeeper:
    """Runs under the relay's lease."""

    def __init__(
        self, outbox: Outbox, purge: NoncePurge, metrics: Metrics, settings: Settings
    ) -> None:
        self._outbox = outbox
        self._purge = purge
        self._depth = metrics.outbox_depth
        self._age_s = metrics.outbox_age_s
        self._pause_s = settings.maintenance_s
        self._log = get_log("relay")

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._keep_house()
        finally:
            # Whoever leads now reports; what was seen here last would be added to it.
            self._depth.set(0)
            self._age_s.set(0)

    async def _keep_house(self) -> None:
        purged_s = float("-inf")
        while True:
            try:
                await self._report()
                if time.monotonic() - purged_s >= PURGE_S:
                    await self._purge_all()
                    purged_s = time.monotonic()
            except StorageUnavailable as error:
                self._log.warning("housekeeping waits", reason=str(error))
            await asyncio.sleep(self._pause_s)

    async def _report(self) -> None:
        state = await self._outbox.read_state()
        self._depth.set(state.depth)
        self._age_s.set(state.age_s)

    async def _purge_all(self) -> None:
        while await self._purge.purge_slice() == SLICE:
            continue
