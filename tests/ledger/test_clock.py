"""The database's clock decides, however wrong the clock of an instance is."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from scoreboard.ledger.clock import DatabaseClock
from scoreboard.ledger.database import Database, open_database
from tests.checker import Connection, check_invariants
from tests.harness import Backends, new_user, run_scoreboard

TOLERANCE_S = 5.0
# Names are looked up along search_path: this database tells another time than its machine.
SHIFT = """
    CREATE SCHEMA shifted;
    CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql
        AS $$ SELECT pg_catalog.clock_timestamp() + make_interval(secs => {seconds}) $$;
    GRANT USAGE ON SCHEMA shifted TO PUBLIC;
    ALTER DATABASE "{name}" SET search_path = shifted, pg_catalog, public;"""


@pytest.fixture(params=[600, -600], ids=["ten minutes behind", "ten minutes ahead"])
async def shift_s(request: pytest.FixtureRequest, owner: Connection) -> int:
    """Put the database's clock ahead of (or behind) this machine's; return by how much."""
    seconds: int = request.param
    name = await owner.fetchval("SELECT current_database()")
    await owner.execute(SHIFT.format(seconds=seconds, name=name))
    return seconds


async def test_the_clock_tells_the_databases_time(shift_s: int, backends: Backends) -> None:
    async with open_database(backends.settings()) as database:
        clock = DatabaseClock(database)
        assert abs(clock.offset_s) < TOLERANCE_S
        await clock.refresh()
        assert abs(clock.offset_s - shift_s) < TOLERANCE_S
        assert abs(clock.now_s() - time.time() - shift_s) < TOLERANCE_S
        assert abs(clock.now_us() / 1e6 - clock.now_s()) < TOLERANCE_S


async def test_the_clock_goes_on_while_the_database_is_not_asked(database: Database) -> None:
    clock = DatabaseClock(database)
    await clock.refresh()
    before_s = clock.now_s()
    assert clock.now_s() >= before_s


async def test_an_instance_with_a_wrong_clock_grants_and_redeems_as_any_other(
    shift_s: int, backends: Backends
) -> None:
    user_id = new_user()
    async with run_scoreboard(backends) as scoreboard:
        database_s = time.time() + shift_s
        bearer = scoreboard.issuer.issue_bearer(
            subject=user_id, scopes=("scores:write",), life_s=60, now_s=database_s
        )
        granted = scoreboard.grant(user_id, 5, now_s=database_s)
        answer = await scoreboard.increment(user_id, 5, granted=granted, bearer=bearer)
        assert (answer.status, answer.body) == (200, {"score": 5, "rank": 1})
        standing = await scoreboard.get(f"/scores/{user_id}")
        top = await scoreboard.get("/scores/top")
        offset_ms = _read_metric(await scoreboard.metrics(), "scoreboard_clock_offset_ms")
    for text in (standing.body["lastUpdated"], top.body["generatedAt"]):
        assert abs(_seconds(text) - database_s) < 30
    assert abs(offset_ms / 1000 - shift_s) < TOLERANCE_S
    await check_invariants(backends.database_url)


async def test_a_token_is_expired_by_the_databases_clock(shift_s: int, backends: Backends) -> None:
    user_id = new_user()
    async with run_scoreboard(backends) as scoreboard:
        database_s = time.time() + shift_s
        bearer = scoreboard.issuer.issue_bearer(
            subject=user_id, scopes=("scores:write",), life_s=60, now_s=database_s
        )
        granted = scoreboard.grant(user_id, 5, life_s=60, now_s=database_s - 90)
        answer = await scoreboard.increment(user_id, 5, granted=granted, bearer=bearer)
    assert (answer.status, answer.code) == (403, "action_token_expired")
    await check_invariants(backends.database_url)


def _read_metric(exposition: str, name: str) -> float:
    (line,) = (line for line in exposition.splitlines() if line.startswith(f"{name} "))
    return float(line.split()[1])


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
