"""The stores of one process, and the same with Redis or PostgreSQL out of reach."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.domain.standings import Total
from scoreboard.ledger.database import open_database
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.standings.connection import open_redis
from scoreboard.stores import Stores
from scoreboard.telemetry.metrics import Metrics
from tests.bus.proxy import Proxy
from tests.harness import Backends
from tests.ledger.increments import Draft, apply_one
from tests.ledger.outages import proxied

NOWHERE = "redis://127.0.0.1:1"
# No test waits for the time limits; the caches are so short that nothing is read from them.
SETTINGS: dict[str, Any] = {"redis_retry_ms": 1, "top_cache_ms": 1, "top_fallback_cache_ms": 1}


@dataclasses.dataclass
class Process:
    """What one process reads from, and a way to cut it off from PostgreSQL."""

    stores: Stores
    proxy: Proxy

    async def commit(self, draft: Draft) -> Total:
        """Applies an increment in the ledger and tells nobody."""
        verdict = await apply_one(LedgerWriter(self.stores.database), draft)
        assert verdict.event_id is not None
        assert verdict.score is not None
        assert verdict.version is not None
        assert verdict.updated_us is not None
        return Total(
            draft.board_id,
            draft.user_id,
            verdict.score,
            verdict.version,
            verdict.event_id,
            verdict.updated_us,
        )

    async def fill(self) -> None:
        """Builds the board in Redis from the ledger."""
        totals = self.stores.ledger.scan_totals(MAIN_BOARD, 100)
        await self.stores.standings.rebuild(MAIN_BOARD, totals, discard_live=True)


@asynccontextmanager
async def running(backends: Backends, **overrides: Any) -> AsyncIterator[Process]:
    """A process whose way to PostgreSQL leads through a proxy."""
    async with proxied(backends.database_url) as (proxy, url):
        settings = backends.settings(**{**SETTINGS, "database_url": url, **overrides})
        async with open_database(settings) as database, open_redis(settings) as redis:
            stores = Stores(database, redis, Metrics(), settings)
            await stores.clock.refresh()
            yield Process(stores, proxy)


@pytest.fixture
async def process(backends: Backends) -> AsyncIterator[Process]:
    """Return a process that reaches both stores; the board in Redis is built and empty."""
    async with running(backends) as each:
        await each.fill()
        yield each


@pytest.fixture
async def without_redis(backends: Backends) -> AsyncIterator[Process]:
    """Return a process that reaches PostgreSQL alone."""
    async with running(backends, redis_url=NOWHERE) as each:
        yield each
