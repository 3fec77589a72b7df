"""Rate limits: a burst, then a rate; shared over Redis, in this process while it is away."""

from __future__ import annotations

import asyncio
import time

import pytest

from scoreboard.domain.errors import RateLimited
from scoreboard.standings import limits
from scoreboard.standings.connection import RedisConnection
from scoreboard.standings.limits import Limit, LocalLimiter, Rate, RateLimiter, RateLimits
from tests.checker import until
from tests.standings.conftest import RawRedis, opened

SLOW = Rate("slow", per_s=0.01, burst=5)
NOWHERE = "redis://127.0.0.1:1"


def limiter(connection: RedisConnection, rate: Rate = SLOW, share: float = 1.0) -> RateLimiter:
    """A limiter whose keys no other test uses."""
    return RateLimiter(RateLimits(connection, "limits"), Limit(rate, share))


async def is_admitted(limits: RateLimiter, key: str = "k", cost: int = 1) -> bool:
    """Whether one request passes."""
    try:
        await limits.admit(key, cost)
    except RateLimited:
        return False
    return True


async def refusal(limits: RateLimiter, key: str = "k") -> float:
    """The wait that a refused request is told."""
    with pytest.raises(RateLimited) as refused:
        await limits.admit(key)
    assert refused.value.policy == limits.limit.rate.policy
    assert refused.value.retry_after_s is not None
    return refused.value.retry_after_s


async def count_admitted(limits: RateLimiter, requests: int, key: str = "k") -> int:
    """How many of so many requests at once pass."""
    return sum(await asyncio.gather(*(is_admitted(limits, key) for _ in range(requests))))


async def test_a_burst_is_admitted_and_what_follows_is_told_how_long_to_wait(
    connection: RedisConnection,
) -> None:
    slow = limiter(connection)
    assert [await is_admitted(slow) for _ in range(6)] == [True] * 5 + [False]
    assert 99 < await refusal(slow) <= 100


async def test_who_waits_as_told_is_admitted_once(connection: RedisConnection) -> None:
    quick = limiter(connection, Rate("quick", per_s=5, burst=2))
    assert await count_admitted(quick, 2) == 2
    started_s = time.monotonic()
    wait_s = await refusal(quick)
    await until(lambda: is_admitted(quick))
    assert time.monotonic() - started_s >= wait_s - 0.01
    assert not await is_admitted(quick)


async def test_refused_requests_use_up_nothing(connection: RedisConnection) -> None:
    slow = limiter(connection)
    await count_admitted(slow, 5)
    assert max([await refusal(slow) for _ in range(20)]) <= 100


async def test_one_key_many_times_in_a_batch_gets_its_burst(connection: RedisConnection) -> None:
    assert await count_admitted(limiter(connection), 50) == 5


async def test_many_keys_at_once_have_limits_of_their_own(connection: RedisConnection) -> None:
    slow = limiter(connection)
    found = await asyncio.gather(*(count_admitted(slow, 6, key=f"k{n}") for n in range(100)))
    assert found == [5] * 100


async def test_instances_share_the_limit(connection: RedisConnection, redis_url: str) -> None:
    async with opened(redis_url) as elsewhere:
        here, there = limiter(connection), limiter(elsewhere)
        found = await asyncio.gather(count_admitted(here, 10), count_admitted(there, 10))
    assert sum(found) == 5


async def test_a_cost_counts_as_that_many_requests(connection: RedisConnection) -> None:
    slow = limiter(connection)
    assert await is_admitted(slow, cost=4)
    assert not await is_admitted(slow, cost=2)
    assert await is_admitted(slow)
    assert not await is_admitted(slow)


@pytest.mark.parametrize("is_away", [False, True])
async def test_a_penalty_counts_in_full_also_beyond_the_burst(
    redis_url: str, *, is_away: bool
) -> None:
    async with opened(NOWHERE if is_away else redis_url) as connection:
        slow = limiter(connection)
        await slow.admit("k")
        await slow.penalise("k", 10)
        # 1 + 10 + 1 requests of 100 s each, less the burst of five.
        assert 699 < await refusal(slow) <= 700
        assert await is_admitted(slow, "another")


async def test_keys_vanish_once_they_have_nothing_to_say(
    connection: RedisConnection, raw: RawRedis
) -> None:
    quick = limiter(connection, Rate("quick", per_s=2, burst=2))
    await quick.admit("k")
    (key,) = await raw.keys("*")

    async def has_vanished() -> bool:
        return not await raw.exists(key)

    await until(has_vanished)


@pytest.mark.parametrize(("share", "admitted"), [(1.0, 5), (0.4, 2), (0.01, 1)])
async def test_while_redis_is_away_each_process_admits_its_share(
    share: float, admitted: int
) -> None:
    async with opened(NOWHERE) as connection:
        slow = limiter(connection, share=share)
        assert await count_admitted(slow, 20) == admitted
        assert await refusal(slow) == pytest.approx(100 / share, rel=0.05)


async def test_when_redis_is_back_the_limit_is_shared_again(
    connection: RedisConnection, raw: RawRedis
) -> None:
    slow = limiter(connection)
    connection._failed(OSError("a moment ago"))
    assert await count_admitted(slow, 20) == 5
    assert await raw.dbsize() == 0

    async def is_up() -> bool:
        return connection.is_up

    await until(is_up)
    assert await count_admitted(slow, 20) == 5
    assert await raw.dbsize() == 1


async def test_a_caller_that_goes_away_disturbs_nobody(connection: RedisConnection) -> None:
    slow = limiter(connection)
    leaving = [asyncio.create_task(slow.admit("k")) for _ in range(3)]
    staying = asyncio.create_task(is_admitted(slow, "other"))
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    assert await staying
    await asyncio.wait(leaving)
    assert await count_admitted(slow, 20) <= 5


@pytest.mark.parametrize("is_away", [False, True])
async def test_a_request_counts_against_several_limits_until_one_refuses_it(
    redis_url: str, *, is_away: bool
) -> None:
    async with opened(NOWHERE if is_away else redis_url) as connection:
        counts = RateLimits(connection, "limits")
        first = Limit(Rate("first", per_s=0.01, burst=3), 1.0)
        second = Limit(Rate("second", per_s=0.001, burst=2), 1.0)
        found = await counts.count((first, second), [("a", "x")] * 4 + [("b", "y")])
        assert found[:2] == [None, None]
        assert found[4] is None
        # The third is refused behind the first limit, which it has used up for the fourth.
        told = [(each.policy, round(each.retry_after_s or 0, -1)) for each in found[2:4] if each]
        assert told == [("second", 1000), ("first", 100)]
        found = await counts.count((first, second), [("c", "x"), ("c", "y"), ("a", "z")])
        assert [each and each.policy for each in found] == ["second", None, "first"]
        # Refused by the first, it counted nothing against the second.
        assert await counts.count((second,), [("z",), ("z",)]) == [None, None]


async def test_redis_is_not_asked_again_while_its_refusal_stands(
    connection: RedisConnection, raw: RawRedis
) -> None:
    quick = limiter(connection, Rate("quick", per_s=2, burst=2))
    quick.limit.refuse_known("k")
    assert await count_admitted(quick, 2) == 2
    wait_s = await refusal(quick)
    await raw.flushdb()  # Redis would admit it now
    assert 0 < await refusal(quick) <= wait_s
    assert await is_admitted(quick, "another")
    await until(lambda: is_admitted(quick))


async def test_a_read_waits_for_nobody_until_it_is_near_the_limit(
    connection: RedisConnection, raw: RawRedis
) -> None:
    slow = limiter(connection)
    for _ in range(5):
        with pytest.raises(StopIteration):  # it ends without having waited once
            slow.admit_read("k").send(None)
    with pytest.raises(RateLimited):
        await slow.admit_read("k")
    assert await raw.dbsize() == 1
    assert not await is_admitted(slow)


async def test_reads_are_counted_before_what_follows_near_the_limit(
    connection: RedisConnection,
) -> None:
    slow = limiter(connection)
    counts = RateLimits(connection, "limits")
    await slow.admit_read("k")
    await slow.settle("k")
    assert await counts.count((slow.limit,), [("k",)]) == [None]  # not near, not waited for
    for _ in range(3):
        await slow.admit_read("k")
    await slow.settle("k")
    (refusal,) = await counts.count((slow.limit,), [("k",)])
    assert refusal is not None
    await slow.close()


async def test_a_read_learns_what_other_processes_have_counted(
    connection: RedisConnection, redis_url: str
) -> None:
    async with opened(redis_url) as elsewhere:
        here, there = limiter(connection), limiter(elsewhere)
        assert await count_admitted(there, 5) == 5
        await here.admit_read("k")  # one that nobody knew of
        await here.close()
        with pytest.raises(RateLimited):
            await here.admit_read("k")


async def test_while_redis_is_away_reads_have_the_process_s_share() -> None:
    async with opened(NOWHERE) as connection:
        slow = limiter(connection, share=0.4)
        assert not await is_admitted(slow, cost=6)
        admitted = [await admits_read(slow) for _ in range(5)]
    assert admitted == [True, True, False, False, False]


async def admits_read(limits: RateLimiter, key: str = "k") -> bool:
    """Whether a read passes."""
    try:
        await limits.admit_read(key)
    except RateLimited:
        return False
    return True


def test_the_local_limiter_follows_its_clock() -> None:
    now_s = 1000.0
    local = LocalLimiter(Rate("local", per_s=2, burst=3), lambda: now_s)
    assert [local.admit("k", 1) for _ in range(4)] == [0, 0, 0, 0.5]
    now_s += 0.5
    assert [local.admit("k", 1) for _ in range(2)] == [0, 0.5]
    now_s += 100
    assert [local.admit("k", 1) for _ in range(4)] == [0, 0, 0, 0.5]


def test_the_local_limiter_forgets_keys_that_used_up_nothing() -> None:
    now_s = 1000.0
    local = LocalLimiter(Rate("local", per_s=1, burst=1), lambda: now_s)
    for number in range(limits.KEYS_MAX):
        local.admit(f"old {number}", 1)
    now_s += 2
    local.admit("new", 1)
    assert set(local._arrivals) == {"new"}
    assert local.admit("new", 1) > 0
