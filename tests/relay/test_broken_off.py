"""What the leader does by itself outlives connections to PostgreSQL that break meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Protocol

import pytest

from scoreboard.ledger.database import Database, open_database
from scoreboard.relay.erasing import DueErasures
from scoreboard.relay.lifting import SuspensionEnds
from scoreboard.relay.running import UnfinishedRuns
from tests.checker import connect, until
from tests.harness import Backends
from tests.ledger.outages import proxied

SESSIONS = "SELECT FROM pg_stat_activity WHERE application_name LIKE 'scoreboard-%'"


class Work(Protocol):
    """One of the leader's loops."""

    async def run(self, on_change: Callable[[], None], /) -> None:
        """Until cancelled."""


@pytest.mark.parametrize(
    ("table", "make"),
    [
        ("erasures", DueErasures),
        ("act_runs", lambda database, _: UnfinishedRuns(database)),
        ("user_scores", lambda database, _: SuspensionEnds(database)),
    ],
    ids=["erasures", "acts about many events", "ends of suspensions"],
)
async def test_the_leaders_work_goes_on_after_a_connection_that_broke(
    backends: Backends, table: str, make: Callable[[Database, str], Work]
) -> None:
    url = backends.database_url
    async with (
        proxied(url) as (proxy, behind),
        open_database(dataclasses.replace(backends, database_url=behind).settings()) as database,
        connect(url) as owner,
        connect(url) as other,
    ):

        async def has(session: str) -> bool:
            named = f"{SESSIONS} AND datname = current_database() AND {session}"
            return bool(await owner.fetchval(f"SELECT EXISTS ({named})"))

        async with other.transaction():
            await other.execute(f"LOCK TABLE {table}")
            work = asyncio.create_task(make(database, url).run(lambda: None))
            await until(lambda: has("wait_event_type = 'Lock'"))
            await proxy.cut()
        await proxy.restore()
        await until(lambda: has(f"query LIKE '%{table}%' AND state = 'idle'"))
        assert not work.done()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
