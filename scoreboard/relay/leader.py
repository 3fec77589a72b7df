"""Leading: one relay in the cluster, by a lease that is renewed while it works."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine

from scoreboard.domain.errors import LeaseLost, StorageUnavailable
from scoreboard.ledger.leases import Lease
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics

Work = Callable[[int], Coroutine[None, None, None]]
"""Runs under the term it is given, until cancelled."""


class Leader:
    """Works while it holds the lease, and only then."""

    def __init__(self, lease: Lease, metrics: Metrics, settings: Settings) -> None:
        self._lease = lease
        self._leads = metrics.relay_leads
        self._may_lead = settings.relay_enabled
        self._life_s = settings.lease_s
        self._renew_s = settings.lease_renew_s
        self._log = get_log("relay")

    async def run(self, work: Work) -> None:
        """Takes the lease whenever it is free, and works until it is lost."""
        if not self._may_lead:
            return
        try:
            while True:
                term = await self._try_to_take()
                if term is not None:
                    await self._lead(term, work)
                await asyncio.sleep(self._renew_s)
        finally:
            await self._release()

    async def _lead(self, term: int, work: Work) -> None:
        self._log.info("leading", term=term)
        self._leads.set(1)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew(term))
                group.create_task(work(term))
        except* LeaseLost:
            self._log.warning("lease lost", term=term)
        finally:
            self._leads.set(0)

    async def _renew(self, term: int) -> None:
        """Raises LeaseLost once another may hold the lease."""
        renewed_s = time.monotonic()
        while True:
            await asyncio.sleep(self._renew_s)
            asked_s = time.monotonic()
            found = await self._try_to_take()
            if found == term:
                renewed_s = asked_s
            elif found is not None or time.monotonic() - renewed_s > self._life_s:
                raise LeaseLost

    async def _try_to_take(self) -> int | None:
        try:
            return await self._lease.take()
        except StorageUnavailable:
            return None

    async def _release(self) -> None:
        try:
            await self._lease.release()
        except StorageUnavailable:
            return  # it runs out by itself
