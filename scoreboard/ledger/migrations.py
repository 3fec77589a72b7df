"""Forward-only migrations: one at a time under a lock, each in its own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct

from scoreboard.domain.errors import ConfigurationError, ServerAway
from scoreboard.ledger.database import describe_server
from scoreboard.ledger.statements import load_migrations

LOCK = 0x5C0_4EB0A4D
"""Advisory lock of this program's migrations; the number is arbitrary."""


class MigrationStatus(Struct, frozen=True):
    """A migration that this release brings; `applied_at` None means pending."""

    name: str
    applied_at: datetime | None


async def migrate(dsn: str) -> list[str]:
    """Applies what is missing and returns the names; `dsn` connects as the schema's owner.

    Raises ConfigurationError where a migration was edited, is missing in between, or the database
    is newer than this release.
    """
    async with _connect(dsn) as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, "
            "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        pending = find_pending(load_migrations(), await _read_applied(connection))
        for name, text in pending:
            await _apply(connection, name, text)
        return [name for name, _ in pending]


async def migration_status(dsn: str) -> list[MigrationStatus]:
    """Every migration of this release, in order. Raises as `migrate` does; changes nothing."""
    async with _connect(dsn) as connection:
        applied = await _read_applied(connection)
    known = load_migrations()
    find_pending(known, applied)
    return [
        MigrationStatus(name, applied[name]["applied_at"] if name in applied else None)
        for name, _ in known
    ]


def find_pending(known: list[tuple[str, str]], applied: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those of the `known` (name, text) that are not yet `applied`. Raises ConfigurationError."""
    newer = sorted(set(applied) - {name for name, _ in known})
    if newer:
        raise ConfigurationError(
            f"The database has migration {newer[-1]}, which this release does not know. "
            "Install the release that brought it."
        )
    for name, text in known[: len(applied)]:
        if name not in applied:
            raise ConfigurationError(
                f"Migration {name} is missing although later ones are applied. "
                "Restore the database from a backup, or start from an empty one."
            )
        if applied[name]["checksum"] != _checksum(text):
            raise ConfigurationError(
                f"Migration {name} was edited after it had been applied. "
                "Undo the edit, and put the change into a new migration."
            )
    return known[len(applied) :]


async def _apply(connection: Any, name: str, text: str) -> None:  # noqa: ANN401 - asyncpg's
    try:
        async with connection.transaction():
            await connection.execute(text)
            await connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)",
                name,
                _checksum(text),
            )
    except asyncpg.PostgresError as error:
        raise ConfigurationError(f"Migration {name} was refused and undone: {error}.") from error


async def _read_applied(connection: Any) -> dict[str, Any]:  # noqa: ANN401 - asyncpg's
    exists = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
    rows = await connection.fetch("SELECT * FROM schema_migrations") if exists else []
    return {row["name"]: row for row in rows}


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@asynccontextmanager
async def _connect(dsn: str) -> AsyncIterator[Any]:
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        is_away = isinstance(error, OSError | TimeoutError)
        raise (ServerAway if is_away else ConfigurationError)(
            f"{describe_server(dsn)} cannot be used ({str(error) or type(error).__name__}). "
            "Start it or correct SCOREBOARD_DATABASE_URL."
        ) from error
    try:
        yield connection
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(
            f"{describe_server(dsn)} refuses this user: {error.args[0]}. "
            "Name the schema's owner in SCOREBOARD_DATABASE_URL."
        ) from error
    finally:
        await connection.close()
