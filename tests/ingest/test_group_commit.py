"""Batches: who goes with whom, who waits for whom, and who is sent away."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from scoreboard.bus.protocol import Wake
from scoreboard.domain.errors import Overloaded
from scoreboard.domain.identifiers import MAIN_BOARD, Nonce, UserId
from scoreboard.domain.increments import Increment
from scoreboard.ingest.admission import Admission
from scoreboard.ingest.group_commit import GroupCommit
from scoreboard.ledger.database import open_database
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.standings.connection import open_redis
from scoreboard.standings.limits import Limit, Rate, RateLimits
from scoreboard.stores import Stores
from scoreboard.telemetry.metrics import Metrics
from tests.harness import Backends, new_user
from tests.web.support import totals_locked, waiting_backend

PATIENCE_S = 10.0
NO_LIMIT = Limit(Rate("none", per_s=1e6, burst=1_000_000), 1.0)


@asynccontextmanager
async def committing(backends: Backends, **overrides: Any) -> AsyncIterator[GroupCommit]:
    """A group commit upon real stores, without a service around it."""
    values = backends.settings(**overrides)
    async with open_database(values) as database, open_redis(values) as redis:
        stores = Stores(database, redis, Metrics(), values)
        yield GroupCommit(
            Admission(RateLimits(redis, "limits"), NO_LIMIT, NO_LIMIT),
            LedgerWriter(database),
            stores.ranking,
            _ignore_wake,
            Metrics(),
            values,
        )


@pytest.fixture
async def commit(backends: Backends) -> AsyncIterator[GroupCommit]:
    """Return one with two batches in flight."""
    async with committing(backends, batches_in_flight=2) as running:
        yield running


def _ignore_wake(_: Wake) -> None:
    """Nobody relays here."""


def increment(user_id: UserId) -> Increment:
    """An increment of the user by one."""
    return Increment(
        board_id=MAIN_BOARD,
        user_id=user_id,
        delta=1,
        nonce=Nonce(secrets.token_urlsafe(16)),
        kid="k",
        source="win",
        actor="a",
        token=secrets.token_bytes(8),
        expires_at_s=int(time.time()) + 60,
        expected_version=None,
    )


@asynccontextmanager
async def locked(backends: Backends, user_id: UserId) -> AsyncIterator[None]:
    """Somebody else holds the total of one user."""
    connection = await asyncpg.connect(backends.database_url)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT FROM user_scores WHERE user_id = $1 FOR UPDATE", user_id
            )
            yield
    finally:
        await connection.close()


async def test_who_waits_for_a_total_holds_up_nobody_else(
    backends: Backends, commit: GroupCommit
) -> None:
    busy, other = new_user(), new_user()
    await commit.submit("a", increment(busy))
    async with asyncio.timeout(PATIENCE_S), locked(backends, busy):
        first = commit.submit("a", increment(busy))
        await waiting_backend(backends.database_url)
        # In one batch with the other's increment, this one would make it wait for the lock too.
        second = commit.submit("a", increment(busy))
        assert (await commit.submit("a", increment(other))).score == 1
        assert not first.done()
    assert [(await each).score for each in (first, second)] == [2, 3]


async def test_those_behind_a_total_come_next_and_in_order(
    backends: Backends, commit: GroupCommit
) -> None:
    busy = new_user()
    await commit.submit("a", increment(busy))
    async with asyncio.timeout(PATIENCE_S), locked(backends, busy):
        answers = [commit.submit("a", increment(busy))]
        await waiting_backend(backends.database_url)
        answers += [commit.submit("a", increment(busy)) for _ in range(9)]
    assert [(await each).score for each in answers] == list(range(2, 12))
    await commit.close()


async def test_no_more_wait_than_the_queue_holds_wherever_they_wait(backends: Backends) -> None:
    busy = new_user()
    async with committing(backends, queue_max=3, batches_in_flight=1) as commit:
        async with totals_locked(backends.database_url):
            answers = [commit.submit("a", increment(busy))]
            await waiting_backend(backends.database_url)
            answers += [commit.submit("a", increment(each)) for each in (busy, busy, new_user())]
            with pytest.raises(Overloaded):
                commit.submit("a", increment(new_user()))
        assert [(await each).score for each in answers] == [1, 2, 3, 1]
        await commit.close()


async def test_who_has_waited_longer_than_a_batch_may_take_is_sent_away(
    backends: Backends,
) -> None:
    limits = {"batch_max": 1, "batches_in_flight": 1, "database_timeout_ms": 300}
    async with committing(backends, **limits) as commit:
        async with totals_locked(backends.database_url):
            answers = await asyncio.gather(
                *(commit.submit("a", increment(new_user())) for _ in range(4)),
                return_exceptions=True,
            )
        codes = [getattr(each, "code", None) for each in answers]
        # Each batch runs into its own limit, until the rest has waited for too long.
        assert codes[0] in ("storage_unavailable", "outcome_unknown")
        assert codes[-1] == "overloaded"
        assert (await commit.submit("a", increment(new_user()))).score == 1
        await commit.close()


async def test_no_more_wait_than_are_served_in_the_time_that_one_may_wait(
    backends: Backends,
) -> None:
    limits = {"batch_max": 2, "queue_wait_ms": 1, "batches_in_flight": 1}
    async with committing(backends, **limits) as commit:
        # Nobody knows the pace yet: as many may wait as the queue holds.
        first = [commit.submit("a", increment(new_user())) for _ in range(20)]
        assert [(await each).score for each in first] == [1] * 20
        async with totals_locked(backends.database_url):
            answers = [commit.submit("a", increment(new_user()))]
            await waiting_backend(backends.database_url)
            # Four full batches may wait at any pace, and no more are served within 1 ms.
            answers += [commit.submit("a", increment(new_user())) for _ in range(8)]
            assert commit.is_full
            with pytest.raises(Overloaded):
                commit.submit("a", increment(new_user()))
        assert [(await each).score for each in answers] == [1] * 9
        assert not commit.is_full
        await commit.close()
