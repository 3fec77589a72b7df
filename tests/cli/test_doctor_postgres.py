"""`scoreboard doctor` on a PostgreSQL that is really in the wrong state."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.doctor.ledger import check_clock
from cli.doctor.postgres import (
    Server,
    check_connections,
    check_dead_rows,
    check_transaction_ids,
    check_transactions,
    check_version,
    postgres_examination,
)
from cli.doctor.verdicts import Finding
from cli.embedded.postgres import EmbeddedPostgres
from scoreboard.ledger.migrations import migrate
from scoreboard.settings import Settings
from tests.checker import Connection, connect, until
from tests.cli.diagnosis import OK, PROBLEM, WARNING, look, told
from tests.harness import Backends, run_scoreboard
from tests.ledger.outages import proxied

REPLACE_TRIGGER = """
    DROP TRIGGER score_events_append_only ON score_events;
    CREATE TRIGGER score_events_append_only BEFORE UPDATE ON score_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()"""
SWAP_FUNCTION = """
    CREATE FUNCTION allow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    DROP TRIGGER score_events_append_only ON score_events;
    CREATE TRIGGER score_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_events
    FOR EACH STATEMENT EXECUTE FUNCTION allow()"""
# What was done to the database, which check tells it, and how gravely. Its remedy is carried out.
MENDED = {
    "events-can-be-changed": ("GRANT UPDATE ON score_events TO scoreboard_app", "rights", PROBLEM),
    "events-can-be-truncated": ("GRANT TRUNCATE ON score_events TO PUBLIC", "rights", PROBLEM),
    "one-column-can-be-changed": (
        "GRANT UPDATE (delta) ON score_events TO scoreboard_app",
        "rights",
        PROBLEM,
    ),
    "events-cannot-be-written": (
        "REVOKE INSERT ON score_events FROM scoreboard_app",
        "rights",
        PROBLEM,
    ),
    "limits-can-be-changed": ("GRANT UPDATE ON boards TO scoreboard_app", "rights", PROBLEM),
    "no-right-at-all": (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM scoreboard_app",
        "rights",
        PROBLEM,
    ),
    "ids-cannot-be-drawn": (
        "REVOKE USAGE ON SEQUENCE score_event_ids FROM scoreboard_app",
        "rights",
        PROBLEM,
    ),
    "ids-can-be-reset": (
        "GRANT UPDATE ON SEQUENCE score_event_ids TO scoreboard_app",
        "rights",
        PROBLEM,
    ),
    "tables-out-of-reach": (
        "REVOKE USAGE ON SCHEMA public FROM scoreboard_app, PUBLIC",
        "rights",
        PROBLEM,
    ),
    "tables-of-its-own": ("GRANT CREATE ON SCHEMA public TO PUBLIC", "rights", WARNING),
    "role-owns-a-table": ("ALTER TABLE score_events OWNER TO scoreboard_app", "role", PROBLEM),
    "trigger-disabled": (
        "ALTER TABLE score_events DISABLE TRIGGER score_events_append_only",
        "append-only",
        PROBLEM,
    ),
    "trigger-of-replicas-only": (
        "ALTER TABLE score_events ENABLE REPLICA TRIGGER score_events_append_only",
        "append-only",
        PROBLEM,
    ),
    "trigger-dropped": (
        "DROP TRIGGER score_events_append_only ON score_events",
        "append-only",
        PROBLEM,
    ),
    "trigger-of-acts-dropped": (
        "DROP TRIGGER acts_append_only ON acts",
        "append-only",
        PROBLEM,
    ),
    "trigger-of-compensations-disabled": (
        "ALTER TABLE compensations DISABLE TRIGGER compensations_append_only",
        "append-only",
        PROBLEM,
    ),
    "trigger-that-covers-less": (REPLACE_TRIGGER, "append-only", PROBLEM),
    "trigger-that-allows": (SWAP_FUNCTION, "append-only", PROBLEM),
    "commits-not-durable": (
        'ALTER DATABASE "{name}" SET synchronous_commit = off',
        "durability",
        PROBLEM,
    ),
    "read-only": (
        'ALTER DATABASE "{name}" SET default_transaction_read_only = on',
        "writable",
        PROBLEM,
    ),
}
# The same for what no single command mends: a part of what is found.
FOUND = {
    "stale-outbox": (
        "INSERT INTO outbox (event_ids, created_at) VALUES ('{{}}', now() - interval '1 hour')",
        "outbox",
        PROBLEM,
        "1 row waits, the oldest for 3600 s",
    ),
    "slow-outbox": (
        "INSERT INTO outbox (event_ids, created_at) VALUES ('{{}}', now() - interval '10 s')",
        "outbox",
        WARNING,
        "does not keep up",
    ),
    "old-gap": (
        "INSERT INTO standings_gaps VALUES ('main', now() - interval '1 hour')",
        "standings-gaps",
        PROBLEM,
        "main",
    ),
    "fresh-gap": (
        "INSERT INTO standings_gaps VALUES ('main', now())",
        "standings-gaps",
        WARNING,
        "main",
    ),
    "lease-ran-out": (
        "INSERT INTO leases VALUES ('relay', 'arena-1', 7, now() - interval '1 hour')",
        "leader",
        WARNING,
        "arena-1 ran out 3600 s ago",
    ),
    "edited-migration": (
        "UPDATE schema_migrations SET checksum = 'other'",
        "schema",
        PROBLEM,
        "was edited",
    ),
    "unlisted-view-of-events": (
        "CREATE VIEW way_round AS SELECT * FROM score_events; "
        "GRANT UPDATE ON way_round TO scoreboard_app",
        "rights",
        PROBLEM,
        "UPDATE ON way_round",
    ),
    "unlisted-table": (
        "CREATE TABLE forgotten (); CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.reports ()",
        "rights",
        WARNING,
        "schema public holds what this release does not know: forgotten",
    ),
    "newer-schema": (
        "INSERT INTO schema_migrations (name, checksum) VALUES ('9999_later', 'x')",
        "schema",
        PROBLEM,
        "9999_later",
    ),
}


NUMBERS: Any = {
    "connections_max": 97,
    "other_sessions": 0,
    "transaction_age": 1,
    "size_bytes": 1,
    "data_directory": None,
}


async def examine(settings: Settings) -> dict[str, Finding]:
    """The findings about PostgreSQL that are not ok; that nobody leads is left out."""
    findings = told(await look(postgres_examination(settings)))
    return {
        name: each for name, each in findings.items() if each.found != "no instance has ever led"
    }


async def test_a_fresh_database_has_no_problem_and_waits_for_a_leader(backends: Backends) -> None:
    findings = await look(postgres_examination(backends.settings()))
    assert {name: each.status for name, each in told(findings).items()} == {"leader": WARNING}


async def test_a_running_instance_is_found_to_lead(backends: Backends) -> None:
    async with run_scoreboard(backends) as running:
        assert running.url
        findings = await look(postgres_examination(backends.settings()))

        async def leads() -> bool:
            nonlocal findings
            findings = await look(postgres_examination(backends.settings()))
            return findings["leader"].status is OK

        await until(leads)
    assert told(findings) == {}


@pytest.mark.parametrize(("statement", "name", "status"), MENDED.values(), ids=MENDED)
async def test_what_is_wrong_is_found_and_its_remedy_mends_it(
    statement: str, name: str, status: str, backends: Backends
) -> None:
    settings = backends.settings()
    async with connect(backends.database_url) as owner:
        database = await owner.fetchval("SELECT current_database()")
        await owner.execute(statement.format(name=database))
        found = await examine(settings)
        assert found[name].status == status
        await change(owner, found[name].remedy or "")
        # What was given back may still lack rights: that is told next.
        for left in (await examine(settings)).values():
            await change(owner, left.remedy or "")
    assert await examine(settings) == {}


@pytest.mark.parametrize(("statement", "name", "status", "part"), FOUND.values(), ids=FOUND)
async def test_what_is_wrong_is_found(
    statement: str, name: str, status: str, part: str, backends: Backends
) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute(statement.format())
    found = await examine(backends.settings())
    assert {each: found[each].status for each in found} == {name: status}
    assert part in found[name].found
    assert found[name].remedy


async def test_accepted_losses_are_a_warning(backends: Backends) -> None:
    async with connect(backends.database_url) as owner:
        database = await owner.fetchval("SELECT current_database()")
        await owner.execute(f'ALTER DATABASE "{database}" SET synchronous_commit = off')
    found = await examine(backends.settings(allow_unsafe_database=True))
    assert {name: each.status for name, each in found.items()} == {"durability": WARNING}


async def test_a_database_without_the_schema_is_to_be_migrated(
    backends: Backends, empty_database_url: str
) -> None:
    settings = backends.settings(database_url=empty_database_url)
    found = await examine(settings)
    assert found["schema"].remedy == "scoreboard db migrate"
    await migrate(empty_database_url)
    assert await examine(settings) == {}


async def test_more_connections_than_the_server_has_are_told(backends: Backends) -> None:
    found = await examine(backends.settings(instances=50, workers=2, database_pool_size=8))
    assert found["connections"].status is PROBLEM
    async with connect(backends.database_url) as owner:
        most = int(await owner.fetchval("SHOW max_connections"))
    remedy = found["connections"].remedy or ""
    pool_size = int(remedy.partition(" to ")[2].partition(",")[0])
    assert 1 <= pool_size <= most // 100
    again = await examine(backends.settings(instances=50, workers=2, database_pool_size=pool_size))
    assert "connections" not in again


@pytest.mark.parametrize(
    ("others", "part"),
    [
        (-3, "Lower SCOREBOARD_DATABASE_POOL_SIZE to 3,"),
        (90, "Run 7 processes at most: lower SCOREBOARD_WORKERS, or run fewer instances"),
        (97, "End what other programs do not need, or raise max_connections"),
    ],
    ids=["smaller-pools", "fewer-processes", "none-free"],
)
def test_the_remedy_for_too_many_connections_leaves_room_for_each_process(
    others: int, part: str, backends: Backends
) -> None:
    settings = backends.settings(instances=15, workers=2, database_pool_size=8)
    server = Server("16", 160_000, "me", is_standby=False, **{**NUMBERS, "other_sessions": others})
    verdict = check_connections(server, settings)
    assert verdict.status is PROBLEM
    assert part in (verdict.remedy or "")


@pytest.mark.parametrize(
    ("program", "remedy"),
    [
        ("scoreboard-export", "Wait for scoreboard-export ({pid}): it is work of this scoreboard."),
        ("pg_dump", "Wait for pg_dump ({pid}): it is a backup."),
        ("psql", "SELECT pg_terminate_backend({pid});"),
    ],
    ids=["export", "backup", "other"],
)
async def test_long_work_of_ones_own_is_named_and_to_be_waited_for(
    program: str, remedy: str, database_url: str
) -> None:
    async with connect(database_url) as session, connect(database_url) as busy, busy.transaction():
        await busy.execute("SELECT set_config('application_name', $1, false)", program)
        verdict = await check_transactions(session, 0, 3600)
        assert f"{program} (process {busy.get_server_pid()} of " in verdict.found
        assert verdict.remedy == remedy.format(pid=busy.get_server_pid())


async def test_a_transaction_that_is_left_open_is_found_and_ended(
    database_url: str,
) -> None:
    async with connect(database_url) as session, connect(database_url) as idle:
        assert (await check_transactions(session, 0, 0)).status is OK
        await idle.execute("BEGIN")
        await idle.execute("SELECT FROM boards")
        verdict = await check_transactions(session, 3600, 0)
        assert verdict.status is WARNING
        assert "idle in transaction" in verdict.found
        assert verdict.remedy is not None
        await session.execute(verdict.remedy)

        async def is_mended() -> bool:
            return (await check_transactions(session, 3600, 0)).status is OK

        await until(is_mended)
        idle.terminate()  # the server has closed it: a farewell may find the socket closed too


async def test_dead_rows_are_found_and_vacuumed(database_url: str) -> None:
    async with connect(database_url) as session:
        assert (await check_dead_rows(session, 10)).status is OK
        async with connect(database_url) as writer:
            await writer.execute(
                "INSERT INTO outbox (event_ids) SELECT '{}' FROM generate_series(1, 100)"
            )
            await writer.execute("DELETE FROM outbox")

        async def is_found() -> bool:
            return (await check_dead_rows(session, 10)).status is WARNING

        await until(is_found)  # numbers of rows are reported when a session ends
        assert (await check_dead_rows(session, 10)).remedy == "VACUUM outbox;"
        await session.execute("VACUUM outbox")

        async def is_mended() -> bool:
            return (await check_dead_rows(session, 10)).status is OK

        await until(is_mended)


@pytest.mark.parametrize(
    ("ahead_s", "status"),
    [(0, OK), (2, WARNING), (-2, WARNING), (600, PROBLEM), (-600, PROBLEM)],
    ids=["right", "2-s-ahead", "2-s-behind", "10-min-ahead", "10-min-behind"],
)
async def test_a_clock_that_is_off_is_found(ahead_s: float, status: str, database_url: str) -> None:
    async with connect(database_url) as session:
        verdict = await check_clock(session, 5.0, lambda: time.time() + ahead_s)
    assert verdict.status == status
    if ahead_s:
        assert ("ahead of" if ahead_s > 0 else "behind") in verdict.found


async def test_a_server_that_hangs_costs_the_limit_and_hides_nothing_found_before(
    backends: Backends,
) -> None:
    async with proxied(backends.database_url) as (proxy, url):
        proxy.pause()
        settings = backends.settings(database_url=url)
        findings = await look(postgres_examination(settings), limit_s=0.3)
        proxy.resume()
    assert findings["postgresql"].status is PROBLEM
    assert findings["postgresql"].found == "no answer within 0.3 s"
    others = {each.found for name, each in findings.items() if name != "postgresql"}
    assert others == {"not examined"}


async def test_a_locked_table_hides_no_other_check(backends: Backends) -> None:
    async with connect(backends.database_url) as owner, owner.transaction():
        await owner.execute("LOCK TABLE outbox, schema_migrations")
        found = told(await look(postgres_examination(backends.settings()), limit_s=30))
    assert found.keys() == {"schema", "outbox", "leader"}
    assert "could not be examined" in found["outbox"].found


async def test_a_server_that_is_away_is_told_once_and_without_its_password(
    backends: Backends,
) -> None:
    settings = backends.settings(database_url="postgresql://me:canary@127.0.0.1:1/board")
    findings = await look(postgres_examination(settings))
    assert findings["postgresql"].status is PROBLEM
    assert findings["postgresql"].remedy == "Start it or correct SCOREBOARD_DATABASE_URL."
    assert {each.status for name, each in findings.items() if name != "postgresql"} == {WARNING}
    assert "canary" not in repr(findings)


async def test_a_user_with_the_services_role_alone_learns_what_he_may(backends: Backends) -> None:
    async with as_clerk(backends.database_url) as url:
        found = await examine(backends.settings(database_url=url))
    assert {name: each.status for name, each in found.items()} == {"schema": WARNING}
    assert "owner" in (found["schema"].remedy or "")


@asynccontextmanager
async def as_clerk(database_url: str) -> AsyncIterator[str]:
    """The URL of a user who owns nothing and is a member of the service's role."""
    async with connect(database_url) as owner:
        name = f"clerk_{await owner.fetchval('SELECT md5(current_database())')}"
        await owner.execute(f'CREATE ROLE "{name}" LOGIN IN ROLE scoreboard_app')
        try:
            yield database_url.replace("postgres@", f"{name}@", 1)
        finally:
            await owner.execute(f'DROP ROLE "{name}"')


@pytest.mark.parametrize(
    ("age", "status"),
    [(200_000_000, OK), (1_500_000_000, WARNING), (2_000_000_000, PROBLEM)],
    ids=["young", "old", "nearly-over"],
)
def test_transaction_ids_that_run_out_are_told(age: int, status: str) -> None:
    assert check_transaction_ids(age).status == status


def test_an_older_release_is_refused() -> None:
    old = Server("13.9", 130_009, "me", is_standby=False, **NUMBERS)
    assert check_version(old).status is PROBLEM


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Run a server whose roles and settings are this module's own."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("private") / "data") as server:
        asyncio.run(migrate(server.url()))
        yield server


@pytest.fixture
def private_settings(private: EmbeddedPostgres, backends: Backends) -> Settings:
    """Return settings that lead to that server."""
    return dataclasses.replace(backends.settings(), database_url=private.url())


async def change(owner: Connection, statements: str) -> None:
    """Carries out each statement by itself: some are not allowed in a transaction."""
    for statement in statements.split(";"):
        if statement.strip():
            await owner.execute(statement)


SERVER_WIDE = {
    "fsync": (
        "ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()",
        "durability",
    ),
    "two-settings": (
        "ALTER SYSTEM SET full_page_writes = off; ALTER SYSTEM SET synchronous_commit = off;"
        "SELECT pg_reload_conf()",
        "durability",
    ),
    "superuser": ("ALTER ROLE scoreboard_app SUPERUSER", "role"),
    "member-of-the-owner": ("GRANT postgres TO scoreboard_app", "role"),
}


@pytest.mark.parametrize(("statements", "name"), SERVER_WIDE.values(), ids=SERVER_WIDE)
async def test_what_is_wrong_with_the_server_is_found_and_its_remedy_mends_it(
    statements: str, name: str, private_settings: Settings
) -> None:
    found: dict[str, Finding] = {}

    async def is_found() -> bool:
        nonlocal found
        found = await examine(private_settings)
        return name in found

    async with connect(private_settings.database_url) as owner:
        await change(owner, statements)
        await until(is_found)  # the server takes its time over a reload
        assert found[name].status is PROBLEM
        assert found[name].remedy is not None
        await change(owner, found[name].remedy or "")

        async def is_mended() -> bool:
            return await examine(private_settings) == {}

        await until(is_mended)


def test_a_standby_is_told_to_be_one(private: EmbeddedPostgres, backends: Backends) -> None:
    folder = Path(private.url().partition("?host=")[2].partition("&")[0])
    private.stop()
    signal = folder / "standby.signal"
    signal.touch()
    private.start()
    try:
        settings = dataclasses.replace(backends.settings(), database_url=private.url())
        found = asyncio.run(examine(settings))
    finally:
        private.stop()
        signal.unlink()
        private.start()
    assert {name: each.status for name, each in found.items()} == {"writable": PROBLEM}
    assert "standby" in found["writable"].found
