"""A ledger of its own for each test, and the superuser's connection to look into it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from scoreboard.ledger.database import Database, open_database
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, connect, until
from tests.harness import Backends
from tests.ledger.outages import TIMEOUT_MS, Link, open_link

WAITING = """SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'"""
LOCK_USER = "SELECT FROM user_scores WHERE user_id = $1 FOR UPDATE"


@pytest.fixture
async def database(backends: Backends) -> AsyncIterator[Database]:
    """Return the service's pool."""
    async with open_database(backends.settings(database_pool_size=24)) as opened:
        yield opened


@pytest.fixture
def writer(database: Database) -> LedgerWriter:
    """Return the one that applies increments."""
    return LedgerWriter(database)


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """Return a connection of the schema's owner, a superuser."""
    async with connect(database_url) as connection:
        yield connection


@pytest.fixture
async def stranger(database_url: str) -> AsyncIterator[Connection]:
    """Return a second connection of the owner, to hold locks on."""
    async with connect(database_url) as connection:
        yield connection


@pytest.fixture
async def link(backends: Backends, database_url: str) -> AsyncIterator[Link]:
    """Return a link that works, with one open connection and short time limits."""
    settings = backends.settings(database_pool_size=2, database_timeout_ms=TIMEOUT_MS)
    async with open_link(settings, database_url) as opened:
        yield opened


@pytest.fixture
async def patient_link(backends: Backends, database_url: str) -> AsyncIterator[Link]:
    """Return a link that works, with one open connection and time limits that no test meets."""
    async with open_link(backends.settings(database_pool_size=2), database_url) as opened:
        yield opened


async def until_somebody_waits(owner: Connection, sessions: int = 1) -> None:
    """Returns when that many sessions of this database wait for a lock."""

    async def waits() -> bool:
        # Within a transaction it would tell what it told before.
        await owner.execute("SELECT pg_stat_clear_snapshot()")
        return bool(await owner.fetchval(WAITING) >= sessions)

    await until(waits)
