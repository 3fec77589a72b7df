"""Redis full, hung, stopped or not yet there: increments cost nothing, and the board heals."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cli.embedded.redis import EmbeddedRedis
from tests.bus.proxy import Proxy
from tests.checker import until
from tests.harness import Backends, new_user, run_scoreboard
from tests.standings.service import QUICK, check_settled, has_gap, is_live, shows


@pytest.fixture
def private_redis() -> Iterator[EmbeddedRedis]:
    """Return a Redis that no other test uses; its path is short enough to stay the same."""
    with (
        tempfile.TemporaryDirectory(prefix="sb-") as folder,
        EmbeddedRedis(Path(folder) / "redis") as server,
    ):
        yield server


@pytest.fixture
def private_backends(backends: Backends, private_redis: EmbeddedRedis) -> Backends:
    """Return the stores with that Redis."""
    backends.redis_url = private_redis.url()
    return backends


async def test_a_full_redis_costs_no_increment_and_is_healed_once_it_has_room(
    private_backends: Backends,
) -> None:
    backends = private_backends
    async with (
        run_scoreboard(backends, **QUICK) as scoreboard,
        Redis.from_url(backends.redis_url) as redis,
    ):
        leader = new_user()
        assert (await scoreboard.increment(leader, 100)).status == 200
        await until(lambda: is_live(backends))
        await redis.config_set("maxmemory", 1)
        ranks = [(await scoreboard.increment(new_user(), score)).body for score in (50, 60, 70)]
        assert ranks == [{"score": score, "rank": 2} for score in (50, 60, 70)]
        await until(lambda: has_gap(backends))
        await until(lambda: shows(scoreboard, 100, 70, 60, 50))  # cached for a second
        await redis.config_set("maxmemory", 0)
        await check_settled(backends)


async def test_a_stopped_redis_costs_no_increment_and_a_started_one_is_filled(
    private_backends: Backends, private_redis: EmbeddedRedis
) -> None:
    async with run_scoreboard(private_backends, **QUICK) as scoreboard:
        alice, bob = new_user(), new_user()
        assert (await scoreboard.increment(alice, 10)).body == {"score": 10, "rank": 1}
        private_redis.stop()
        answer = await scoreboard.increment(bob, 20)
        assert (answer.status, answer.body) == (200, {"score": 20, "rank": 1})
        standing = await scoreboard.get(f"/scores/{alice}")
        assert (standing.status, standing.body["rank"]) == (200, 2)
        await until(lambda: shows(scoreboard, 20, 10))  # cached for a second
        private_redis.start()
        await check_settled(private_backends)


async def test_a_service_that_starts_while_redis_is_away_serves(
    private_backends: Backends, private_redis: EmbeddedRedis
) -> None:
    settings = private_backends.settings()  # the URL is known only while it runs
    private_redis.stop()
    async with run_scoreboard(
        private_backends, **QUICK, redis_url=settings.redis_url
    ) as scoreboard:
        answer = await scoreboard.increment(new_user(), 5)
        assert (answer.status, answer.body) == (200, {"score": 5, "rank": 1})
        private_redis.start()
        await check_settled(private_backends)


async def test_a_hanging_redis_costs_an_increment_no_more_than_its_time_limit(
    backends: Backends,
) -> None:
    target = backends.redis_url.partition("?")[0]
    async with Proxy(target) as proxy:
        number = backends.redis_url.rpartition("=")[2]
        through = f"redis://127.0.0.1:{proxy.port}/{number}"
        limits = {**QUICK, "redis_timeout_ms": 150, "redis_url": through}
        async with run_scoreboard(backends, **limits) as scoreboard:
            await scoreboard.increment(new_user(), 10)
            proxy.pause()
            async with asyncio.timeout(2.0):
                answer = await scoreboard.increment(new_user(), 5)
            assert (answer.status, answer.body) == (200, {"score": 5, "rank": 2})
            proxy.resume()
            await check_settled(backends)
