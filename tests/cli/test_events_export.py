"""`scoreboard events export` and `scoreboard events import`."""

from __future__ import annotations

import array
import asyncio
import base64
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ledger_rows import fill
from scoreboard.auth.issue import GrantedAction
from scoreboard.domain.identifiers import UserId
from tests.checker import Connection, check_invariants, connect, until, until_settled
from tests.cli.exports import FORMATS, events, names
from tests.cli.histories import EVENTS, read_history
from tests.cli.program import ending, run, started
from tests.harness import Answer, Backends, new_user, run_scoreboard

PIPE_BYTES = 16_384  # at least: some systems have larger ones
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}  # as in a container
NONCES = "SELECT * FROM action_nonces ORDER BY nonce"


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_exported_is_imported_the_same(
    backends: Backends, other_url: str, tmp_path: Path, form: str
) -> None:
    source = backends.database_url
    asyncio.run(play(backends))
    file = f"events.{form}"
    exported = events(source, "export", file, cwd=tmp_path)
    assert (exported.code, exported.err) == (0, "")
    assert names(tmp_path) == [file, "keys"]
    dry = events(other_url, "import", file, "--dry-run", "--json", cwd=tmp_path)
    assert dry.document == {"events": 12, "known": 0, "boards": ["main"]}
    assert history_of(other_url) == [[], []]
    done = events(other_url, "import", file, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert history_of(other_url) == history_of(source)
    assert rows_of(other_url, NONCES) == rows_of(source, NONCES)
    asyncio.run(check_invariants(other_url, is_relayed=True))
    again = events(other_url, "import", file, "--json", cwd=tmp_path)
    assert again.document == {"events": 0, "known": 12, "boards": ["main"]}


def test_a_lost_answer_can_be_resolved_after_an_import(
    backends: Backends, other_url: str, tmp_path: Path
) -> None:
    user_id, granted = asyncio.run(play(backends))
    events(backends.database_url, "export", "events.ndjson", cwd=tmp_path)
    events(other_url, "import", "events.ndjson", cwd=tmp_path)
    backends.database_url = other_url

    async def ask_again() -> tuple[Answer, Answer]:
        async with run_scoreboard(backends) as scoreboard:
            again = await scoreboard.increment(user_id, 4, granted=granted)
            return again, await scoreboard.increment(user_id, 2)

    again, new = asyncio.run(ask_again())
    assert (again.code, again.body["applied"]) == ("nonce_reused", True)
    assert new.body == {"score": 11, "rank": 1}


def test_a_line_holds_the_exact_values(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, 3, 2))
    shown = events(database_url, "export", "-", "--from", "2", cwd=tmp_path)
    lines = [json.loads(line) for line in shown.out.splitlines()]
    rows = rows_of(database_url, EVENTS)[1:]
    assert [
        (
            line["eventId"],
            line["board"],
            line["userId"],
            line["delta"],
            line["score"],
            line["version"],
            base64.b64decode(line["token"]),
        )
        for line in lines
    ] == [
        (
            row["event_id"],
            row["board_id"],
            str(row["user_id"]),
            row["delta"],
            row["score_after"],
            row["version_after"],
            row["token"],
        )
        for row in rows
    ]
    assert lines[0]["createdAt"] == "2026-01-01T00:00:00.001000Z"


async def test_an_export_that_stopped_in_the_midst_of_a_pipe_loses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    await fill(database_url, 2000, 10)
    env = {"SCOREBOARD_DATABASE_URL": database_url, **UNBUFFERED}
    with started("events", "export", "-", cwd=tmp_path, env=env) as process:
        await until(lambda: is_full(process))
        process.send_signal(signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        process.send_signal(signal.SIGCONT)
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.err) == (0, "")
    assert [json.loads(line)["eventId"] for line in ended.out.splitlines()] == [*range(1, 2001)]


async def test_ctrl_c_ends_an_export_to_a_slow_reader(database_url: str, tmp_path: Path) -> None:
    await fill(database_url, 2000, 10)
    env = {"SCOREBOARD_DATABASE_URL": database_url, **UNBUFFERED}
    with started("events", "export", "-", cwd=tmp_path, env=env) as process:
        await until(lambda: is_full(process))
        process.send_signal(signal.SIGINT)
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.err) == (130, "Interrupted.\n")
    assert len(ended.out.splitlines()) < 2000


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_exported_can_be_read_by_its_owner_alone(
    database_url: str, tmp_path: Path, form: str
) -> None:
    asyncio.run(fill(database_url, 3000, 10))
    file = f"a.{form}"
    limited = ("sh", "-c", 'umask 0; ulimit -f 1; exec "$@"', "sh")
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    with started("events", "export", file, cwd=tmp_path, env=env, prefix=limited) as process:
        assert ending(process).code == 1
    begun = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    folder = {"a.parquet.parts": 0o700} if form == "parquet" else {}
    assert begun == {f"{file}.part": 0o600, f"{file}.part.json": 0o600, **folder}
    assert events(database_url, "export", file, cwd=tmp_path).code == 0
    assert (tmp_path / file).stat().st_mode & 0o777 == 0o600


def test_a_plan_that_has_no_room_is_told_as_the_disks_fault(
    database_url: str, tmp_path: Path
) -> None:
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    full = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    with started("events", "export", "a.ndjson", cwd=tmp_path, env=env, prefix=full) as process:
        failed = ending(process)
    assert (failed.code, failed.err) == (
        1,
        "a.ndjson.part.json cannot be written: File too large.\n",
    )
    assert names(tmp_path) == []


def test_an_import_that_was_killed_is_repeated_to_the_same_end(
    database_url: str, other_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(database_url, 500, 20))
    events(database_url, "export", "a.parquet", cwd=tmp_path)
    asyncio.run(kill_import(other_url, tmp_path, "a.parquet"))
    assert history_of(other_url) == [[], []]
    done = events(other_url, "import", "a.parquet", "--json", cwd=tmp_path)
    assert done.document == {"events": 500, "known": 0, "boards": ["main"]}
    assert history_of(other_url) == history_of(database_url)


def test_events_that_do_not_go_on_refuse_an_import(
    database_url: str, other_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(database_url, 10, 2))
    asyncio.run(fill(other_url, 6, 2))
    before = history_of(other_url)
    events(database_url, "export", "a.ndjson", cwd=tmp_path)
    done = events(other_url, "import", "a.ndjson", "--dry-run", "--json", cwd=tmp_path)
    assert (done.document["events"], done.document["known"]) == (4, 6)
    lines = (tmp_path / "a.ndjson").read_text().splitlines(keepends=True)
    (tmp_path / "b.ndjson").write_text("".join([*lines[:6], *lines[8:]]))
    refused = events(other_url, "import", "b.ndjson", cwd=tmp_path)
    assert (refused.code, refused.out) == (1, "")
    assert "Nothing was imported" in refused.err
    assert history_of(other_url) == before


@pytest.mark.parametrize(
    "at", ["2026-01-01T00:00:00", "9999-12-31T23:59:59Z"], ids=["no zone", "no later time"]
)
def test_a_time_that_no_event_can_have_refuses_an_import(
    database_url: str, other_url: str, tmp_path: Path, at: str
) -> None:
    asyncio.run(fill(database_url, 3, 1))
    shown = events(database_url, "export", "-", cwd=tmp_path)
    lines = [json.loads(line) for line in shown.out.splitlines()]
    lines[1]["createdAt"] = at
    (tmp_path / "a.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    refused = events(other_url, "import", "a.ndjson", cwd=tmp_path)
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (1, "", 1)
    assert refused.err.startswith("Events 1 to 3 cannot be stored: ")
    assert history_of(other_url) == [[], []]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"eventId": 1}\n', "Line 1 of"),
        (b"not json\n", "Line 1 of"),
        (b"\xff" * 100_000, "Line 1 of"),
        (b"PAR1 and no more", "is damaged"),
    ],
    ids=["member", "json", "binary", "parquet"],
)
def test_a_file_of_another_kind_is_refused(
    database_url: str, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    shown = run("events", "import", "file", cwd=tmp_path, env=env)
    assert (shown.code, shown.out, len(shown.err.splitlines())) == (1, "", 1)
    assert sentence in shown.err


def test_files_that_cannot_be_are_told(database_url: str, tmp_path: Path) -> None:
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    missing = run("events", "import", "nothing", cwd=tmp_path, env=env)
    assert (missing.code, missing.err) == (
        1,
        "nothing cannot be read: No such file or directory.\n",
    )
    nowhere = run("events", "export", "nowhere/a.ndjson", cwd=tmp_path, env=env)
    assert (nowhere.code, len(nowhere.err.splitlines())) == (1, 1)
    nameless = run("events", "export", "a.csv", cwd=tmp_path, env=env)
    assert (nameless.code, "--format" in nameless.err) == (2, True)
    assert names(tmp_path) == []


def test_a_database_that_is_away_leaves_no_file(tmp_path: Path) -> None:
    env = {"SCOREBOARD_DATABASE_URL": f"postgresql://user:canary@/scoreboard?host={tmp_path}"}
    shown = run("events", "export", "a.ndjson", cwd=tmp_path, env=env)
    assert (shown.code, len(shown.err.splitlines())) == (1, 1)
    assert "canary" not in shown.err
    assert names(tmp_path) == []


def test_without_pyarrow_the_command_that_installs_it_is_told_and_nothing_begun(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "hidden" / "pyarrow").mkdir(parents=True)
    (tmp_path / "hidden" / "pyarrow" / "__init__.py").write_text("raise ImportError")
    command = "import sys; sys.path.insert(0, 'hidden'); from cli.main import app; app()"
    ended = subprocess.run(
        [sys.executable, "-c", command, "events", "export", "a.parquet"],
        cwd=tmp_path,
        env={**os.environ, "SCOREBOARD_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "pip install 'scoreboard[parquet]'" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert names(tmp_path) == ["hidden"]


@pytest.mark.parametrize("given", ["2026-01-31", "2026-01-31T12:00:00"])
def test_a_time_without_its_zone_is_told_with_one_that_works(
    database_url: str, tmp_path: Path, given: str
) -> None:
    refused = events(database_url, "export", "-", "--to", given, cwd=tmp_path)
    assert refused.code == 2
    hint = "2026-01-31T00:00:00Z" if len(given) == 10 else "2026-01-31T12:00:00Z"
    assert f"such as {hint}." in " ".join(refused.err.replace("│", "").split())
    assert events(database_url, "export", "-", "--to", hint, cwd=tmp_path).code == 0


async def is_full(process: subprocess.Popen[str]) -> bool:
    """Whether the pipe that it writes to takes no more."""
    assert process.stdout is not None
    waiting = array.array("i", [0])
    fcntl.ioctl(process.stdout, termios.FIONREAD, waiting)
    return waiting[0] >= PIPE_BYTES


async def play(backends: Backends) -> tuple[UserId, GrantedAction]:
    """Twelve increments with real tokens; the last user, and the token that he redeemed last."""
    async with run_scoreboard(backends) as scoreboard:
        users = [new_user() for _ in range(4)]
        for delta in (3, 2, 4):
            for user_id in users:
                granted = scoreboard.grant(user_id, delta)
                for _ in range(2):  # the second draws an id that no event gets
                    await scoreboard.increment(user_id, delta, granted=granted)
        await until_settled(backends.database_url)
    return user_id, granted


async def kill_import(database_url: str, folder: Path, file: str) -> None:
    """Kills an import at the end of its first slice."""
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    async with connect(database_url) as owner:
        async with owner.transaction():
            # The last table that a slice writes to.
            await owner.execute("LOCK TABLE standings_gaps IN ACCESS EXCLUSIVE MODE")
            with started("events", "import", file, cwd=folder, env=env) as process:
                await until(lambda: waits(owner))
                process.kill()
                await asyncio.to_thread(ending, process)
        await until(lambda: is_alone(owner))


async def waits(owner: Connection) -> bool:
    """Whether another session waits for a lock."""
    await owner.execute("SELECT pg_stat_clear_snapshot()")
    return bool(
        await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


async def is_alone(owner: Connection) -> bool:
    """Whether the killed command's session has ended."""
    sessions = await owner.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    )
    return bool(sessions == 1)


def rows_of(database_url: str, query: str) -> list[Any]:
    """What a query finds."""

    async def fetch() -> list[Any]:
        async with connect(database_url) as connection:
            rows: list[Any] = await connection.fetch(query)
            return rows

    return asyncio.run(fetch())


def history_of(database_url: str) -> list[list[Any]]:
    """Every event and every total."""
    return asyncio.run(read_history(database_url))
