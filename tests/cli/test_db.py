"""`scoreboard db`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.checker import connect, until
from tests.cli.program import ending, run, run_apart, started


def test_status_fails_until_the_schema_is_migrated(empty_database_url: str, tmp_path: Path) -> None:
    before = run(
        "db", "status", "--json", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": empty_database_url}
    )
    assert before.code == 1
    assert before.document["pending"] == len(before.document["migrations"]) > 0
    done = run(
        "db", "migrate", "--json", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": empty_database_url}
    )
    names = [each["name"] for each in before.document["migrations"]]
    assert done.document == {"applied": names}
    after = run(
        "db", "status", "--json", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": empty_database_url}
    )
    assert after.code == 0
    assert after.document["pending"] == 0
    assert all(each["appliedAt"].endswith("Z") for each in after.document["migrations"])


def test_a_second_migration_has_nothing_to_do(database_url: str, tmp_path: Path) -> None:
    again = run("db", "migrate", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": database_url})
    assert (again.code, again.out) == (0, "The schema is up to date.\n")


def test_status_shows_each_migration_to_people(database_url: str, tmp_path: Path) -> None:
    shown = run("db", "status", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": database_url})
    assert shown.code == 0
    assert "0001_" in shown.out


def test_a_database_that_is_away_is_a_failure(tmp_path: Path) -> None:
    url = f"postgresql://user:canary@/scoreboard?host={tmp_path}"
    shown = run("db", "status", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": url})
    assert shown.code == 1
    assert len(shown.err.splitlines()) == 1
    assert "canary" not in shown.err


def test_a_missing_address_is_a_misconfiguration(tmp_path: Path) -> None:
    shown = run("db", "migrate", cwd=tmp_path)
    assert shown.code == 2
    assert "SCOREBOARD_DATABASE_URL" in shown.err


async def until_waiting(database_url: str) -> None:
    """Waits until somebody waits for a lock in this database."""
    async with connect(database_url) as watcher:

        async def is_waiting() -> bool:
            return bool(
                await watcher.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                    "AND datname = current_database())"
                )
            )

        await until(is_waiting)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
async def test_a_migration_that_is_interrupted_leaves_nothing_half_done(
    number: signal.Signals, empty_database_url: str, tmp_path: Path
) -> None:
    env = {"SCOREBOARD_DATABASE_URL": empty_database_url}
    async with connect(empty_database_url) as owner:
        await owner.execute(
            "CREATE TABLE schema_migrations (name text PRIMARY KEY, checksum text NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT now())"
        )
        with started("db", "migrate", cwd=tmp_path, env=env) as process:
            # Every table is made by then, and only the note of the migration is missing.
            async with owner.transaction():
                await owner.execute("LOCK TABLE schema_migrations IN SHARE MODE")
                await until_waiting(empty_database_url)
                process.send_signal(number)
                shown = await asyncio.to_thread(ending, process)
        assert (shown.code, shown.out, shown.err) == (130, "", "Interrupted.\n")

        async def is_undone() -> bool:
            return bool(await owner.fetchval("SELECT to_regclass('score_events') IS NULL"))

        await until(is_undone)
        assert await owner.fetchval("SELECT count(*) FROM schema_migrations") == 0
    done = await asyncio.to_thread(run_apart, "db", "migrate", cwd=tmp_path, env=env)
    assert (done.code, "applied 0001_" in done.out) == (0, True)


async def test_a_status_that_waits_for_a_lock_can_be_interrupted(
    database_url: str, tmp_path: Path
) -> None:
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    async with connect(database_url) as owner, owner.transaction():
        await owner.execute("LOCK TABLE schema_migrations")
        with started("db", "status", cwd=tmp_path, env=env) as process:
            await until_waiting(database_url)
            process.send_signal(signal.SIGTERM)
            shown = await asyncio.to_thread(ending, process)
    assert (shown.code, shown.out, shown.err) == (130, "", "Interrupted.\n")
