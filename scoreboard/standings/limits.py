"""Rate limits (GCRA): one script per batch in Redis, in this process while Redis is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import repeat

from msgspec import Struct

from scoreboard.domain.errors import RateLimited, StandingsUnavailable
from scoreboard.standings.coalescing import Coalescer
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
        self.nearby = LocalLimiter(rate, time.monotonic)
        """What this process knows of the shared limit: its own requests, and what Redis told."""
        self._refused_until_s: dict[str, float] = {}

    def is_refused(self, key: str) -> bool:
        """Whether Redis has refused the key a moment ago."""
        return key in self._refused_until_s

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

    @property
    def is_shared(self) -> bool:
        """Whether Redis answers, as far as is known; else each process counts for itself."""
        return self._connection.is_up

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
            _told(limits, request, cost, answer)
            for request, cost, answer in zip(requests, costs or repeat(1), found, strict=False)
        ]


def _told(
    limits: Sequence[Limit], request: Sequence[str], cost: int, answer: int
) -> RateLimited | None:
    if answer <= 0:
        limits[0].nearby.learn(request[0], -answer / 1_000_000)
        return None
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


class RateLimiter:
    """Counts requests against one limit. Concurrent calls share one round trip."""

    def __init__(self, limits: RateLimits, limit: Limit) -> None:
        self.limit = limit
        self._limits = limits
        self._counts = Coalescer(self._count_all)

    async def admit(self, key: str, cost: int = 1) -> None:
        """Counts a request of `key`. Raises RateLimited with the wait in it."""
        self.limit.refuse_known(key)
        refusal = await self._counts.ask((key, cost))
        if refusal is not None:
            raise refusal

    async def admit_read(self, key: str) -> None:
        """The same, without a wait where the key is not known to be near its limit.

        What other processes have counted since they were last asked is not known here: so many
        requests may be admitted beyond the limit.
        """
        self.limit.refuse_known(key)
        if not self.count_read(key):
            await self.admit(key)

    def count_read(self, key: str) -> bool:
        """Counts a read where that needs no wait; whether it did. It is admitted then."""
        if self.limit.is_refused(key) or not self._limits.is_shared:
            return False
        if self.limit.nearby.admit(key, 1) > 0:
            return False
        self._counts.tell((key, 1))
        return True

    def is_far(self, key: str) -> bool:
        """Whether half of the burst is left or more, as far as this process knows.

        Then nothing has to be counted before something else of `key` is.
        """
        return not self.limit.is_refused(key) and self.limit.nearby.is_far_from_limit(key)

    async def settle(self, key: str) -> None:
        """Has Redis know of the reads before something else of `key` is counted there, where they
        may have brought it to its limit.
        """
        if not self.limit.nearby.is_far_from_limit(key):
            await self._counts.settle()

    async def close(self) -> None:
        """Counts what is not counted yet."""
        await self._counts.settle()

    async def penalise(self, key: str, cost: int) -> None:
        """Counts `cost` further requests of `key`, also beyond the burst: the next ones wait."""
        await self._counts.ask((key, -cost))

    async def _count_all(self, requests: list[tuple[str, int]]) -> list[RateLimited | None]:
        keys, costs = [(key,) for key, _ in requests], [cost for _, cost in requests]
        return await self._limits.count((self.limit,), keys, costs)


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
        after = max(self._arrivals.get(key, 0.0), now_s) + self._interval_s * abs(cost)
        wait_s = after - self._burst_s - now_s
        if wait_s > 0 and cost > 0:
            return wait_s
        self._keep(key, after)
        return 0.0

    def is_far_from_limit(self, key: str) -> bool:
        """Whether half of the burst is left, or more."""
        return self._arrivals.get(key, 0.0) - self._clock() <= self._burst_s / 2

    def learn(self, key: str, ahead_s: float) -> None:
        """The key has used up `ahead_s` of its burst, as others count."""
        after = self._clock() + ahead_s
        if after > self._arrivals.get(key, 0.0):
            self._keep(key, after)

    def _keep(self, key: str, after: float) -> None:
        if len(self._arrivals) >= KEYS_MAX:
            self._forget(self._clock())
        self._arrivals[key] = after

    def _forget(self, now_s: float) -> None:
        """Drops keys that have used up nothing; all of them where that frees none."""
        self._arrivals = {key: at for key, at in self._arrivals.items() if at > now_s}
        if len(self._arrivals) >= KEYS_MAX:
            self._arrivals.clear()
