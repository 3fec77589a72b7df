"""`scoreboard acts void --window` and `restore --act`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from benchmarks.ledger_rows import fill
from tests.checker import check_invariants, connect, until, until_settled
from tests.cli.program import ending, started
from tests.cli.test_acts import REASON, play, rows_of, scoreboard_
from tests.harness import Backends, run_scoreboard

WINDOW = ("acts", "void", "--window", *REASON)
DONE = "SELECT done FROM act_runs"
LOOKS_AT_OTHERS = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND query LIKE '%finished_at%act_runs%'"
)
TOTALS = "SELECT user_id, score FROM user_scores ORDER BY user_id"


def test_a_window_is_previewed_voided_and_restored(backends: Backends, tmp_path: Path) -> None:
    alice = play(backends)
    before = rows_of(backends.database_url, TOTALS)
    shown = scoreboard_(backends, tmp_path, *WINDOW, "--preview")
    assert shown.code == 0
    assert shown.out.startswith("2 events of 1 users would be undone.\n")
    assert alice in shown.out
    told = scoreboard_(backends, tmp_path, *WINDOW, "--preview", "--from", "2", "--json").document
    assert told["events"] == 1
    assert [(each["points"], each["score"]) for each in told["changes"]] == [(20, 30)]
    assert rows_of(backends.database_url, TOTALS) == before
    void = scoreboard_(backends, tmp_path, *WINDOW, "--user", alice, "--json").document
    assert (void["done"], void["refused"], void["events"]) == (2, 0, 2)
    assert [row["score"] for row in rows_of(backends.database_url, TOTALS)] == [0]
    again = scoreboard_(backends, tmp_path, *WINDOW)
    assert (again.code, again.out) == (1, "")
    assert again.err == "There is no such event, or all of them are void already.\n"
    act = str(void["actId"])
    restore = ("acts", "restore", "--act", act, *REASON)
    looked = scoreboard_(backends, tmp_path, *restore, "--preview")
    assert looked.out.startswith("2 events of 1 users would be undone.\n")
    back = scoreboard_(backends, tmp_path, *restore)
    assert (back.code, back.err) == (0, "")
    assert scoreboard_(backends, tmp_path, *restore).code == 1
    assert rows_of(backends.database_url, TOTALS) == before
    asyncio.run(check_invariants(backends.database_url))
    verified = scoreboard_(backends, tmp_path, "events", "verify")
    assert (verified.code, verified.out) == (0, "6 events, 1 totals, 2 tokens: all is well.\n")


async def test_the_command_ends_when_all_is_done_though_another_is_at_it(
    backends: Backends, tmp_path: Path
) -> None:
    await fill(backends.database_url, 5_000, 50)
    environ = {"SCOREBOARD_DATABASE_URL": backends.database_url}
    url = backends.database_url
    async with connect(url) as owner, connect(url) as other:

        async def has(query: str) -> bool:
            return bool(await owner.fetchval(f"SELECT EXISTS ({query})"))

        with started(*WINDOW, "--confirm", "5000", cwd=tmp_path, env=environ) as process:
            await until(lambda: has("SELECT FROM act_runs"))
            async with other.transaction():
                await other.execute("SELECT FROM act_runs FOR UPDATE")
                await until(lambda: has(LOOKS_AT_OTHERS))
            ended = await asyncio.to_thread(ending, process)
        assert (ended.code, ended.out) == (0, "act 2: 5,000 events undone.\n")
        assert await has("SELECT FROM act_runs WHERE finished_at IS NOT NULL")


def test_many_events_need_to_be_confirmed(backends: Backends, tmp_path: Path) -> None:
    asyncio.run(fill(backends.database_url, 1_500, 10))
    refused = scoreboard_(backends, tmp_path, *WINDOW)
    assert (refused.code, refused.out) == (1, "")
    assert "These are 1,500 events: add --confirm 1500" in refused.err
    for others in ("1499", "1501"):
        assert scoreboard_(backends, tmp_path, *WINDOW, "--confirm", others).code == 1
    outcomes = rows_of(backends.database_url, "SELECT outcome FROM acts")
    assert [row["outcome"] for row in outcomes] == ["confirmation_required"] * 3
    done = scoreboard_(backends, tmp_path, *WINDOW, "--confirm", "1500")
    assert (done.code, done.out) == (0, "act 8: 1,500 events undone.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("acts", "void", *REASON),
        ("acts", "void", "1", "--window", *REASON),
        ("acts", "void", "1", "--preview", *REASON),
        ("acts", "void", "1", "--confirm", "5", *REASON),
        (*WINDOW, "--from", "9", "--to", "3"),
        (*WINDOW, "--action", "A!"),
        ("acts", "restore", *REASON),
        ("acts", "restore", "1", "--act", "1", *REASON),
        ("acts", "restore", "1", "--preview", *REASON),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    backends: Backends, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = scoreboard_(backends, tmp_path, *arguments)
    assert (told.code, told.out) == (2, "")


def test_an_act_that_voided_nothing_cannot_be_restored(backends: Backends, tmp_path: Path) -> None:
    told = scoreboard_(backends, tmp_path, "acts", "restore", "--act", "7", *REASON)
    assert (told.code, told.err) == (1, "Act 7 has voided nothing on board main.\n")


async def test_the_service_goes_on_with_what_was_cut_off_and_shows_it(
    backends: Backends, tmp_path: Path
) -> None:
    await fill(backends.database_url, 20_000, 50)
    env = {"SCOREBOARD_DATABASE_URL": backends.database_url}
    arguments = (*WINDOW, "--confirm", "20000")
    with started(*arguments, cwd=tmp_path, env=env) as process:
        async with connect(backends.database_url) as owner:

            async def has_begun() -> bool:
                return bool(await owner.fetchval(f"SELECT EXISTS ({DONE} WHERE done > 0)"))

            await until(has_begun)
            process.send_signal(signal.SIGINT)
            ended = await asyncio.to_thread(ending, process)
            assert ended.code == 130
            assert "The service goes on with what was begun" in ended.err
            assert await owner.fetchval(DONE) < 20_000
            async with run_scoreboard(backends) as scoreboard:

                async def is_done() -> bool:
                    return bool(await owner.fetchval(DONE) == 20_000)

                await until(is_done, 60)
                await until_settled(backends.database_url)

                async def is_shown() -> bool:
                    top = await scoreboard.get("/scores/top")
                    return {entry["score"] for entry in top.body["entries"]} == {0}

                await until(is_shown)  # it may be a second old where PostgreSQL told it
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
        is_purged=True,
    )
