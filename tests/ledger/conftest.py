"""A ledger of its own for each test, and the superuser's connection to look into it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from scoreboard.ledger.database import Database, open_database
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, connect, until
from tests.harness import Backends

WAITING = """SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'"""


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


async def until_somebody_waits(owner: Connection, sessions: int = 1) -> None:
    """Returns when that many sessions of this database wait for a lock."""

    async def waits() -> bool:
        return bool(await owner.fetchval(WAITING) >= sessions)

    await until(waits)
