"""One connection for long work of an operator: reports, replays, exports.

The pool's statements are cut after a fraction of a second, which is right for a request and wrong
for a pass over millions of rows. A session has no such limit, and uses a connection of its own so
that the service's pool is left alone. Whoever is interrupted leaves no statement running there, and
does not wait for a server that hangs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from scoreboard.domain.errors import ConfigurationError, ServerAway, StorageUnavailable
from scoreboard.ledger.database import APP_ROLE, describe_server

CONNECT_S = 10.0

FAREWELL_S = 2.0
"""Longest wait for a server that is asked to stop what it does, before the connection is cut."""

UNLIMITED = {
    "statement_timeout": "0",
    # Between two statements a file is read, or somebody reads a pipe.
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
}

_BROKEN = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # The driver's word when the server ends the session between two of its messages.
    asyncpg.InternalClientError,
    asyncpg.PostgresError,
)

Session = Any
"""An asyncpg connection, which has no types."""


@asynccontextmanager
async def open_session(
    database_url: str, purpose: str, *, as_owner: bool = False
) -> AsyncIterator[Session]:
    """A connection as the role `scoreboard_app`, or as the URL's own user with `as_owner`.

    `purpose` shows in `pg_stat_activity` as `scoreboard-<purpose>`. Raises ConfigurationError where
    the server cannot be used, ServerAway where it cannot be reached, and StorageUnavailable, with a
    sentence, for whatever the server refuses inside the block.
    """
    where = describe_server(database_url)
    session = await _connect(database_url, purpose, where, as_owner=as_owner)
    try:
        async with _closing(session):
            yield session
    except asyncpg.UndefinedTableError as error:
        raise ConfigurationError(
            f"{where} has no scoreboard schema, or an older one. Run `scoreboard db migrate`."
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise StorageUnavailable(
            f"{where} refuses this user: {error.args[0]}. "
            "Name the schema's owner in SCOREBOARD_DATABASE_URL."
        ) from error
    except _BROKEN as error:
        raise StorageUnavailable(f"{where} ended the work: {_reason(error)}.") from error


@asynccontextmanager
async def transaction(
    session: Session, isolation: str | None = None, *, readonly: bool = False
) -> AsyncIterator[None]:
    """A transaction of the session, rolled back where the block fails: within `FAREWELL_S`, or by
    the end of the connection.
    """
    # The driver's own would wait for its ROLLBACK as long as a server hangs.
    begun = session.transaction(isolation=isolation, readonly=readonly)
    await begun.start()
    try:
        yield
    except BaseException:
        await _ask(begun.rollback(), session)
        raise
    await begun.commit()


@asynccontextmanager
async def _closing(session: Session) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        # Perhaps in the midst of a statement: it would go on, and hold its locks, for nobody.
        await _ask(session.close(), session)
        raise
    finally:
        session.terminate()  # nothing is open that a farewell would save, and it could hang


async def _ask(farewell: Awaitable[None], session: Session) -> None:
    """Does it in time; otherwise, and where it fails, cuts the connection. Never fails itself."""
    try:
        async with asyncio.timeout(FAREWELL_S):
            await farewell
    except _BROKEN:
        session.terminate()


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # The first argument alone: a refusal's details may quote a row, and with it a token.
    return str(next(iter(error.args), "")) or type(error).__name__


async def _connect(database_url: str, purpose: str, where: str, *, as_owner: bool) -> Session:
    settings = {"application_name": f"scoreboard-{purpose}", **UNLIMITED}
    if not as_owner:
        settings["role"] = APP_ROLE
    try:
        return await asyncpg.connect(database_url, timeout=CONNECT_S, server_settings=settings)
    except asyncpg.InvalidParameterValueError as error:  # SET role: the role is not there yet
        raise ConfigurationError(
            f"{where} has no scoreboard schema. Run `scoreboard db migrate`."
        ) from error
    except (OSError, TimeoutError) as error:
        raise ServerAway(
            f"{where} cannot be reached ({str(error) or type(error).__name__}). "
            "Start it or correct SCOREBOARD_DATABASE_URL."
        ) from error
    except (ValueError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        raise ConfigurationError(
            f"{where} cannot be used ({str(error) or type(error).__name__}). "
            "Start it or correct SCOREBOARD_DATABASE_URL."
        ) from error
