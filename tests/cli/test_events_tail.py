"""`scoreboard events tail` and `scoreboard events show`."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from scoreboard.auth.issue import GrantedAction
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.ledger.database import open_database
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import connect
from tests.cli.program import ending, read_json, run, started
from tests.cli.terminal import on_terminal
from tests.harness import Backends, new_user, run_scoreboard
from tests.ledger.increments import Draft, apply, apply_one, columns
from tests.ledger.outages import proxied

FOLLOW = ("events", "tail", "--follow", "--json")


@pytest.fixture
async def writer(backends: Backends) -> AsyncIterator[LedgerWriter]:
    """Return the one that applies increments."""
    async with open_database(backends.settings()) as database:
        yield LedgerWriter(database)


def test_the_newest_are_shown_with_the_latest_last(backends: Backends, tmp_path: Path) -> None:
    write(backends, *(Draft(delta=delta) for delta in range(1, 6)))
    shown = tail(backends, tmp_path, "--limit", "3", "--json")
    assert [json.loads(line)["delta"] for line in shown.splitlines()] == [3, 4, 5]
    table = tail(backends, tmp_path, "--limit", "2")
    assert [line.split()[3] for line in table.splitlines()] == ["delta", "+4", "+5"]


def test_one_users_events_on_one_board_are_found_among_all(
    backends: Backends, tmp_path: Path
) -> None:
    user_id = new_user()
    write(
        backends,
        Draft(user_id=user_id, delta=2),
        Draft(user_id=user_id, delta=3, board_id=BoardId("other")),
        *(Draft() for _ in range(1200)),  # more than the first slice
    )
    of_user = tail(backends, tmp_path, "--user", user_id.upper(), "--json")
    assert [json.loads(line)["delta"] for line in of_user.splitlines()] == [2, 3]
    of_board = tail(backends, tmp_path, "--board", "other", "--user", user_id, "--json")
    assert json.loads(of_board)["delta"] == 3


def test_a_narrow_terminal_shows_short_lines(backends: Backends, tmp_path: Path) -> None:
    write(backends, Draft(delta=25))
    with on_terminal(
        "events", "tail", cwd=tmp_path, env=environment(backends), size=(60, 10)
    ) as terminal:
        header, line, *rest = terminal.read_to_end().splitlines()
    assert header.split() == ["event", "at", "(UTC)", "user", "delta", "score", "action"]
    assert line.split()[3:] == ["+25", "25", "win"]
    assert not any(rest)


async def test_following_shows_late_commits_and_ends_with_ctrl_c(
    writer: LedgerWriter, database_url: str, tmp_path: Path
) -> None:
    await apply_one(writer, Draft(delta=9))
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    with started(*FOLLOW, "--limit", "1", cwd=tmp_path, env=env) as process:
        assert (await next_of(process))["delta"] == 9
        async with connect(database_url) as stranger:
            transaction = stranger.transaction()
            await transaction.start()
            (late,) = await stranger.fetch(APPLY, *columns(Draft(delta=7)))
            await apply_one(writer, Draft(delta=8))
            early = await next_of(process)
            assert (early["delta"], early["eventId"] > late["event_id"]) == (8, True)
            await transaction.commit()
        shown = await next_of(process)
        assert (shown["eventId"], shown["delta"]) == (late["event_id"], 7)
        process.send_signal(signal.SIGINT)
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


async def test_following_goes_on_when_the_server_is_back(
    writer: LedgerWriter, database_url: str, tmp_path: Path
) -> None:
    await apply_one(writer, Draft(delta=1))
    async with proxied(database_url) as (proxy, url):
        env = {"SCOREBOARD_DATABASE_URL": url}
        with started(*FOLLOW, cwd=tmp_path, env=env) as process:
            assert (await next_of(process))["delta"] == 1
            await proxy.cut()
            await apply_one(writer, Draft(delta=2))
            assert process.stderr is not None
            told = await asyncio.to_thread(process.stderr.readline)
            assert "Trying again" in told
            await proxy.restore()
            await apply_one(writer, Draft(delta=3))
            assert [(await next_of(process))["delta"] for _ in range(2)] == [2, 3]
            process.send_signal(signal.SIGTERM)
            assert (await asyncio.to_thread(ending, process)).code == 0


def test_following_needs_a_server_at_first(tmp_path: Path) -> None:
    url = f"postgresql://user:canary@/scoreboard?host={tmp_path}"
    shown = run("events", "tail", "-f", cwd=tmp_path, env={"SCOREBOARD_DATABASE_URL": url})
    assert (shown.code, len(shown.err.splitlines())) == (1, 1)
    assert "canary" not in shown.err


def test_an_event_is_shown_with_the_claims_of_its_token(backends: Backends, tmp_path: Path) -> None:
    user_id, granted = asyncio.run(redeem(backends))
    env = environment(backends)
    shown = run("events", "show", "1", "--json", cwd=tmp_path, env=env).document
    assert {name: shown[name] for name in ("eventId", "board", "userId", "delta", "score")} == {
        "eventId": 1,
        "board": "main",
        "userId": user_id,
        "delta": 25,
        "score": 25,
    }
    assert (shown["actor"], shown["nonce"]) == (user_id, granted.nonce)
    assert shown["action"]["isTrue"] is True
    assert shown["action"]["claims"]["jti"] == granted.nonce
    assert shown["nonceExpiresAt"]
    assert "token" not in shown
    block = run("events", "show", "1", cwd=tmp_path, env=env)
    assert "verified yes" in block.out
    assert granted.token not in block.out
    assert granted.token in run("events", "show", "1", "--token", cwd=tmp_path, env=env).out
    without = {"SCOREBOARD_DATABASE_URL": backends.database_url}
    shown = run("events", "show", "1", "--json", cwd=tmp_path, env=without).document
    assert shown["action"]["isTrue"] is None
    assert "keys.json" in shown["action"]["reason"]


def test_a_token_that_says_something_else_is_told(backends: Backends, tmp_path: Path) -> None:
    _, granted = asyncio.run(redeem(backends))
    write(
        backends,
        Draft(delta=1000, token=granted.token.encode()),
        Draft(token=b"\xff\x1b[2Jno token"),
    )
    env = environment(backends)
    other = run("events", "show", "2", "--json", cwd=tmp_path, env=env)
    assert other.document["action"]["isTrue"] is False
    none = run("events", "show", "3", "--token", cwd=tmp_path, env=env)
    assert none.code == 0
    assert "This is no token" in none.out
    assert "\x1b" not in none.out


def test_an_event_that_is_not_there_is_a_failure(database_url: str, tmp_path: Path) -> None:
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    shown = run("events", "show", "4711", cwd=tmp_path, env=env)
    assert (shown.code, shown.err) == (1, "There is no event 4711.\n")


def environment(backends: Backends) -> dict[str, str]:
    """The settings of an operator who has the keys."""
    return {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }


async def next_of(process: subprocess.Popen[str]) -> Any:  # noqa: ANN401 - whatever it holds
    """The next line of JSON."""
    return await asyncio.to_thread(read_json, process)


def write(backends: Backends, *drafts: Draft) -> None:
    """Applies these in one batch, on the boards main and other."""

    async def run_batch() -> None:
        async with connect(backends.database_url) as owner:
            await owner.execute("INSERT INTO boards VALUES ('other') ON CONFLICT DO NOTHING")
        async with open_database(backends.settings()) as database:
            await apply(LedgerWriter(database), *drafts)

    asyncio.run(run_batch())


async def redeem(backends: Backends) -> tuple[UserId, GrantedAction]:
    """One increment of 25 with a real token; whose, and which."""
    user_id = new_user()
    async with run_scoreboard(backends) as scoreboard:
        granted = scoreboard.grant(user_id, 25)
        await scoreboard.increment(user_id, 25, granted=granted)
    return user_id, granted


def tail(backends: Backends, cwd: Path, *options: str) -> str:
    """What `events tail` shows."""
    shown = run("events", "tail", *options, cwd=cwd, env=environment(backends))
    assert (shown.code, shown.err) == (0, "")
    return shown.out
