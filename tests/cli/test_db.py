"""`scoreboard db`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import run


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
