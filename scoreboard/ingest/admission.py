"""Admission: a batch of increments is counted against both rate limits in one round trip."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from scoreboard.domain.increments import Increment, Receipt
from scoreboard.reads.ranking import Who
from scoreboard.standings.limits import Limit, RateLimits


class Pending(Struct):
    """An increment, the address it came from, and its answer to be.

    `queued_s` is when it began to wait, on the loop's clock. `total` is what it adds to.
    """

    address: str
    increment: Increment
    queued_s: float
    answer: asyncio.Future[Receipt]
    total: Who


class Admission:
    """Asks the limits of address and user."""

    def __init__(self, limits: RateLimits, ip: Limit, user: Limit) -> None:
        self._limits = limits
        self._policies = (ip, user)

    async def admit(self, batch: list[Pending]) -> list[Pending]:
        """Those that may go on; the others are answered with RateLimited."""
        requests = [(each.address, each.increment.user_id) for each in batch]
        refusals = await self._limits.count(self._policies, requests)
        admitted: list[Pending] = []
        for each, refusal in zip(batch, refusals, strict=True):
            if refusal is None:
                admitted.append(each)
            elif not each.answer.done():
                each.answer.set_exception(refusal)
        return admitted
