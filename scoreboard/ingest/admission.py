"""Admission: increments are counted against both rate limits, then go to the group commit.

One round trip to Redis counts all that came while the one before it was under way, by address and
by user. A request waits once, for its answer, not once for each step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from scoreboard.domain.increments import Increment, Receipt
from scoreboard.ingest.group_commit import GroupCommit, Pending
from scoreboard.standings.limits import Limit, RateLimits


class Admission:
    """Admits increments to the group commit."""

    def __init__(self, limits: RateLimits, ip: Limit, user: Limit, commit: GroupCommit) -> None:
        self._limits = limits
        self._policies = (ip, user)
        self._commit = commit
        self._waiting: list[tuple[str, Pending]] = []
        self._admitting: asyncio.Task[None] | None = None

    async def submit(self, address: str, increment: Increment) -> Receipt:
        """The receipt, once the increment is durable; raises RateLimited, or the Refusal of its
        verdict.
        """
        pending = Pending(increment, asyncio.get_running_loop().create_future())
        self._waiting.append((address, pending))
        if self._admitting is None:
            self._admitting = asyncio.create_task(self._admit())
        return await pending.answer

    async def _admit(self) -> None:
        """Counts what waits, batch after batch, until nothing does."""
        batch: Sequence[tuple[str, Pending]] = ()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                requests = [(address, each.increment.user_id) for address, each in batch]
                refusals = await self._limits.count(self._policies, requests)
                for (_, each), refusal in zip(batch, refusals, strict=True):
                    if refusal is None:
                        self._commit.take(each)
                    elif not each.answer.done():
                        each.answer.set_exception(refusal)
                batch = ()
        finally:
            self._admitting = None
            for _, each in (*batch, *self._waiting):
                each.answer.cancel()  # nobody waits for ever
