"""A loop that meets what it was not written for stops the service."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.checker import connect
from tests.harness import Backends, new_user, run_scoreboard

PATIENCE_S = 20.0


async def test_an_unexpected_exception_in_a_loop_stops_the_service(backends: Backends) -> None:
    with pytest.raises(ExceptionGroup) as stopped:
        await _run_into_what_no_loop_expects(backends)
    assert stopped.group_contains(asyncpg.UndefinedColumnError)


async def _run_into_what_no_loop_expects(backends: Backends) -> None:
    async with run_scoreboard(backends) as scoreboard:
        assert (await scoreboard.increment(new_user(), 5)).status == 200
        async with connect(backends.database_url) as owner:
            await owner.execute("ALTER TABLE outbox RENAME COLUMN event_ids TO another")
        async with asyncio.timeout(PATIENCE_S):
            await scoreboard.service.run()
