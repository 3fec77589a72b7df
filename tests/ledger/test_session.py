"""A session for long work: which role, which limits, and how failures are told."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

import pytest

from scoreboard.domain.errors import ConfigurationError, ServerAway, StorageUnavailable
from scoreboard.ledger.session import Session, open_session, transaction
from tests.checker import Connection, until

RUNS = """SELECT count(*) FROM pg_stat_activity
          WHERE pid = $1 AND state = 'active' AND query LIKE '%pg_sleep%'"""
LEFT = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
LONG = "SELECT pg_sleep(300)"


async def test_it_acts_as_the_services_role_and_has_no_time_limit(database_url: str) -> None:
    async with open_session(database_url, "test") as session:
        role, limit, name = await session.fetchrow(
            "SELECT current_user, current_setting('statement_timeout'), "
            "current_setting('application_name')"
        )
    assert (role, limit, name) == ("scoreboard_app", "0", "scoreboard-test")


async def test_it_may_be_idle_for_longer_than_the_server_allows_others(
    database_url: str, owner: Connection
) -> None:
    database = await owner.fetchval("SELECT quote_ident(current_database())")
    for name in ("idle_in_transaction_session_timeout", "idle_session_timeout"):
        await owner.execute(f"ALTER DATABASE {database} SET {name} = '20ms'")
    async with open_session(database_url, "test") as session:
        await owner.execute("SELECT pg_sleep(0.1)")
        async with transaction(session):
            await session.execute("SELECT 1")
            await owner.execute("SELECT pg_sleep(0.1)")
            assert await session.fetchval("SELECT 2") == 2


async def test_it_acts_as_the_owner_where_that_is_asked_for(database_url: str) -> None:
    async with open_session(database_url, "test", as_owner=True) as session:
        assert await session.fetchval("SELECT current_user") != "scoreboard_app"


async def test_what_the_role_may_not_do_is_refused_with_a_sentence(database_url: str) -> None:
    with pytest.raises(StorageUnavailable, match="SCOREBOARD_DATABASE_URL"):
        async with open_session(database_url, "test") as session:
            await session.execute("INSERT INTO boards (board_id) VALUES ('mine')")


async def test_a_missing_schema_is_told(empty_database_url: str) -> None:
    with pytest.raises(ConfigurationError, match="scoreboard db migrate"):
        async with open_session(empty_database_url, "test", as_owner=True) as session:
            await session.fetch("SELECT * FROM boards")


async def test_a_server_that_is_away_is_told_without_the_password(unused_tcp_port: int) -> None:
    url = f"postgresql://who:canary@127.0.0.1:{unused_tcp_port}/scores"
    with pytest.raises(ServerAway, match="cannot be reached") as told:
        async with open_session(url, "test"):
            pass
    assert "canary" not in str(told.value)


async def test_a_session_that_the_server_ends_is_told(database_url: str, owner: Connection) -> None:
    async def work() -> None:
        async with open_session(database_url, "test") as session, asyncio.timeout(10):
            pid = await session.fetchval("SELECT pg_backend_pid()")
            await owner.execute("SELECT pg_terminate_backend($1)", pid)
            await session.fetch("SELECT pg_sleep(10)")

    with pytest.raises(StorageUnavailable, match="ended the work"):
        await work()


async def test_a_failure_of_the_network_is_told_in_words(database_url: str) -> None:
    with pytest.raises(StorageUnavailable, match="ended the work: No route to host"):
        async with open_session(database_url, "test"):
            raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))


@asynccontextmanager
async def in_no_transaction(_session: Session) -> AsyncIterator[None]:
    """The statement is a transaction by itself."""
    yield


WAYS: dict[str, Callable[[Session], AbstractAsyncContextManager[None]]] = {
    "in a transaction": transaction,
    "by itself": in_no_transaction,
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_statement_of_whoever_is_interrupted_ends(
    database_url: str, owner: Connection, way: str
) -> None:
    pid, working = await start_long_work(database_url, owner, way)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    await until(lambda: nobody_is_left(owner, pid))


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_is_interrupted_does_not_wait_for_a_server_that_hangs(
    database_url: str, owner: Connection, way: str
) -> None:
    pid, working = await start_long_work(database_url, owner, way)
    with stopped(pid):
        working.cancel()
        done, _ = await asyncio.wait([working], timeout=20)
        assert done
        assert working.cancelled()
    await until(lambda: nobody_is_left(owner, pid))


async def start_long_work(
    database_url: str, owner: Connection, way: str
) -> tuple[int, asyncio.Task[None]]:
    """A task that waits for a long statement, and the process in PostgreSQL that runs it."""
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        async with open_session(database_url, "test") as session, WAYS[way](session):
            begun.set_result(await session.fetchval("SELECT pg_backend_pid()"))
            await session.execute(LONG)

    working = asyncio.create_task(work())
    pid = await begun

    async def runs() -> bool:
        return bool(await owner.fetchval(RUNS, pid))

    await until(runs)
    return pid, working


async def nobody_is_left(owner: Connection, pid: int) -> bool:
    """Whether the process of a session has ended."""
    return not await owner.fetchval(LEFT, pid)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process of PostgreSQL that hangs while the block runs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
