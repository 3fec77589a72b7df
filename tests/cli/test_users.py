"""`scoreboard users erase` and `export`, and how the commands of `events` understand the erased."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from benchmarks.ledger_rows import fill
from scoreboard.domain.acts import Actor
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.erasures import Erasures, carry_out
from scoreboard.ledger.session import open_session
from tests.checker import check_invariants, connect, until, until_settled
from tests.cli.exports import FORMATS, names
from tests.cli.histories import read_history
from tests.cli.program import Result, ending, run, started
from tests.cli.test_acts import REASON, moderate, play, rows_of, scoreboard_
from tests.harness import Backends, new_user, run_scoreboard
from tests.ledger.acts import MODERATOR
from tests.ledger.test_erasures import named

ERASE = ("users", "erase")
SOON = {"SCOREBOARD_ACTION_LIFE_MAX_S": "1", "SCOREBOARD_CLOCK_LEEWAY_S": "0"}


def erase(backends: Backends, cwd: Path, user_id: UserId, *arguments: str) -> Result:
    """Runs the command, and waits for a second."""
    env = {"SCOREBOARD_DATABASE_URL": backends.database_url, **SOON}
    return run(*ERASE, user_id, *REASON, *arguments, cwd=cwd, env=env)


def names_of(backends: Backends, user_id: UserId) -> list[str]:
    """The tables that name him."""

    async def names_() -> list[str]:
        async with connect(backends.database_url) as owner:
            return await named(owner, user_id)

    return asyncio.run(names_())


def verify(backends: Backends, cwd: Path) -> str:
    """What `events verify` and `events replay` say of a history with which all is well."""
    replayed = scoreboard_(backends, cwd, "events", "replay")
    assert replayed.code == 0, replayed.out
    verified = scoreboard_(backends, cwd, "events", "verify")
    assert verified.code == 0, verified.out
    return verified.out


def test_a_user_is_erased_and_the_history_still_verifies(
    backends: Backends, tmp_path: Path
) -> None:
    alice, bob = play(backends), play(backends)
    moderate(backends, alice)
    told = erase(backends, tmp_path, alice, "--wait")
    assert (told.code, told.err) == (0, "")
    assert told.out == "act 10: the user is erased, in 7 events and 4 acts, on 1 boards.\n"
    assert names_of(backends, alice) == []
    assert "totals" in names_of(backends, bob) or "user_scores" in names_of(backends, bob)
    assert verify(backends, tmp_path) == (
        "9 events, 2 totals, 2 tokens, 2 events of the erased: all is well.\n"
    )
    document = scoreboard_(backends, tmp_path, "events", "verify", "--json").document
    assert (document["signatures"], document["erased"]) == (2, 2)
    shown = scoreboard_(backends, tmp_path, "events", "show", "1")
    assert shown.code == 0
    assert "its user is erased, and the token went with him" in shown.out
    top = scoreboard_(backends, tmp_path, "events", "replay", "--until", "9", "--json").document
    assert [entry["userId"] for entry in top["entries"]] == [bob]
    asyncio.run(check_invariants(backends.database_url))


def test_without_waiting_he_is_off_the_board_and_the_same_command_ends_it(
    backends: Backends, tmp_path: Path
) -> None:
    alice = play(backends)
    begun = scoreboard_(backends, tmp_path, *ERASE, alice, *REASON)
    assert begun.code == 0
    assert begun.out.startswith("act 2: the user is off every board. His id is erased from 20")
    again = scoreboard_(backends, tmp_path, *ERASE, alice, *REASON, "--json").document
    assert (again["actId"], again["isErased"], again["events"]) == (2, False, None)
    assert "user_scores" in names_of(backends, alice)
    verify(backends, tmp_path)
    lifted = scoreboard_(backends, tmp_path, "users", "lift", alice, *REASON)
    assert lifted.code == 1
    assert lifted.err.startswith("The user is erased, and stays off the boards.")
    asyncio.run(_let_it_be_due(backends))
    done = scoreboard_(backends, tmp_path, *ERASE, alice, *REASON, "--json").document
    assert (done["actId"], done["isErased"], done["events"], done["boards"]) == (2, True, 3, 1)
    assert names_of(backends, alice) == []


async def _let_it_be_due(backends: Backends) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute("UPDATE erasures SET due_at = now()")


def test_the_unknown_and_the_erased_are_told_and_not_named(
    backends: Backends, tmp_path: Path
) -> None:
    alice = play(backends)
    erase(backends, tmp_path, alice, "--wait")
    for arguments in ((*ERASE, alice, *REASON), ("users", "export", alice)):
        told = scoreboard_(backends, tmp_path, *arguments)
        assert (told.code, told.out, told.err) == (1, "", f"Nothing is held of user {alice}.\n")
    assert names_of(backends, alice) == []
    (tombstone,) = rows_of(backends.database_url, "SELECT user_id::text FROM user_scores")
    told = scoreboard_(backends, tmp_path, *ERASE, tombstone["user_id"], *REASON)
    assert told.code == 1
    assert told.err.startswith("The user is erased, and stays off the boards.")
    trail = rows_of(backends.database_url, "SELECT kind, outcome, user_id FROM acts ORDER BY 1, 2")
    assert [(row["kind"], row["outcome"]) for row in trail] == [
        ("erasure", "applied"),
        ("erasure", "not_found"),
        ("export", "not_found"),
    ]


def test_an_export_holds_all_and_an_erasure_leaves_nothing_to_export(
    backends: Backends, tmp_path: Path
) -> None:
    alice, bob = play(backends), play(backends)
    moderate(backends, alice)

    async def more() -> None:
        async with open_session(backends.database_url, "test") as session:
            ledger = ActLedger(session.fetch)
            await ledger.record("read_acts", Actor(alice, "rest"), outcome="applied")
            await ledger.record(
                "read_events", MODERATOR, outcome="applied", user_id=alice, board_id=MAIN_BOARD
            )
            await ledger.record("read_acts", MODERATOR, outcome="applied", reason=f"of {alice}")
            await ledger.record("read_acts", MODERATOR, outcome="applied", user_id=bob)
        async with connect(backends.database_url) as owner:
            entries = json.dumps([{"userId": alice, "score": 33, "rank": 1}]).encode()
            await owner.execute(
                "INSERT INTO views VALUES ('main', 'top:2', 1, 'e', 3, $1, now())", entries
            )
            await owner.execute(
                "INSERT INTO score_events SELECT 99, board_id, $1, 1, 1, 99, 'another nonce', kid, "
                "source, $2, token, created_at FROM score_events WHERE event_id = 1",
                bob,
                alice,
            )

    asyncio.run(more())
    told = scoreboard_(backends, tmp_path, "users", "export", alice)
    assert (told.code, told.err) == (0, "")
    held = json.loads(told.out)
    assert held["userId"] == alice
    assert [(each["board"], each["score"], each["version"]) for each in held["totals"]] == [
        ("main", 33, 6)
    ]
    assert [each["eventId"] for each in held["events"]] == [1, 2, 5, 6, 7, 8]
    assert held["events"][0]["nonceExpiresAt"]
    assert held["events"][0]["token"].count(".") == 2
    assert held["events"][1]["undoneBy"] == 6
    assert [each["eventId"] for each in held["redeemed"]] == [99]
    assert {each["view"] for each in held["views"]} >= {"top:2"}
    assert [each["kind"] for each in held["acts"]] == [
        *(
            "bonus",
            "void",
            "restore",
            "correction",
            "read_acts",
            "read_events",
            "read_acts",
            "export",
        )
    ]
    assert bob not in told.out
    asyncio.run(_forget_what_no_service_would_write(backends))
    written = scoreboard_(backends, tmp_path, "users", "export", alice, "alice.json")
    assert written.out == "all that is held of the user is in alice.json.\n"
    file = tmp_path / "alice.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(json.loads(file.read_text())["acts"]) == 9
    again = scoreboard_(backends, tmp_path, "users", "export", alice, "alice.json")
    assert (again.code, names(tmp_path)) == (1, ["alice.json", "keys"])
    erase(backends, tmp_path, alice, "--wait")
    assert scoreboard_(backends, tmp_path, "users", "export", alice).code == 1


async def _forget_what_no_service_would_write(backends: Backends) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute("DELETE FROM views WHERE view = 'top:2'")


@pytest.mark.parametrize("form", FORMATS)
def test_a_history_with_the_erased_moves_to_another_database(
    backends: Backends, tmp_path: Path, other_url: str, form: str
) -> None:
    alice = play(backends)
    play(backends)
    moderate(backends, alice)
    assert scoreboard_(backends, tmp_path, "events", "export", f"before.{form}").code == 0
    erase(backends, tmp_path, alice, "--wait")
    file = f"events.{form}"
    assert scoreboard_(backends, tmp_path, "events", "export", file).code == 0
    env = {
        "SCOREBOARD_DATABASE_URL": other_url,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }
    imported = run("events", "import", file, cwd=tmp_path, env=env)
    assert (imported.code, imported.out) == (0, "9 events imported, 0 were there already.\n")
    assert asyncio.run(read_history(other_url)) == asyncio.run(read_history(backends.database_url))
    verified = run("events", "verify", cwd=tmp_path, env=env)
    assert verified.out == "9 events, 2 totals, 2 tokens, 2 events of the erased: all is well.\n"
    tombstone = rows_of(other_url, "SELECT user_id::text FROM user_scores WHERE score = 33")[0]
    lifted = run("users", "lift", tombstone["user_id"], *REASON, cwd=tmp_path, env=env)
    assert lifted.err.startswith("The user is erased")
    assert run("events", "import", file, cwd=tmp_path, env=env).out.startswith("0 events imported")
    before = run("events", "import", f"before.{form}", cwd=tmp_path, env=env)
    assert (before.code, before.out) == (1, "")
    assert "is stored already with other content" in before.err


def test_what_no_act_accounts_for_is_found(backends: Backends, tmp_path: Path) -> None:
    play(backends)

    async def forge() -> None:
        async with connect(backends.database_url) as owner:
            await owner.execute(
                "INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, "
                "version_after, nonce, kid, source, actor, created_at) VALUES (50, 'main', "
                "'00000000-0000-8000-8000-000000000001', 9, 9, 1, 'n', 'k', 'win', 'a', now())"
            )
            await owner.execute(
                "INSERT INTO user_scores SELECT board_id, user_id, delta, 1, event_id, created_at "
                "FROM score_events WHERE event_id = 50"
            )

    asyncio.run(forge())
    told = scoreboard_(backends, tmp_path, "events", "verify", "--no-signatures", "--json")
    assert told.code == 1
    assert "erasure_missing" in {each["kind"] for each in told.document["differences"]}


def test_half_a_history_is_not_exported(backends: Backends, tmp_path: Path) -> None:
    alice = play(backends)
    scoreboard_(backends, tmp_path, *ERASE, alice, *REASON)

    async def interrupt() -> None:
        async with connect(backends.database_url) as owner:
            await owner.execute("UPDATE erasures SET is_writing = true")

    asyncio.run(interrupt())
    for file in ("events.ndjson", "-"):
        told = scoreboard_(backends, tmp_path, "events", "export", file)
        assert (told.code, told.out) == (1, "")
        assert told.err.endswith(
            "The service goes on with it, or the same `scoreboard users erase`: "
            "run this again afterwards.\n"
        )
    assert names(tmp_path) == ["keys"]


def test_an_unfinished_export_does_not_go_on_over_an_erasure(
    backends: Backends, tmp_path: Path
) -> None:
    alice = play(backends)
    plan = {"form": "ndjson", "wanted": {}, "settled_id": 2, "erasures": 0}
    (tmp_path / "events.ndjson.part.json").write_text(json.dumps(plan))
    (tmp_path / "events.ndjson.part").touch()
    erase(backends, tmp_path, alice, "--wait")
    told = scoreboard_(backends, tmp_path, "events", "export", "events.ndjson")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("A user has been erased since the unfinished export began")


async def test_the_service_ends_what_was_begun_and_every_screen_forgets_him_at_once(
    backends: Backends, tmp_path: Path
) -> None:
    async with run_scoreboard(backends) as scoreboard, aiohttp.ClientSession() as session:
        alice, bob = new_user(), new_user()
        await scoreboard.increment(alice, 10)
        await scoreboard.increment(bob, 5)
        async with session.ws_connect(f"{scoreboard.url}/ws?view=top:10") as watcher:
            shown: set[str] = set()
            while shown != {alice, bob}:
                shown = _after(shown, await watcher.receive_json(timeout=5))
            env = {"SCOREBOARD_DATABASE_URL": backends.database_url}
            with started(*ERASE, alice, *REASON, cwd=tmp_path, env=env) as process:
                assert (await asyncio.to_thread(ending, process)).code == 0
            async with asyncio.timeout(2):
                while shown != {bob}:
                    shown = _after(shown, await watcher.receive_json())
        refused = await scoreboard.increment(alice, 1)
        assert (refused.status, refused.code) == (403, "user_suspended")
        await _let_it_be_due(backends)
        async with connect(backends.database_url) as owner:

            async def is_forgotten() -> bool:
                return await named(owner, alice) == []

            await until(is_forgotten)
        await until_settled(backends.database_url)
        assert (await scoreboard.get(f"/scores/{alice}")).status == 404
        assert (await scoreboard.get(f"/scores/{bob}")).body["rank"] == 1
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )


async def test_users_are_erased_while_the_cache_is_rebuilt(
    backends: Backends, tmp_path: Path
) -> None:
    await fill(backends.database_url, 30_000, 10_000)
    env = {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }
    async with run_scoreboard(backends), connect(backends.database_url) as owner:
        await until_settled(backends.database_url)
        rows = await owner.fetch("SELECT user_id::text FROM user_scores LIMIT 8")
        with started("cache", "rebuild", cwd=tmp_path, env=env) as process:
            for row in rows:
                begun = await Erasures(owner.fetch).begin(row["user_id"], 0, "a reason", MODERATOR)
                while await Erasures(owner.fetch).wait_s(begun.act_id) is not None:
                    await carry_out(backends.database_url, begun.act_id)
            ended = await asyncio.to_thread(ending, process)
        assert ended.code in {0, 1}, ended.err  # the service's own rebuild may have come first
        await until_settled(backends.database_url)
        assert [await named(owner, row["user_id"]) for row in rows] == [[]] * 8
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
        is_purged=True,
    )


def _after(shown: set[str], frame: dict[str, Any]) -> set[str]:
    """Whom a top shows after a frame."""
    here = {each["userId"] for each in (*frame.get("entries", ()), *frame.get("changed", ()))}
    kept = set() if "entries" in frame else shown
    return (kept | here) - set(frame.get("removed", ()))
