"""A board that Redis lost is noticed and refilled from the ledger while increments go on."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from tests.checker import connect, until
from tests.harness import Backends, new_user, run_scoreboard
from tests.standings.service import QUICK, Load, check_settled, count_rebuilds, has_gap, is_live

MANY = """
    WITH events AS (
        INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after,
                                  nonce, kid, source, actor, token, created_at)
        SELECT nextval('score_event_ids'), 'main', gen_random_uuid(), n, n, 1,
               md5(n::text), 'k', 'win', 'a', '', date_trunc('second', now())
        FROM generate_series(1, $1) AS n RETURNING *
    ), nonces AS (
        INSERT INTO action_nonces SELECT nonce, now() + interval '1 hour', event_id FROM events
    )
    INSERT INTO user_scores
    SELECT board_id, user_id, score_after, 1, event_id, created_at FROM events"""


async def test_a_flushed_redis_is_refilled_while_increments_go_on(backends: Backends) -> None:
    async with (
        run_scoreboard(backends, **QUICK) as scoreboard,
        Redis.from_url(backends.redis_url) as redis,
    ):
        async with Load(scoreboard).playing() as load:
            for _ in range(3):
                await redis.flushdb()
                await load.go_on(20)
                await until(lambda: is_live(backends))
        await check_settled(backends)


async def test_a_rebuild_ends_also_while_increments_go_on(backends: Backends) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute(MANY, 400)
    async with (
        run_scoreboard(backends, **QUICK, rebuild_batch=1) as scoreboard,
        Redis.from_url(backends.redis_url) as redis,
    ):
        await until(lambda: is_live(backends))
        async with Load(scoreboard).playing() as load:
            await redis.flushdb()
            await until(lambda: is_live(backends))
            rebuilds = await count_rebuilds(scoreboard)
            await load.go_on(200)
            assert await count_rebuilds(scoreboard) == rebuilds
            assert not await has_gap(backends)
        await check_settled(backends)


async def test_a_restarted_redis_with_older_data_is_not_trusted(backends: Backends) -> None:
    async with (
        run_scoreboard(backends, **QUICK) as scoreboard,
        Redis.from_url(backends.redis_url) as redis,
    ):
        user_id = new_user()
        await scoreboard.increment(user_id, 5)
        await until(lambda: is_live(backends))
        rebuilds = await count_rebuilds(scoreboard)
        await redis.hset(f"{backends.redis_prefix}:{{main}}:meta", "run_id", "before")

        async def is_rebuilt() -> bool:
            return await count_rebuilds(scoreboard) > rebuilds

        await until(is_rebuilt)
        await check_settled(backends)


async def test_a_board_that_cannot_be_mended_does_not_keep_the_others_waiting(
    backends: Backends,
) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute("INSERT INTO boards (board_id) VALUES ('broken')")  # before main
    async with Redis.from_url(backends.redis_url) as redis:
        await redis.set(f"{backends.redis_prefix}:{{broken}}:meta", "no hash")
        async with run_scoreboard(backends, **QUICK) as scoreboard:
            await until(lambda: is_live(backends))
            assert (await scoreboard.increment(new_user(), 5)).body == {"score": 5, "rank": 1}


async def test_an_abandoned_rebuild_is_removed_by_the_leader(backends: Backends) -> None:
    async with run_scoreboard(backends, **QUICK), Redis.from_url(backends.redis_url) as opened:
        redis: Any = opened  # whose types say that every reply may be text
        await until(lambda: is_live(backends))
        board = f"{backends.redis_prefix}:{{main}}"
        await redis.hset(f"{board}:gone:users", "user", "left")
        await redis.hset(
            f"{board}:meta",
            mapping={"building": "gone", "count:gone": 1, "progressed_at": 1_700_000_000},
        )

        async def is_removed() -> bool:
            return not await redis.exists(f"{board}:gone:users")

        await until(is_removed)
        assert await redis.hmget(f"{board}:meta", "building", "count:gone") == [None, None]
        assert await is_live(backends)
