"""Private PostgreSQL (fsync on), Redis and RabbitMQ, and the CPU time that each of them used."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from redis import Redis

from benchmarks.processes import cpu_s, is_alive, tree
from cli.embedded.errors import EmbeddedServerMissing
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.redis import EmbeddedRedis
from scoreboard.ledger.migrations import migrate
from tests.servers.rabbitmq import PrivateRabbitMQ

POSTGRES_SETTINGS = {"max_connections": "200", "shared_buffers": "256MB", "max_wal_size": "4GB"}
"""Durable as they are by default: a commit is on the disk before it is answered."""


@dataclass(frozen=True)
class Servers:
    """What every measured service of a run shares; each has a database and names of its own.

    `pids` by the server's name. `amqp_urls` holds one for each virtual host; it is empty where
    RabbitMQ is missing, and `amqp_missing` then says what to do.
    """

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    pids: dict[str, tuple[int, ...]]
    amqp_urls: list[str]
    amqp_missing: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _vhosts: dict[str, str] = field(default_factory=dict)
    _databases: list[str] = field(default_factory=list)

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far, by the server's name."""
        return {name: cpu_s(*pids) for name, pids in self.pids.items()}

    def settle(self) -> None:
        """Removes the databases of what has ended, and has PostgreSQL write down what is left: a
        section does not pay for the checkpoints and the vacuum of those before it.
        """
        while self._databases:
            execute(self.postgres.url(), f'DROP DATABASE "{self._databases.pop()}" WITH (FORCE)')
        execute(self.postgres.url(), "CHECKPOINT")

    def new_database(self, *, has_schema: bool = True) -> str:
        """The superuser's URL of an empty database, migrated unless its user has its own schema."""
        name = f"bench_{next(self._numbers)}"
        execute(self.postgres.url(), f'CREATE DATABASE "{name}"')
        self._databases.append(name)
        url = self.postgres.url(name)
        if has_schema:
            asyncio.run(migrate(url))
        return url

    def amqp_url_of(self, database_url: str) -> str:
        """The virtual host of the service with that database; empty where RabbitMQ is missing."""
        if database_url not in self._vhosts and self.amqp_urls:
            self._vhosts[database_url] = self.amqp_urls[len(self._vhosts) % len(self.amqp_urls)]
        return self._vhosts.get(database_url, "")

    def redis_bytes(self) -> int:
        """What Redis has allocated for its data."""
        with contextlib.closing(Redis.from_url(self.redis.url())) as client:
            return int(client.info("memory")["used_memory"])


@contextlib.contextmanager
def start_servers(folder: Path, *, has_rabbitmq: bool = True) -> Iterator[Servers]:
    """They live until the block is left. Raises EmbeddedError; only RabbitMQ may be missing."""
    with contextlib.ExitStack() as stack:
        before = set(tree(os.getpid()))
        rabbitmq, missing = None, "RabbitMQ was not asked for."
        if has_rabbitmq:
            rabbitmq, missing = _launch_rabbitmq(stack, folder / "rabbitmq")
        launched = [each for each in tree(os.getpid()) if each not in before]
        postgres = EmbeddedPostgres(folder / "postgres", settings=POSTGRES_SETTINGS)
        redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
        stack.enter_context(postgres)
        assert postgres.pid is not None
        assert redis.pid is not None
        pids: dict[str, tuple[int, ...]] = {"PostgreSQL": (postgres.pid,), "Redis": (redis.pid,)}
        urls: list[str] = []
        if rabbitmq is not None:
            rabbitmq.wait_until_ready()
            pids["RabbitMQ"] = tuple(each for each in launched if is_alive(each))
            urls = rabbitmq.urls()
        yield Servers(postgres, redis, pids, urls, missing)


def execute(url: str, statement: str) -> None:
    """Runs one statement on a connection of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def _launch_rabbitmq(
    stack: contextlib.ExitStack, folder: Path
) -> tuple[PrivateRabbitMQ | None, str]:
    rabbitmq = PrivateRabbitMQ(folder)
    stack.callback(rabbitmq.stop)
    try:
        rabbitmq.launch()
    except EmbeddedServerMissing as error:
        return None, str(error)
    return rabbitmq, ""


def read_versions(servers: Servers) -> dict[str, str]:
    """Versions of the servers, and whether PostgreSQL is durable."""

    async def ask() -> tuple[str, str]:
        connection = await asyncpg.connect(servers.postgres.url())
        try:
            found = await connection.fetchval("SHOW server_version")
            return str(found), str(await connection.fetchval("SHOW fsync"))
        finally:
            await connection.close()

    postgres, fsync = asyncio.run(ask())
    with contextlib.closing(Redis.from_url(servers.redis.url())) as client:
        redis = client.info("server")["redis_version"]
    return {"PostgreSQL": postgres, "fsync": fsync, "Redis": str(redis)}
