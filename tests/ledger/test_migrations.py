"""Migrations: one at a time, each whole, and never over a history that is not this release's."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from scoreboard.domain.errors import ConfigurationError
from scoreboard.domain.increments import Outcome
from scoreboard.ledger.database import open_database
from scoreboard.ledger.migrations import LOCK, _checksum, find_pending, migrate, migration_status
from scoreboard.ledger.statements import load_migrations
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.settings import Settings
from tests.checker import Connection, connect
from tests.ledger.conftest import until_somebody_waits
from tests.ledger.increments import Draft, apply_one

FIRST = "0001_create_ledger"
ONE, TWO, THREE = (("0001_one", "SELECT 1"), ("0002_two", "SELECT 2"), ("0003_three", "SELECT 3"))

Command = Callable[[str], Awaitable[object]]


def applied(*migrations: tuple[str, str]) -> dict[str, dict[str, str]]:
    """A history as the database keeps it."""
    return {name: {"checksum": _checksum(text)} for name, text in migrations}


async def test_an_empty_database_gets_every_migration_once(empty_database_url: str) -> None:
    names = [name for name, _ in load_migrations()]
    assert await migrate(empty_database_url) == names
    assert await migrate(empty_database_url) == []
    status = await migration_status(empty_database_url)
    assert [each.name for each in status] == names
    assert all(each.applied_at for each in status)


async def test_the_status_of_an_empty_database_is_told_without_changing_it(
    empty_database_url: str,
) -> None:
    status = await migration_status(empty_database_url)
    assert [each.applied_at for each in status] == [None] * len(status)
    async with connect(empty_database_url) as connection:
        tables = await connection.fetch("SELECT FROM pg_tables WHERE schemaname = 'public'")
    assert tables == []


async def test_two_at_once_on_an_empty_database_migrate_it_once(empty_database_url: str) -> None:
    found = await asyncio.gather(*(migrate(empty_database_url) for _ in range(4)))
    assert sorted(found, key=len) == [[], [], [], [name for name, _ in load_migrations()]]


async def test_a_second_one_waits_for_the_lock(empty_database_url: str) -> None:
    async with connect(empty_database_url) as holder:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK)
        second = asyncio.create_task(migrate(empty_database_url))
        await until_somebody_waits(holder)
        assert not second.done()
        await holder.execute("SELECT pg_advisory_unlock($1)", LOCK)
        assert await second


async def test_a_migration_that_fails_leaves_nothing(empty_database_url: str) -> None:
    async with connect(empty_database_url) as connection:
        await connection.execute("CREATE TABLE views (in_the_way int)")
        with pytest.raises(ConfigurationError, match=f"{FIRST} was refused .*views"):
            await migrate(empty_database_url)
        assert await connection.fetchval("SELECT to_regclass('boards')") is None
        await connection.execute("DROP TABLE views")
    assert FIRST in await migrate(empty_database_url)


@pytest.mark.parametrize("command", [migrate, migration_status])
async def test_an_edited_migration_is_refused(
    owner: Connection, database_url: str, command: Command
) -> None:
    await owner.execute("UPDATE schema_migrations SET checksum = 'other' WHERE name = $1", FIRST)
    with pytest.raises(ConfigurationError, match=f"{FIRST} was edited after it had been applied"):
        await command(database_url)


@pytest.mark.parametrize("command", [migrate, migration_status])
async def test_a_newer_database_is_refused(
    owner: Connection, database_url: str, command: Command
) -> None:
    await owner.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_new', '')")
    with pytest.raises(ConfigurationError, match="9999_new, which this release does not know"):
        await command(database_url)


def test_what_is_not_applied_is_pending_in_order() -> None:
    known = [ONE, TWO, THREE]
    assert find_pending(known, {}) == known
    assert find_pending(known, applied(ONE)) == [TWO, THREE]
    assert find_pending(known, applied(ONE, TWO, THREE)) == []


@pytest.mark.parametrize("history", [applied(TWO), applied(ONE, THREE)])
def test_a_gap_is_refused(history: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ConfigurationError, match="is missing although later ones are applied"):
        find_pending([ONE, TWO, THREE], history)


async def test_a_server_that_cannot_be_reached_is_named_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as refused:
        await migrate("postgresql://me:secret@127.0.0.1:1/board")
    assert "PostgreSQL at 127.0.0.1/board cannot be used" in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_an_owner_who_is_no_superuser_can_migrate_and_serve(tmp_path: Path) -> None:
    # A server of its own: roles belong to the whole server.
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        async with connect(server.url()) as superuser:
            await superuser.execute("CREATE ROLE alice LOGIN CREATEROLE")
            await superuser.execute("CREATE DATABASE board OWNER alice")
        url = server.url("board").replace("postgres@", "alice@", 1)
        await migrate(url)
        settings = Settings(database_url=url, redis_url="redis://127.0.0.1", instance_id="i")
        async with open_database(settings) as database:
            verdict = await apply_one(LedgerWriter(database), Draft())
    assert verdict.outcome is Outcome.APPLIED


async def test_an_owner_who_may_not_make_the_role_is_told(
    postgres_url: str, template_database: str
) -> None:
    assert template_database  # the role is there, and this owner is no member of it
    async with _powerless(postgres_url) as url:
        with pytest.raises(ConfigurationError, match="permission denied to grant role"):
            await migrate(url)


@asynccontextmanager
async def _powerless(postgres_url: str) -> AsyncIterator[str]:
    """A database whose owner may nothing else."""
    name = f"powerless_{secrets.token_hex(6)}"
    async with connect(postgres_url) as superuser:
        await superuser.execute(f"CREATE ROLE {name} LOGIN")
        await superuser.execute(f"CREATE DATABASE {name} OWNER {name}")
        try:
            url = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
            yield url.replace("postgres@", f"{name}@", 1)
        finally:
            await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await superuser.execute(f"DROP ROLE {name}")
