"""`scoreboard events verify`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from subprocess import Popen

from benchmarks.ledger_rows import fill
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import add_keys, load_keys, retire_key, write_keys
from scoreboard.domain.claims import TokenClass
from tests.checker import connect, until
from tests.cli.program import Result, alive, descendants, ending, run, started
from tests.harness import Backends, new_user, run_scoreboard


def verify(backends: Backends, cwd: Path, *arguments: str) -> Result:
    """Runs the command in this process; workers are processes of their own all the same."""
    return run("events", "verify", *arguments, cwd=cwd, env=variables(backends))


def variables(backends: Backends) -> dict[str, str]:
    """The settings of the command."""
    return {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }


def write_history(backends: Backends, events: int) -> None:
    """Events, each of a user of its own."""

    async def write() -> None:
        async with run_scoreboard(backends) as scoreboard:
            for delta in range(1, events + 1):
                assert (await scoreboard.increment(new_user(), delta)).status == 200

    asyncio.run(write())


def test_a_true_history_is_told_in_one_line(backends: Backends, tmp_path: Path) -> None:
    write_history(backends, 5)
    told = verify(backends, tmp_path)
    assert (told.code, told.err) == (0, "")
    assert told.out == "5 events, 5 totals, 5 tokens: all is well.\n"
    without = verify(backends, tmp_path, "--no-signatures", "--json")
    assert (without.code, without.document) == (
        0,
        {
            "events": 5,
            "totals": 5,
            "signatures": None,
            "erased": 0,
            "differences": [],
            "missingKeys": [],
        },
    )


FALSIFICATIONS = (
    ("token = (SELECT token FROM score_events WHERE event_id = 10)", "token_differs"),
    ("source = 'bonus'", "token_differs"),
    ("kid = (SELECT kid || 'x' FROM score_events WHERE event_id = 10)", "token_differs"),
    (r"token = '\xff00'", "token_refused"),
    ("token = set_bit(token, 1000, 1 - get_bit(token, 1000))", "token_refused"),
    ("created_at = created_at + interval '3 days'", "token_refused"),
    ("created_at = created_at - interval '1 day'", "token_refused"),
    ("created_at = created_at + interval '61 s'", "token_expired"),
    ("token = 'x', kid = E'gone\\x1b'", "key_missing"),
)


def test_every_falsified_token_is_found_out(backends: Backends, tmp_path: Path) -> None:
    write_history(backends, len(FALSIFICATIONS) + 1)
    asyncio.run(falsify(backends.database_url))
    expected: dict[str, list[int]] = {}
    for event_id, (_, kind) in enumerate(FALSIFICATIONS, start=1):
        expected.setdefault(kind, []).append(event_id)
    told = verify(backends, tmp_path, "--json")
    assert (told.code, told.document["signatures"]) == (1, 10)
    found = {each["kind"]: each["examples"] for each in told.document["differences"]}
    assert {kind: found.get(kind) for kind in expected} == expected
    assert found.keys() - expected.keys() == {"updated_at"}
    assert told.document["missingKeys"] == [{"kid": "gone\x1b", "events": 1}]
    for event_id in range(1, 11):
        one = run("events", "show", str(event_id), "--json", cwd=tmp_path, env=variables(backends))
        assert one.document["action"]["isTrue"] is (event_id == 10)
    shown = verify(backends, tmp_path)
    assert shown.code == 1
    assert "  key gone\\x1b: 1\n" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


async def falsify(database_url: str) -> None:
    """Event i gets falsification i; the last one stays as it was."""
    async with connect(database_url) as owner:
        await owner.execute("ALTER TABLE score_events DISABLE TRIGGER ALL")
        for event_id, (change, _) in enumerate(FALSIFICATIONS, start=1):
            statement = f"UPDATE score_events SET {change} WHERE event_id = $1"  # noqa: S608
            await owner.execute(statement, event_id)


def test_a_retired_key_proves_what_it_signed_and_a_lost_one_nothing(
    backends: Backends, tmp_path: Path
) -> None:
    write_history(backends, 3)
    old_kid = backends.keys.signing_key(TokenClass.ACTION, 2e9).kid
    add_keys(backends.keys_file, generate_keys("ed25519"))
    retire_key(backends.keys_file, old_kid, None)
    write_history(backends, 2)
    told = verify(backends, tmp_path)
    assert (told.code, told.out) == (0, "5 events, 5 totals, 5 tokens: all is well.\n")
    kept = [key for key in load_keys(backends.keys_file) if key.kid != old_kid]
    backends.keys_file.unlink()
    write_keys(backends.keys_file, kept)
    told = verify(backends, tmp_path, "--json")
    assert told.code == 1
    assert told.document["missingKeys"] == [{"kid": old_kid, "events": 3}]


def test_one_board_alone_is_verified(backends: Backends, tmp_path: Path) -> None:
    write_history(backends, 1)
    asyncio.run(add_board(backends.database_url, "another"))
    told = verify(backends, tmp_path, "--board", "another", "--json")
    assert (told.code, told.document["events"], told.document["signatures"]) == (0, 0, 0)


async def add_board(database_url: str, board_id: str) -> None:
    """A board without events."""
    async with connect(database_url) as owner:
        await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", board_id)


def test_a_key_file_that_cannot_be_read_is_told_before_any_work(tmp_path: Path) -> None:
    missing = tmp_path / "keys.json"
    env = {
        "SCOREBOARD_DATABASE_URL": "postgresql://nobody:canary@127.0.0.1:1/elsewhere",
        "SCOREBOARD_KEYS_FILE": str(missing),
    }
    told = run("events", "verify", cwd=tmp_path, env=env)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"Key file {missing} does not exist")
    away = run("events", "verify", "--no-signatures", cwd=tmp_path, env=env)
    assert (away.code, len(away.err.splitlines())) == (1, 1)
    assert "canary" not in away.err


async def test_ctrl_c_ends_the_workers_too(backends: Backends, tmp_path: Path) -> None:
    await fill(backends.database_url, events=1000, users=10)
    assert backends.keys
    with start(backends, tmp_path) as process:
        workers = await until_workers(process.pid)
        process.send_signal(signal.SIGINT)
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.out, ended.err) == (130, "", "Interrupted.\n")
    assert not alive(workers)


async def test_ctrl_c_is_for_the_command_alone(backends: Backends, tmp_path: Path) -> None:
    await fill(backends.database_url, events=1000, users=10)
    assert backends.keys
    with start(backends, tmp_path) as process:
        for pid in await until_workers(process.pid):
            os.kill(pid, signal.SIGINT)  # as the terminal does to all of them
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.err) == (1, "")  # no key has signed what was filled in
    assert "key filled: 1,000\n" in ended.out


async def test_workers_end_when_the_command_is_killed(backends: Backends, tmp_path: Path) -> None:
    await fill(backends.database_url, events=1000, users=10)
    assert backends.keys
    with start(backends, tmp_path) as process:
        workers = await until_workers(process.pid)
        process.kill()
        ended = await asyncio.to_thread(ending, process)
    assert (ended.out, ended.err) == ("", "")

    async def all_are_gone() -> bool:
        return not alive(workers)

    await until(all_are_gone)


async def test_a_worker_that_is_killed_fails_the_command(
    backends: Backends, tmp_path: Path
) -> None:
    await fill(backends.database_url, events=1000, users=10)
    assert backends.keys
    with start(backends, tmp_path) as process:
        workers = await until_workers(process.pid)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)


def start(backends: Backends, cwd: Path) -> contextlib.AbstractContextManager[Popen[str]]:
    """The command, while the block runs."""
    return started("events", "verify", cwd=cwd, env=variables(backends))


async def until_workers(pid: int) -> set[int]:
    """The worker processes, as soon as they are there."""
    found: set[int] = set()

    async def are_there() -> bool:
        found.update(await asyncio.to_thread(descendants, pid))
        return len(found) > 1  # the first one only keeps account of them

    await until(are_there)
    return found
