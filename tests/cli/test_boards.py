"""`scoreboard boards`."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path

import asyncpg
import pytest

from scoreboard.domain.identifiers import BoardId
from tests.checker import connect, until
from tests.cli.program import PROJECT, Result, run, run_apart
from tests.harness import Scoreboard, new_user

ARENA = BoardId("arena")
LIMITS = ("--max-delta", "100", "--min-score", "0", "--max-score", "500")
WRONG_USAGE = {
    "upper-case": ("create", "Week"),
    "path": ("create", "../main"),
    "too-long": ("create", "a" * 65),
    "no-delta": ("create", "arena", "--max-delta", "0"),
    "floor-above-zero": ("create", "arena", "--min-score", "1"),
    "ceiling-below-zero": ("create", "arena", "--max-score", "-1"),
    "beyond-exact-numbers": ("create", "arena", "--max-score", str(2**53)),
    "action-of-capitals": ("create", "arena", "--action", "WIN"),
    "nothing-to-change": ("set", "main"),
    "any-and-none": ("set", "main", "--any-action", "--no-action"),
    "any-and-one": ("set", "main", "--any-action", "--action", "win"),
}


def crontab() -> list[str]:
    """The lines of the how-to's crontab, without its comments."""
    page = (PROJECT / "docs" / "how-to" / "weekly-boards.md").read_text("utf-8")
    block = page.partition("```sh")[2].partition("```")[0]
    lines = (line.strip() for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_the_crontab_of_the_how_to_names_its_database_and_trusts_no_time_zone() -> None:
    names = [line.partition("=")[0] for line in crontab()[:-1]]
    # Debian's cron would take CRON_TZ for a variable like any other.
    assert names == ["SCOREBOARD_DATABASE_URL", "PATH"]
    *schedule, program = crontab()[-1].split()[:6]
    assert (schedule[2:], program) == (["*", "*", "*"], "scoreboard")
    assert "date -u " in crontab()[-1]


def test_the_board_of_the_how_to_is_made_by_its_options(database_url: str, tmp_path: Path) -> None:
    command = re.sub(r"\$\(.*?\)", "2026-47", crontab()[-1].split(maxsplit=5)[5])
    _, _, *arguments = shlex.split(command)
    for _ in range(2):  # the next day's run
        made = boards(*arguments, url=database_url, cwd=tmp_path)
        assert (made.code, "week-2026-47" in made.out) == (0, True)


def boards(*arguments: str, url: str, cwd: Path) -> Result:
    """Runs `scoreboard boards …` on that database."""
    return run("boards", *arguments, cwd=cwd, env={"SCOREBOARD_DATABASE_URL": url})


def test_a_new_board_is_listed_with_its_limits(database_url: str, tmp_path: Path) -> None:
    options = (*LIMITS, "--action", "win", "--action", "draw", "--json")
    made = boards("create", "arena", *options, url=database_url, cwd=tmp_path).document
    created_at = made.pop("createdAt")
    assert created_at.endswith("Z")
    assert made == {
        "created": True,
        "board": "arena",
        "maxDelta": 100,
        "minScore": 0,
        "maxScore": 500,
        "actions": ["draw", "win"],
        "users": 0,
        "usersOutside": 0,
    }
    listed = boards("list", "--json", url=database_url, cwd=tmp_path).document["boards"]
    assert [each["board"] for each in listed] == ["arena", "main"]
    assert listed[0] == {
        **{name: made[name] for name in made if name != "created"},
        "createdAt": created_at,
    }


def test_a_board_made_without_limits_is_like_the_main_one(
    database_url: str, tmp_path: Path
) -> None:
    assert boards("create", "arena", url=database_url, cwd=tmp_path).code == 0
    arena, main = boards("list", "--json", url=database_url, cwd=tmp_path).document["boards"]
    different = {name for name in main if arena[name] != main[name]}
    assert different == {"board", "createdAt"}


def test_the_list_reads_well_in_a_narrow_terminal(database_url: str, tmp_path: Path) -> None:
    boards("create", "week-2026-47", *LIMITS, "--action", "win", url=database_url, cwd=tmp_path)
    shown = boards("list", url=database_url, cwd=tmp_path).out.splitlines()
    assert all(len(line) <= 60 for line in shown)
    assert shown[0].startswith("main: 0 users, made 20")
    assert shown[1] == "  deltas up to 1000000, scores any, actions any"
    assert shown[2].startswith("week-2026-47: 0 users, made 20")
    assert shown[3] == "  deltas up to 100, scores 0 to 500, actions win"


def test_a_board_is_made_once_and_its_limits_stay(database_url: str, tmp_path: Path) -> None:
    boards("create", "arena", "--max-delta", "7", url=database_url, cwd=tmp_path)
    again = boards("create", "arena", "--max-delta", "9", url=database_url, cwd=tmp_path)
    assert (again.code, again.out) == (1, "")
    assert "exists already" in again.err
    assert "deltas up to 7" in again.err
    assert "scoreboard boards set arena" in again.err
    same = ("create", "arena", "--max-delta", "9", "--if-absent", "--json")
    left = boards(*same, url=database_url, cwd=tmp_path)
    assert left.code == 0
    assert (left.document["created"], left.document["maxDelta"]) == (False, 7)


def test_only_what_is_named_changes(database_url: str, tmp_path: Path) -> None:
    boards("create", "arena", *LIMITS, "--action", "win", url=database_url, cwd=tmp_path)

    def change(*options: str) -> tuple[object, ...]:
        shown = boards("set", "arena", *options, "--json", url=database_url, cwd=tmp_path)
        names = ("maxDelta", "minScore", "maxScore", "actions")
        return tuple(shown.document[name] for name in names)

    assert change("--max-delta", "250") == (250, 0, 500, ["win"])
    assert change("--min-score", "-5", "--max-score", "5") == (250, -5, 5, ["win"])
    assert change("--action", "lose", "--action", "lose") == (250, -5, 5, ["lose"])
    assert change("--any-action") == (250, -5, 5, None)
    assert change("--no-action") == (250, -5, 5, [])


def test_an_unknown_board_cannot_be_changed(database_url: str, tmp_path: Path) -> None:
    shown = boards("set", "nowhere", "--max-delta", "5", url=database_url, cwd=tmp_path)
    assert (shown.code, shown.out) == (1, "")
    assert "scoreboard boards create nowhere" in shown.err
    assert len(shown.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_changes_nothing(
    arguments: tuple[str, ...], database_url: str, tmp_path: Path
) -> None:
    assert boards(*arguments, url=database_url, cwd=tmp_path).code == 2
    listed = boards("list", "--json", url=database_url, cwd=tmp_path).document["boards"]
    assert [(each["board"], each["maxDelta"]) for each in listed] == [("main", 1_000_000)]


async def test_a_user_who_owns_nothing_may_list_and_not_create(
    database_url: str, tmp_path: Path
) -> None:
    async with connect(database_url) as owner:
        name = f"clerk_{await owner.fetchval('SELECT md5(current_database())')}"
        await owner.execute(f'CREATE ROLE "{name}" LOGIN IN ROLE scoreboard_app')
        try:
            url = database_url.replace("postgres@", f"{name}@", 1)
            listed = await asyncio.to_thread(boards_apart, "list", url=url, cwd=tmp_path)
            assert listed.code == 0
            refused = await asyncio.to_thread(
                boards_apart, "create", "arena", url=url, cwd=tmp_path
            )
        finally:
            await owner.execute(f'DROP ROLE "{name}"')
        assert await owner.fetchval("SELECT count(*) FROM boards") == 1
    assert (refused.code, refused.out) == (1, "")
    assert "owner" in refused.err
    assert len(refused.err.splitlines()) == 1


def boards_apart(*arguments: str, url: str, cwd: Path) -> Result:
    """The same as `boards`, for tests whose event loop goes on meanwhile."""
    return run_apart("boards", *arguments, cwd=cwd, env={"SCOREBOARD_DATABASE_URL": url})


async def command(scoreboard: Scoreboard, url: str, cwd: Path, *arguments: str) -> Result:
    """Runs `scoreboard boards …` while an instance serves."""
    done = await asyncio.to_thread(boards_apart, *arguments, url=url, cwd=cwd)
    assert done.code == 0, done.err
    assert scoreboard.url
    return done


async def test_a_running_instance_serves_a_new_board_and_holds_its_limits(
    scoreboard: Scoreboard, database_url: str, tmp_path: Path
) -> None:
    user = new_user()
    assert (await scoreboard.increment(user, board_id=ARENA)).status == 404
    await command(scoreboard, database_url, tmp_path, "create", "arena", *LIMITS, "--action", "win")

    async def is_served() -> bool:
        return (await scoreboard.increment(user, 100, board_id=ARENA)).status == 200

    await until(is_served)

    async def code(delta: int, act: str = "win") -> str:
        granted = scoreboard.grant(user, delta, board_id=ARENA, act=act)
        bearer = scoreboard.bearer(user, "scores:write", "scores:bonus")
        answer = await scoreboard.increment(
            user, delta, granted=granted, bearer=bearer, board_id=ARENA
        )
        return answer.code

    assert await code(101) == "policy_denied"
    assert await code(50, act="cheat") == "policy_denied"
    assert await code(-100) == "ok"
    assert await code(-1) == "score_limit"
    assert [await code(100) for _ in range(6)] == ["ok"] * 5 + ["score_limit"]

    narrowed = await command(
        scoreboard, database_url, tmp_path, "set", "arena", "--max-score", "450"
    )
    assert "1 of 1 users have a score outside" in narrowed.err
    assert await code(-10) == "score_limit"
    assert await code(-100) == "ok"


async def test_a_frozen_board_is_read_only_within_the_refresh_time(
    scoreboard: Scoreboard, database_url: str, tmp_path: Path
) -> None:
    user = new_user()
    assert (await scoreboard.increment(user, 5)).status == 200
    await command(scoreboard, database_url, tmp_path, "set", "main", "--no-action")

    async def is_frozen() -> bool:
        return (await scoreboard.increment(user, 5)).code == "policy_denied"

    await until(is_frozen)
    before = (await scoreboard.get(f"/scores/{user}")).body["score"]
    assert (await scoreboard.increment(user, 5)).code == "policy_denied"
    assert (await scoreboard.get(f"/scores/{user}")).body["score"] == before


def test_a_database_that_is_away_is_told_in_one_sentence(tmp_path: Path) -> None:
    shown = boards("list", url="postgresql://me:canary@127.0.0.1:1/x", cwd=tmp_path)
    assert (shown.code, shown.out) == (1, "")
    assert len(shown.err.splitlines()) == 1
    assert "canary" not in shown.err


def test_a_database_without_the_schema_is_told_to_be_migrated(
    empty_database_url: str, tmp_path: Path
) -> None:
    shown = boards("create", "arena", url=empty_database_url, cwd=tmp_path)
    assert shown.code == 2
    assert "scoreboard db migrate" in shown.err


async def test_a_board_made_twice_at_once_is_made_by_one(database_url: str, tmp_path: Path) -> None:
    async with connect(database_url) as first, first.transaction():
        await first.execute("INSERT INTO boards (board_id, max_delta) VALUES ('arena', 7)")
        second = asyncio.create_task(
            asyncio.to_thread(boards_apart, "create", "arena", url=database_url, cwd=tmp_path)
        )
        await until(lambda: _somebody_waits(database_url))
    refused = await second
    assert refused.code == 1
    assert "deltas up to 7" in refused.err


async def _somebody_waits(url: str) -> bool:
    async with connect(url) as connection:
        assert isinstance(connection, asyncpg.Connection)
        waiting = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(waiting)
