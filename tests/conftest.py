"""Fixtures: each test gets its own database, Redis database and virtual host on real servers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis

from tests.harness import Backends, Scoreboard, run_scoreboard
from tests.servers import AMQP_URL_VARIABLE, Addresses, start_servers
from tests.servers.rabbitmq import READY_TIMEOUT_S, speaks_amqp

RABBITMQ_POLL_INTERVAL_S = 0.1


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the servers once per run: in the only process, or in the one that starts workers."""
    config = session.config
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.collectonly:
        return
    stack = contextlib.ExitStack()
    config.add_cleanup(stack.close)
    start_servers(stack).publish()


@pytest.fixture(scope="session")
def addresses(worker_id: str) -> Addresses:
    """Return this worker's share of the servers."""
    worker = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return Addresses.published().share_of(worker, workers)


@pytest.fixture(scope="session")
def postgres_url(addresses: Addresses) -> str:
    """Return the superuser's URL of the maintenance database."""
    return addresses.postgres


@pytest.fixture(scope="session")
def template_database(postgres_url: str, worker_id: str) -> Iterator[str]:
    """Build, once per worker, the migrated and empty database that the tests copy."""
    name = f"template_{worker_id}"
    asyncio.run(_build_template(postgres_url, name))
    yield name
    asyncio.run(_execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _build_template(postgres_url: str, name: str) -> None:
    from scoreboard.ledger.migrations import migrate  # noqa: PLC0415 - only its users pay for it

    await _execute(postgres_url, f'CREATE DATABASE "{name}"')
    await migrate(url_of(postgres_url, name))


@pytest.fixture
async def database_url(
    postgres_url: str, template_database: str, worker_id: str
) -> AsyncIterator[str]:
    """Return the superuser's URL of a fresh database that holds the schema and no rows."""
    name = f"test_{worker_id}_{uuid.uuid4().hex[:12]}"
    await _execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield url_of(postgres_url, name)
    await _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def empty_database_url(postgres_url: str, worker_id: str) -> AsyncIterator[str]:
    """Return the superuser's URL of a fresh database without a schema."""
    name = f"empty_{worker_id}_{uuid.uuid4().hex[:12]}"
    await _execute(postgres_url, f'CREATE DATABASE "{name}"')
    yield url_of(postgres_url, name)
    await _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def url_of(postgres_url: str, database: str) -> str:
    """Return `postgres_url` with another database."""
    return urlsplit(postgres_url)._replace(path=f"/{database}").geturl()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def redis_urls(addresses: Addresses) -> Iterator[str]:
    """Return the worker's Redis databases in turn, for ever."""
    return itertools.cycle(addresses.redis)


@pytest.fixture
def redis_url(redis_urls: Iterator[str]) -> str:
    """Return the URL of an empty Redis database. Pub/sub crosses databases: see redis_prefix."""
    url = next(redis_urls)
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        client.flushdb()
    return url


@pytest.fixture
def redis_prefix() -> str:
    """Return a string that no other test uses, for the names of channels."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def amqp_urls(addresses: Addresses) -> Iterator[str]:
    """Return the worker's virtual hosts in turn, for ever, once RabbitMQ is ready."""
    if not addresses.amqp:
        pytest.fail(addresses.amqp_missing)
    if AMQP_URL_VARIABLE not in os.environ:
        _wait_for_rabbitmq(urlsplit(addresses.amqp[0]).port or 0)
    return itertools.cycle(addresses.amqp)


def _wait_for_rabbitmq(port: int) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not speaks_amqp(port):
        assert time.monotonic() < deadline, "RabbitMQ did not become ready"
        time.sleep(RABBITMQ_POLL_INTERVAL_S)


@pytest.fixture
def amqp_url(amqp_urls: Iterator[str]) -> str:
    """Return the URL of a virtual host that no test uses at the same time."""
    return next(amqp_urls)


@pytest.fixture
def backends(database_url: str, redis_url: str, redis_prefix: str, tmp_path: Path) -> Backends:
    """Return the stores and keys that this test's instances share; without RabbitMQ."""
    return Backends(database_url, redis_url, redis_prefix, tmp_path / "keys" / "keys.json")


@pytest.fixture
async def scoreboard(backends: Backends) -> AsyncIterator[Scoreboard]:
    """Return a running instance."""
    async with run_scoreboard(backends) as running:
        yield running
