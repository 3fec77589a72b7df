"""Rate limits (GCRA): one script per batch in Redis, in this process while Redis is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from msgspec import Struct

from scoreboard.domain.errors import RateLimited, StandingsUnavailable
from scoreboard.standings.connection import RedisConnection, load_script

LOCAL_KEYS_MAX = 100_000


class Rate(Struct, frozen=True):
    """A named policy: so many requests a second, and so many at once."""

    policy: str
    per_s: float
    burst: int

    @property
    def interval_us(self) -> float:
        """Time that one request uses up."""
        return 1_000_000 / self.per_s

    @property
    def burst_us(self) -> float:
        """How far ahead of its rate a key may run."""
        return self.burst * self.interval_us


class _Waiting(Struct):
    key: str
    cost: int  # negative: to be counted whatever remains
    done: asyncio.Future[float]


class RateLimiter:
    """Admits requests of one policy. Concurrent calls share one round trip."""

    def __init__(
        self, connection: RedisConnection, prefix: str, rate: Rate, local_share: float
    ) -> None:
        """`local_share` is this process's part of the rate while Redis is away: 1 / processes."""
        self.rate = rate
        self._connection = connection
        self._script = load_script("admit", preamble=False)
        # One slot per policy, so that a script's keys may live in a Redis Cluster.
        self._key_head = f"{prefix}:{{rate:{rate.policy}}}:"
        self._local = LocalLimiter(
            Rate(rate.policy, rate.per_s * local_share, max(1, int(rate.burst * local_share))),
            time.monotonic,
        )
        self._waiting: list[_Waiting] = []
        self._flushing: asyncio.Task[None] | None = None

    async def admit(self, key: str, cost: int = 1) -> None:
        """Counts a request of `key`. Raises RateLimited with the wait in it."""
        wait_s = await self._count(key, cost)
        if wait_s > 0:
            raise RateLimited(self.rate.policy, wait_s)

    async def penalise(self, key: str, cost: int) -> None:
        """Counts `cost` further requests of `key`, also beyond the burst: the next ones wait."""
        await self._count(key, -cost)

    async def _count(self, key: str, cost: int) -> float:
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(key, cost, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def _flush(self) -> None:
        """Sends what waits, batch after batch, until nothing does."""
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                waits_s = await self._ask(batch)
                for each, wait_s in zip(batch, waits_s, strict=True):
                    if not each.done.done():
                        each.done.set_result(wait_s)
        finally:
            self._flushing = None
            for each in (*batch, *self._waiting):
                each.done.cancel()  # no-op where it is answered; nobody waits for ever

    async def _ask(self, batch: list[_Waiting]) -> list[float]:
        try:
            waits_us = await self._connection.run(
                self._script,
                [self._key_head + each.key for each in batch],
                [
                    str(self.rate.interval_us),
                    str(self.rate.burst_us),
                    *(each.cost for each in batch),
                ],
            )
        except StandingsUnavailable:
            return [self._local.admit(each.key, each.cost) for each in batch]
        return [wait_us / 1_000_000 for wait_us in waits_us]


class LocalLimiter:
    """The same algorithm in memory."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._interval_s = rate.interval_us / 1_000_000
        self._burst_s = rate.burst_us / 1_000_000
        self._clock = clock
        self._arrivals: dict[str, float] = {}

    def admit(self, key: str, cost: int) -> float:
        """0 where admitted, else the seconds until it would be. A negative cost always is."""
        now_s = self._clock()
        if len(self._arrivals) >= LOCAL_KEYS_MAX:
            self._forget(now_s)
        after = max(self._arrivals.get(key, 0.0), now_s) + self._interval_s * abs(cost)
        wait_s = after - self._burst_s - now_s
        if wait_s > 0 and cost > 0:
            return wait_s
        self._arrivals[key] = after
        return 0.0

    def _forget(self, now_s: float) -> None:
        """Drops keys that have used up nothing; all of them where that frees none."""
        self._arrivals = {key: at for key, at in self._arrivals.items() if at > now_s}
        if len(self._arrivals) >= LOCAL_KEYS_MAX:
            self._arrivals.clear()
