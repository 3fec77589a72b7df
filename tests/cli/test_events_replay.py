"""`scoreboard events replay`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ledger_rows import fill
from cli.events.replay import Replayed
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.database import open_database
from scoreboard.ledger.replay import CORRECTED_AT_ONCE, Comparison, Correction
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import check_invariants, connect, until, until_settled
from tests.cli.program import Result, ending, run, run_apart, started
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.ledger.conftest import LOCK_USER, until_somebody_waits
from tests.ledger.increments import Draft, apply_one

EVENTS, USERS = 3000, CORRECTED_AT_ONCE + 100


def replay(database_url: str, cwd: Path, *arguments: str) -> Result:
    """Runs the command in this process."""
    return run(
        "events", "replay", *arguments, cwd=cwd, env={"SCOREBOARD_DATABASE_URL": database_url}
    )


def execute(database_url: str, *statements: str) -> None:
    """Runs statements as the schema's owner."""

    async def work() -> None:
        async with connect(database_url) as connection:
            for statement in statements:
                await connection.execute(statement)

    asyncio.run(work())


def test_equal_totals_are_told_in_one_line(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, EVENTS, USERS))
    told = replay(database_url, tmp_path)
    assert (told.code, told.err) == (0, "")
    assert told.out == "3,000 events make 600 totals, and all are stored as such.\n"


def test_differing_totals_are_told_by_kind_within_60_columns(
    database_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(database_url, EVENTS, USERS))
    execute(database_url, "UPDATE user_scores SET score = score + 1, updated_at = '2026-02-01Z'")
    told = replay(database_url, tmp_path)
    assert told.code == 1
    assert told.out.startswith("3,000 events make 600 totals; 600 are stored otherwise.\n")
    assert "\nscore: 600 totals" in told.out
    assert "\nupdated_at: 600 totals" in told.out
    assert max(map(len, told.out.splitlines())) <= 60


def test_differences_are_json_for_scripts(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, EVENTS, USERS))
    execute(database_url, "DELETE FROM user_scores WHERE reached = 2401", GONE_ASTRAY)
    told = replay(database_url, tmp_path, "--json")
    assert told.code == 1
    document = told.document
    assert (document["events"], document["totals"], document["differing"]) == (3000, 600, 2)
    assert (document["corrected"], [each["kind"] for each in document["differences"]]) == (
        0,
        ["missing", "score"],
    )
    assert document["differences"][1]["examples"] == [
        {"board": "main", "userId": SECOND_USER, "stored": 1, "replayed": 10}
    ]


SECOND_USER = "bb9836f5-e2ce-756d-059b-9a4556283bc0"
GONE_ASTRAY = "UPDATE user_scores SET score = 1 WHERE reached = 2402"


async def test_what_is_applied_reaches_redis_too(
    scoreboard: Scoreboard, backends: Backends, tmp_path: Path
) -> None:
    users = [new_user() for _ in range(20)]
    for user_id in users:
        await scoreboard.increment(user_id, 5)
    async with connect(backends.database_url) as owner:
        await owner.execute(
            "UPDATE user_scores SET score = 9, version = 4 WHERE user_id = $1", users[0]
        )
        await owner.execute("DELETE FROM user_scores WHERE user_id = $1", users[1])
    told = await asyncio.to_thread(
        run_apart,
        "events",
        "replay",
        "--apply",
        "--json",
        cwd=tmp_path,
        env={"SCOREBOARD_DATABASE_URL": backends.database_url},
    )
    assert (told.code, told.document["corrected"]) == (0, 2)
    await until_settled(backends.database_url)
    await check_invariants(
        backends.database_url, redis_url=backends.redis_url, redis_prefix=backends.redis_prefix
    )


async def test_an_update_that_waited_does_not_bring_a_wrong_total_back(
    backends: Backends, tmp_path: Path
) -> None:
    user_id = new_user()
    env = {"SCOREBOARD_DATABASE_URL": backends.database_url}
    async with connect(backends.database_url) as owner:
        async with open_database(backends.settings()) as database:
            writer = LedgerWriter(database)
            await apply_one(writer, Draft(user_id=user_id, delta=5))
            await owner.execute("UPDATE user_scores SET score = 900, version = 70")
            # Until it is relayed, the outbox lists score 907 as version 71.
            await apply_one(writer, Draft(user_id=user_id, delta=7))
        relay_held_up = owner.transaction()
        await relay_held_up.start()
        await owner.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
        async with run_scoreboard(backends, maintenance_s=0.1) as scoreboard:

            async def is_right() -> bool:
                answer = await scoreboard.send("GET", f"/scores/{user_id}")
                return bool(answer.body["score"] == 12)

            with started("events", "replay", "--apply", cwd=tmp_path, env=env) as process:
                await until(is_right)  # Redis was rebuilt
                await relay_held_up.rollback()
                ended = await asyncio.to_thread(ending, process)
            await until_settled(backends.database_url)
            assert await is_right()
    assert (ended.code, ended.err) == (0, "")


async def test_a_run_that_is_killed_leaves_whole_totals_and_nothing_to_clean_up(
    database_url: str, tmp_path: Path
) -> None:
    await fill(database_url, EVENTS, USERS)
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    async with connect(database_url) as owner, connect(database_url) as stranger:
        await owner.execute("UPDATE user_scores SET score = 1")
        last = await owner.fetchval("SELECT user_id FROM user_scores ORDER BY user_id DESC LIMIT 1")
        async with stranger.transaction():
            await stranger.fetch(LOCK_USER, last)
            with started("events", "replay", "--apply", cwd=tmp_path, env=env) as process:
                await until_somebody_waits(owner)  # in the second transaction of two
                process.kill()
                assert (await asyncio.to_thread(ending, process)).out == ""
        await until(lambda: owner.fetchval(NOBODY_IS_THERE))
        left = await owner.fetchval("SELECT count(*) FROM user_scores WHERE score = 1")
    again = await asyncio.to_thread(
        run_apart, "events", "replay", "--apply", "--json", cwd=tmp_path, env=env
    )
    assert (again.code, again.document["corrected"]) == (0, 100)
    assert left >= 100
    await check_invariants(database_url)


NOBODY_IS_THERE = """SELECT count(*) = 0 FROM pg_stat_activity
                     WHERE application_name = 'scoreboard-replay'"""


async def test_ctrl_c_in_a_correction_undoes_that_one_and_leaves_nobody_waiting(
    database_url: str, tmp_path: Path
) -> None:
    await fill(database_url, EVENTS, USERS)
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    async with connect(database_url) as owner, connect(database_url) as stranger:
        await owner.execute("UPDATE user_scores SET updated_at = '2026-02-01Z'")
        last = await owner.fetchval("SELECT user_id FROM user_scores ORDER BY user_id DESC LIMIT 1")
        async with stranger.transaction():
            await stranger.fetch(LOCK_USER, last)
            with started("events", "replay", "--apply", cwd=tmp_path, env=env) as process:
                await until_somebody_waits(owner)  # in the second transaction of two
                process.send_signal(signal.SIGINT)
                ended = await asyncio.to_thread(ending, process)
            # While the lock that it waited for is still held.
            await until(lambda: owner.fetchval(NOBODY_IS_THERE))
        left = await owner.fetchval(
            "SELECT count(*) FROM user_scores WHERE updated_at = '2026-02-01Z'"
        )
    assert (ended.code, ended.out, ended.err) == (130, "", "Interrupted.\n")
    assert left == USERS - CORRECTED_AT_ONCE


def test_what_must_be_done_by_hand_is_told() -> None:
    compared = Comparison(5, 2, 2, [])
    main, season = BoardId("main"), BoardId("season")
    assert Replayed(compared, Correction(2, 0)).failure == ""
    gone = Replayed(compared, Correction(1, 1)).failure
    assert gone == "1 totals belong to boards that are gone."
    waits = Replayed(compared, Correction(1, 1), [main]).failure
    assert waits.startswith(f"{gone} Updates from before the correction still wait")
    assert waits.endswith("run `scoreboard cache rebuild --board main`.")
    assert "`scoreboard cache rebuild --all`" in Replayed(compared, None, [main, season]).failure


def test_the_board_is_shown_as_it_stood(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, EVENTS, USERS))

    def entries(*arguments: str) -> Any:  # noqa: ANN401 - JSON
        told = replay(database_url, tmp_path, *arguments, "--json")
        assert told.code == 0
        return told.document["entries"]

    # Event i of the second round adds what its user won in the first.
    assert entries("--until", "601", "--limit", "1")[0]["score"] == 50
    assert [each["score"] for each in entries("--until", "2", "--limit", "3")] == [2, 1]
    at_once = entries("--until", "2026-01-01T00:00:00.002Z")
    assert at_once == entries("--until", "3")
    assert entries("--until", "2026-01-01T01:00:00+01:00") == entries("--until", "1")
    execute(database_url, "INSERT INTO boards (board_id) VALUES ('another')")
    assert entries("--until", "3", "--board", "another") == []
    assert "user" in replay(database_url, tmp_path, "--until", "3").out


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("4", "4 lies beyond the newest event: this is the board as it stands now.\n"),
        ("3", ""),
        (
            "2999-01-01T00:00:00Z",
            "2999-01-01T00:00:00Z lies in the future: this is the board as it stands now.\n",
        ),
        ("2020-01-01T00:00:00Z", ""),
    ],
)
def test_a_moment_that_is_still_to_come_is_told(
    database_url: str, tmp_path: Path, until: str, told: str
) -> None:
    asyncio.run(fill(database_url, 3, 1))
    shown = replay(database_url, tmp_path, "--until", until, "--json")
    assert (shown.code, shown.err, shown.document["until"]) == (0, told, until)


def test_options_that_do_not_go_together_are_wrong_usage(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/elsewhere"
    for arguments in (
        ("--until", "3", "--apply"),
        ("--limit", "3"),
        ("--until", "yesterday"),
        ("--board", "No Board"),
    ):
        told = replay(nowhere, tmp_path, *arguments)
        assert (told.code, told.out) == (2, "")


def test_a_database_that_is_away_or_empty_is_told_in_a_sentence(
    empty_database_url: str, tmp_path: Path
) -> None:
    away = replay(f"postgresql://user:canary@/x?host={tmp_path}", tmp_path)
    assert (away.code, len(away.err.splitlines())) == (1, 1)
    assert "canary" not in away.err
    empty = replay(empty_database_url, tmp_path)
    assert empty.code == 2
    assert "scoreboard db migrate" in empty.err
