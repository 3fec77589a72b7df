"""A session for long work: which role, which limits, and how failures are told."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.domain.errors import ConfigurationError, ServerAway, StorageUnavailable
from scoreboard.ledger.session import open_session
from tests.checker import Connection


async def test_it_acts_as_the_services_role_and_has_no_time_limit(database_url: str) -> None:
    async with open_session(database_url, "test") as session:
        role, limit, name = await session.fetchrow(
            "SELECT current_user, current_setting('statement_timeout'), "
            "current_setting('application_name')"
        )
    assert (role, limit, name) == ("scoreboard_app", "0", "scoreboard-test")


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
