"""Rate limits (GCRA): one script per batch in Redis, in this process while Redis is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import repeat

from msgspec import Struct

from scoreboard.domain.errors import RateLimited, StandingsUnavailable
from scoreboard.standings.connection import Argument, RedisConnection, load_script

KEYS_MAX = 100_000
"""Keys remembered in this process, of each kind."""


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


class Limit:
    """The limit of one policy: a quota for each key."""

    def __init__(self, rate: Rate, local_share: float) -> None:
        """`local_share` is this process's part of the rate while Redis is away: 1 / processes."""
        self.rate = rate
        self._local = LocalLimiter(
            Rate(rate.policy, rate.per_s * local_share, max(1, int(rate.burst * local_share))),
            time.monotonic,
        )
        self._refused_until_s: dict[str, float] = {}

    def refuse_known(self, key: str) -> None:
        """Raises RateLimited where Redis has refused the key and its wait is not over."""
        until_s = self._refused_until_s.get(key)
        if until_s is None:
            return
        wait_s = until_s - time.monotonic()
        if wait_s > 0:
            raise RateLimited(self.rate.policy, wait_s)
        del self._refused_until_s[key]

    def refusal(self, key: str, cost: int, wait_us: int) -> RateLimited:
        """What a request is told that Redis has refused; remembered, so that it is not asked."""
        wait_s = wait_us / 1_000_000
        if cost == 1:
            if len(self._refused_until_s) >= KEYS_MAX:
                self._refused_until_s.clear()
            self._refused_until_s[key] = time.monotonic() + wait_s
        return RateLimited(self.rate.policy, wait_s)

    def judge_locally(self, key: str, cost: int) -> RateLimited | None:
        """The same without Redis, which is away."""
        wait_s = self._local.admit(key, cost)
        return RateLimited(self.rate.policy, wait_s) if wait_s > 0 else None


class RateLimits:
    """Counts requests against limits, many of them in one round trip."""

    def __init__(self, connection: RedisConnection, prefix: str) -> None:
        self._connection = connection
        self._script = load_script("admit", preamble=False)
        # One slot for all, so that a script's keys may live in a Redis Cluster.
        self._key_head = f"{prefix}:{{rate}}"

    async def count(
        self,
        limits: Sequence[Limit],
        requests: Sequence[Sequence[str]],
        costs: Sequence[int] = (),
    ) -> list[RateLimited | None]:
        """What refuses each request, or None where it is admitted by all limits.

        A request is one key for each limit; the first that refuses ends it, and those behind
        count nothing. Without `costs` each costs 1.
        """
        arguments: list[Argument] = [len(limits)]
        for limit in limits:
            arguments += (str(limit.rate.interval_us), str(limit.rate.burst_us))
        heads = [f"{self._key_head}:{limit.rate.policy}:" for limit in limits]
        keys = [
            head + key for request in requests for head, key in zip(heads, request, strict=True)
        ]
        try:
            found = await self._connection.run(self._script, keys, [*arguments, *costs])
        except StandingsUnavailable:
            return [
                _judge_locally(limits, request, cost)
                for request, cost in zip(requests, costs or repeat(1), strict=False)
            ]
        return [
            _refusal(limits, request, cost, answer) if answer else None
            for request, cost, answer in zip(requests, costs or repeat(1), found, strict=False)
        ]


def _refusal(
    limits: Sequence[Limit], request: Sequence[str], cost: int, answer: int
) -> RateLimited:
    wait_us, place = divmod(answer, len(limits))
    return limits[place].refusal(request[place], cost, wait_us)


def _judge_locally(
    limits: Sequence[Limit], request: Sequence[str], cost: int
) -> RateLimited | None:
    for limit, key in zip(limits, request, strict=True):
        refusal = limit.judge_locally(key, cost)
        if refusal is not None:
            return refusal
    return None


class _Waiting(Struct):
    key: str
    cost: int  # negative: to be counted whatever remains
    done: asyncio.Future[RateLimited | None]


class RateLimiter:
    """Counts requests against one limit. Concurrent calls share one round trip."""

    def __init__(self, limits: RateLimits, limit: Limit) -> None:
        self.limit = limit
        self._limits = limits
        self._waiting: list[_Waiting] = []
        self._flushing: asyncio.Task[None] | None = None

    async def admit(self, key: str, cost: int = 1) -> None:
        """Counts a request of `key`. Raises RateLimited with the wait in it."""
        self.limit.refuse_known(key)
        refusal = await self._count(key, cost)
        if refusal is not None:
            raise refusal

    async def penalise(self, key: str, cost: int) -> None:
        """Counts `cost` further requests of `key`, also beyond the burst: the next ones wait."""
        await self._count(key, -cost)

    async def _count(self, key: str, cost: int) -> RateLimited | None:
        done: asyncio.Future[RateLimited | None] = asyncio.get_running_loop().create_future()
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
                refusals = await self._limits.count(
                    [self.limit], [[each.key] for each in batch], [each.cost for each in batch]
                )
                for each, refusal in zip(batch, refusals, strict=True):
                    if not each.done.done():
                        each.done.set_result(refusal)
        finally:
            self._flushing = None
            for each in (*batch, *self._waiting):
                each.done.cancel()  # no-op where it is answered; nobody waits for ever


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
        if len(self._arrivals) >= KEYS_MAX:
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
        if len(self._arrivals) >= KEYS_MAX:
            self._arrivals.clear()
