"""The rank index on an empty Redis database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from scoreboard.settings import Settings
from scoreboard.standings.connection import RedisConnection, open_redis
from scoreboard.standings.store import Standings

RawRedis = Any
"""A client of redis-py, whose types say that every reply may be text."""


@asynccontextmanager
async def opened(redis_url: str, **overrides: Any) -> AsyncIterator[RedisConnection]:
    """A connection with time limits that no test meets by accident."""
    values = {"redis_url": redis_url, "redis_timeout_ms": 5000, "redis_retry_ms": 20, **overrides}
    async with open_redis(Settings(**values)) as connection:
        yield connection


@pytest.fixture
async def connection(redis_url: str) -> AsyncIterator[RedisConnection]:
    """Return a connection to an empty database."""
    async with opened(redis_url) as each:
        yield each


@pytest.fixture
def standings(connection: RedisConnection, redis_prefix: str) -> Standings:
    """Return the standings as one process knows them."""
    return Standings(connection, redis_prefix)


@pytest.fixture
def others(connection: RedisConnection, redis_prefix: str) -> Standings:
    """Return the same standings as another process knows them."""
    return Standings(connection, redis_prefix)


@pytest.fixture
async def raw(redis_url: str) -> AsyncIterator[RawRedis]:
    """Return a plain client, to do things behind the service's back."""
    async with Redis.from_url(redis_url) as client:
        yield client
