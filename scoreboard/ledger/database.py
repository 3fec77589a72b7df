"""The connection pool, and the one place where driver errors become the service's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg

from scoreboard.domain.errors import (
    ConfigurationError,
    OutcomeUnknown,
    ServerAway,
    StorageUnavailable,
)
from scoreboard.ledger.statements import load_query
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Row = Any
"""An asyncpg Record: fields by name or position."""

APP_ROLE = "scoreboard_app"

CLOSE_S = 2.0

STATEMENT_SHARE = 0.7
"""Of the time limit; the rest may pass until a connection is free or open."""

# What the server says when it ends the session itself: a commit may just have gone through.
_SESSION_ENDED = (
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
)
# What a broken or silent connection raises.
_CONNECTION_BROKEN = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # The driver's word when the server ends the session between two of its messages.
    asyncpg.InternalClientError,
    *_SESSION_ENDED,
)
# What cannot be done now although the statement is right: read-only, out of space, cancelled…
_CANNOT_NOW = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.PostgresSystemError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedFunctionError,
    asyncpg.ObjectNotInPrerequisiteStateError,
)


class Database:
    """Runs single autocommit statements as the role `scoreboard_app`, each within a time limit."""

    def __init__(self, pool: asyncpg.Pool[Any], timeout_s: float) -> None:
        self._pool = pool
        self._timeout_s = timeout_s
        self._is_up = True
        self._log = get_log("ledger")

    @property
    def is_up(self) -> bool:
        """Whether the last statement was answered."""
        return self._is_up

    async def fetch(self, statement: str, *arguments: object) -> list[Row]:
        """Rows of a statement that may be repeated at will. Raises StorageUnavailable."""
        try:
            return await self.write(statement, *arguments)
        except OutcomeUnknown as error:
            raise StorageUnavailable from error
        except asyncpg.SyntaxOrAccessError:
            raise  # the statement is wrong, and always will be
        except asyncpg.PostgresError as error:
            self._log.error("statement refused", reason=type(error).__name__)
            raise StorageUnavailable from error

    async def write(self, statement: str, *arguments: object) -> list[Row]:
        """Rows of a statement that writes.

        Raises StorageUnavailable where it certainly was not carried out, OutcomeUnknown where the
        connection broke meanwhile, and asyncpg.DataError or IntegrityConstraintViolationError
        where its arguments cannot be stored.
        """
        async with self._connection() as connection:
            with self._translated():
                try:
                    async with asyncio.timeout(self._timeout_s * STATEMENT_SHARE):
                        return list(await connection.fetch(statement, *arguments))
                except (*_CONNECTION_BROKEN, asyncio.CancelledError):
                    # Never wait for, or reuse, a connection in the midst of something.
                    connection.terminate()
                    raise

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[PoolConnectionProxy[Any]]:
        try:
            connection = await self._pool.acquire(timeout=self._timeout_s * (1 - STATEMENT_SHARE))
        except (*_CONNECTION_BROKEN, asyncpg.PostgresError) as error:
            self._is_up = False
            raise StorageUnavailable from error
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _CONNECTION_BROKEN as error:
            self._is_up = False
            raise OutcomeUnknown from error
        except _CANNOT_NOW as error:
            self._is_up = False
            raise StorageUnavailable from error
        self._is_up = True


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """A pool of at most `database_pool_size` connections.

    Raises ConfigurationError where the server cannot be reached, has no schema, or could lose
    what it acknowledged.
    """
    timeout_s = settings.database_timeout_ms / 1000
    pool = asyncpg.create_pool(
        settings.database_url,
        min_size=0,
        max_size=settings.database_pool_size,
        max_inactive_connection_lifetime=0,
        timeout=timeout_s,
        reset=_keep_session,
        server_settings={
            "role": APP_ROLE,
            # What the functions are written for, whatever the server's default is.
            "default_transaction_isolation": "read committed",
            "application_name": f"scoreboard-{settings.instance_id}",
            # Below the client's own limit: a cancelled statement is certainly not applied.
            "statement_timeout": str(int(timeout_s * STATEMENT_SHARE * 800)),
            "jit": "off",
            # Statements stay prepared from when the tables were small; each has its index.
            "enable_seqscan": "off",
        },
    )
    await pool
    try:
        database = Database(pool, timeout_s)
        await _check_server(pool, settings)
        yield database
    finally:
        await _close(pool)


async def _close(pool: asyncpg.Pool[Any]) -> None:
    """Bounded: a server that hangs would keep this process from ending."""
    try:
        async with asyncio.timeout(CLOSE_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def _keep_session(_connection: object) -> None:
    """Sessions hold no state that a reset would clear; it would cost a round trip a statement."""


async def _check_server(pool: asyncpg.Pool[Any], settings: Settings) -> None:
    where = describe_server(settings.database_url)
    try:
        off = await pool.fetch(load_query("read_durability"), timeout=5)
    except asyncpg.InvalidParameterValueError as error:  # SET role: the role is not there yet
        raise ConfigurationError(
            f"{where} has no scoreboard schema. Run `scoreboard db migrate`."
        ) from error
    except asyncpg.PostgresError as error:
        raise ConfigurationError(f"{where} refuses the connection: {error}.") from error
    except (OSError, TimeoutError, ValueError, asyncpg.InterfaceError) as error:
        is_away = isinstance(error, OSError | TimeoutError)
        raise (ServerAway if is_away else ConfigurationError)(
            f"{where} cannot be reached ({_reason(error)}). "
            "Start it or correct SCOREBOARD_DATABASE_URL."
        ) from error
    _refuse_unsafe(off, where, settings)


def _refuse_unsafe(off: Sequence[Row], where: str, settings: Settings) -> None:
    if off and not settings.allow_unsafe_database:
        names = ", ".join(str(row["name"]) for row in off)
        raise ConfigurationError(
            f"{where} runs with {names} off, so a crash could lose acknowledged scores. Switch it "
            "on, or accept the loss with SCOREBOARD_ALLOW_UNSAFE_DATABASE=true."
        )


def describe_server(url: str) -> str:
    """The server in words, without user or password."""
    try:
        parts = urlsplit(url)
        where = f"{parts.hostname or 'the local socket'}{parts.path}"
    except ValueError:
        return "PostgreSQL"
    # With an @ in the path, some of what stands there belongs to a password with a bare slash.
    return "PostgreSQL" if "@" in where else f"PostgreSQL at {where}"


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
