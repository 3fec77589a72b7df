"""`scoreboard doctor` on a Redis that is really in the wrong state."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from cli.doctor.redis import check_role, check_version, redis_examination
from cli.doctor.verdicts import Finding
from cli.embedded.redis import EmbeddedRedis
from scoreboard.settings import Settings
from tests.bus.conftest import proxy_to
from tests.checker import connect, until
from tests.cli.diagnosis import OK, PROBLEM, WARNING, look, told
from tests.harness import Backends, run_scoreboard

MIB = 1 << 20


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """Run a server whose settings are this module's own."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def client(private: EmbeddedRedis) -> AsyncIterator[Redis]:
    """Return a client of that server, which is as it was at its start."""
    async with Redis.from_url(private.url()) as opened:
        await opened.flushall()
        yield opened
        await opened.replicaof("NO", "ONE")
        for name, value in (("maxmemory", 0), ("maxmemory-policy", "noeviction"), ("save", "")):
            await opened.config_set(name, value)
        await opened.flushall()
        await opened.config_resetstat()


@pytest.fixture
def settings(private: EmbeddedRedis, backends: Backends) -> Settings:
    """Return settings that lead to that server."""
    return backends.settings(redis_url=private.url())


async def examine(settings: Settings) -> dict[str, Finding]:
    """The findings about Redis that are not ok; that the index is not there yet is left out."""
    found = told(await look(redis_examination(settings, has_database=True)))
    found.pop("standings")
    return found


async def carry_out(client: Any, remedy: str | None) -> None:  # noqa: ANN401 - partly untyped
    """The redis-cli command of a remedy."""
    words = shlex.split((remedy or "").partition("redis-cli ")[2].partition(" (")[0])
    assert words
    await client.execute_command(*words)


async def fill(client: Redis) -> None:
    """Writes until Redis refuses."""
    for number in range(1000):
        await client.set(f"filler-{number}", b"x" * (MIB // 16))


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ("allkeys-lru", PROBLEM),
        ("allkeys-lfu", PROBLEM),
        ("allkeys-random", PROBLEM),
        ("volatile-lru", WARNING),
        ("volatile-ttl", WARNING),
    ],
)
async def test_a_policy_that_drops_boards_is_found_and_its_remedy_mends_it(
    policy: str, status: str, client: Redis, settings: Settings
) -> None:
    assert await examine(settings) == {}
    await client.config_set("maxmemory-policy", policy)
    found = await examine(settings)
    assert {name: each.status for name, each in found.items()} == {"redis-eviction": status}
    assert policy in found["redis-eviction"].found
    await carry_out(client, found["redis-eviction"].remedy)
    assert await examine(settings) == {}


async def test_a_memory_that_is_nearly_full_is_found_and_its_remedy_mends_it(
    client: Redis, settings: Settings
) -> None:
    await client.config_set("maxmemory", 8 * MIB)
    with pytest.raises(OutOfMemoryError):
        await fill(client)
    found = await examine(settings)
    assert {name: each.status for name, each in found.items()} == {"redis-memory": PROBLEM}
    await carry_out(client, found["redis-memory"].remedy)
    assert await examine(settings) == {}


async def test_dropped_keys_are_found_until_they_are_forgotten(
    client: Redis, settings: Settings
) -> None:
    await client.config_set("maxmemory", 8 * MIB)
    await client.config_set("maxmemory-policy", "allkeys-random")
    while not (await client.info("stats"))["evicted_keys"]:
        await client.set(f"filler-{await client.dbsize()}", b"x" * (MIB // 4))
    await client.config_set("maxmemory", 0)
    await client.config_set("maxmemory-policy", "noeviction")
    found = await examine(settings)
    assert {name: each.status for name, each in found.items()} == {"redis-evicted": WARNING}
    await client.config_resetstat()
    assert await examine(settings) == {}


async def test_a_dump_that_fails_is_found(
    client: Redis, settings: Settings, private: EmbeddedRedis
) -> None:
    folder = Path(str((await client.config_get("dir"))["dir"]))
    (folder / "dump.rdb").mkdir()  # a file cannot take its place, whoever tries
    try:
        await client.bgsave()

        async def has_failed() -> bool:
            return str((await client.info("persistence"))["rdb_last_bgsave_status"]) != "ok"

        await until(has_failed)
    finally:
        (folder / "dump.rdb").rmdir()
    found = await examine(settings)
    assert {name: each.status for name, each in found.items()} == {"redis-persistence": PROBLEM}
    await carry_out(client, found["redis-persistence"].remedy)
    assert (await client.config_get("save"))["save"] == ""
    await client.bgsave()
    assert private.pid

    async def is_mended() -> bool:
        return await examine(settings) == {}

    await until(is_mended)


async def test_a_replica_is_told_to_be_one_and_its_remedy_mends_it(
    client: Redis, settings: Settings
) -> None:
    await client.replicaof("127.0.0.1", "1")
    found = await examine(settings)
    assert {name: each.status for name, each in found.items()} == {"redis-role": PROBLEM}
    assert (found["redis-role"].remedy or "").endswith("REPLICAOF NO ONE")
    await client.replicaof("NO", "ONE")
    assert await examine(settings) == {}


async def test_an_index_is_missing_until_an_instance_has_built_it(backends: Backends) -> None:
    examination = redis_examination(backends.settings(), has_database=True)
    async with connect(backends.database_url) as owner:
        await owner.execute("INSERT INTO boards (board_id) VALUES ('arena')")
    missing = (await look(examination))["standings"]
    assert missing.status is WARNING
    assert "2 of 2 boards" in missing.found
    async with run_scoreboard(backends) as running:
        assert running.url

        async def is_complete() -> bool:
            return (await look(examination))["standings"].status is OK

        await until(is_complete)
        async with Redis.from_url(backends.redis_url) as client:
            stolen = [key async for key in client.scan_iter(f"{backends.redis_prefix}:{{arena}}:*")]
            assert stolen
    async with Redis.from_url(backends.redis_url) as client:
        await client.delete(*stolen)
    broken = (await look(examination))["standings"]
    assert (broken.status, "1 of 2 boards" in broken.found) == (WARNING, True)
    assert "arena" in broken.found


async def test_without_a_database_the_main_boards_index_is_looked_at(
    backends: Backends,
) -> None:
    settings = backends.settings(database_url="postgresql://me@127.0.0.1:1/x")
    for has_database in (True, False):
        examination = redis_examination(settings, has_database=has_database)
        assert "1 of 1 boards" in (await look(examination))["standings"].found


async def test_a_server_that_is_away_is_told_once_and_without_its_password(
    backends: Backends,
) -> None:
    settings = backends.settings(redis_url="redis://me:canary@127.0.0.1:1/0")
    found = await look(redis_examination(settings, has_database=True))
    assert found["redis"].status is PROBLEM
    assert "Redis at 127.0.0.1 cannot be used" in found["redis"].found
    assert found["redis"].remedy == "Start it or correct SCOREBOARD_REDIS_URL."
    assert {each.found for name, each in found.items() if name != "redis"} == {"not examined"}
    assert "canary" not in repr(found)


async def test_a_wrong_password_is_told_and_not_repeated(client: Redis, backends: Backends) -> None:
    socket = client.connection_pool.connection_kwargs["path"]
    url = f"unix://me:canary@{socket}"
    found = await look(redis_examination(backends.settings(redis_url=url), has_database=True))
    assert found["redis"].status is PROBLEM
    assert "password" in found["redis"].found
    assert "canary" not in repr(found)


async def test_a_server_that_hangs_costs_the_limit(backends: Backends) -> None:
    async with proxy_to(backends.redis_url) as (proxy, url):
        proxy.pause()
        settings = backends.settings(redis_url=url)
        async with asyncio.timeout(10):
            found = await look(redis_examination(settings, has_database=True), limit_s=0.3)
        proxy.resume()
    assert found["redis"].found == "no answer within 0.3 s"


INFO: dict[str, Any] = {"redis_version": "7.0.1", "role": "master"}
OTHERS = {
    "older": ({"redis_version": "6.0.16"}, PROBLEM),
    "oldest-supported": ({"redis_version": "6.2.0"}, OK),
    "cluster": ({"redis_mode": "cluster"}, PROBLEM),
    "valkey": ({"redis_version": "7.2.4", "valkey_version": "8.1.0"}, OK),
}


@pytest.mark.parametrize(("fields", "status"), OTHERS.values(), ids=OTHERS)
def test_servers_that_no_test_can_start_are_told_apart(fields: dict[str, str], status: str) -> None:
    assert check_version({**INFO, **fields}).status == status
    assert check_role(INFO).status is OK
