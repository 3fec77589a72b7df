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
        self._may_lead = "relay" in settings.roles
        self._life_s = settings.lease_s
        self._renew_s = settings.lease_renew_s
        self._log = get_log("relay")

    async def run(self, work: Work) -> None:
        """Takes the lease whenever it is free, and works until it is lost."""
        if not self._may_lead:
            return
        try:
            while True:
                asked_s = time.monotonic()
                term = await self._try_to_take()
                if term is not None:
                    await self._lead(term, asked_s + self._life_s, work)
                await asyncio.sleep(self._renew_s)
        finally:
            await self._release()

    async def _lead(self, term: int, held_until_s: float, work: Work) -> None:
        self._log.info("leading", term=term)
        self._leads.set(1)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew(term, held_until_s))
                group.create_task(work(term))
        except* LeaseLost:
            self._log.warning("lease lost", term=term)
        finally:
            self._leads.set(0)

    async def _renew(self, term: int, held_until_s: float) -> None:
        """Raises LeaseLost once another holds the lease, or may hold it."""
        while True:
            await asyncio.sleep(self._renew_s)
            asked_s = time.monotonic()
            try:
                async with asyncio.timeout(held_until_s - asked_s):
                    found = await self._lease.take()
            except StorageUnavailable:
                continue
            except TimeoutError:
                raise LeaseLost from None
            if found != term:
                raise LeaseLost
            held_until_s = asked_s + self._life_s

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
