"""`scoreboard loadtest`, against a running service."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from cli.loadtest.storage import read_result, write_result
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import write_keys
from tests.checker import until
from tests.cli.program import Result, alive, descendants, ending, run, run_apart, started
from tests.cli.terminal import on_terminal
from tests.harness import Backends, Scoreboard, run_scoreboard
from tests.loadtest.results import result

LOADTEST = ("loadtest", "run")
READING = ("--mix", "top=1")
MAIN = ("--board", "main")
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def variables(backends: Backends) -> dict[str, str]:
    """Return the environment of whoever holds the keys."""
    assert backends.keys
    return {"SCOREBOARD_KEYS_FILE": str(backends.keys_file)}


async def loadtest(
    scoreboard: Scoreboard, variables: dict[str, str], folder: Path, *arguments: str
) -> Result:
    """Runs to its end beside the service, which lives in this process."""
    command = (*LOADTEST, "--url", scoreboard.url, *arguments)
    return await asyncio.to_thread(run_apart, *command, cwd=folder, env=variables)


async def events(backends: Backends, board: str = "main") -> int:
    """How many increments the ledger holds of a board."""
    query = "SELECT count(*) FROM score_events WHERE board_id = $1"
    connection = await asyncpg.connect(backends.database_url)
    try:
        return int(await connection.fetchval(query, board))
    finally:
        await connection.close()


async def test_every_answer_it_tells_of_is_an_event_in_the_ledger(
    scoreboard: Scoreboard, backends: Backends, variables: dict[str, str], tmp_path: Path
) -> None:
    ended = await loadtest(
        scoreboard,
        variables,
        tmp_path,
        *("--requests", "300", "--connections", "8", "--processes", "2", "--output", "a.json"),
        *("--watchers", "3", "--users", "5", "--slo", "errors<=0%,watchers_max<60s"),
        *("--timeout", "1m", *MAIN),
    )
    assert (ended.code, ended.err) == (0, "")
    assert "300 answers" in ended.out
    assert ended.out.count(" met ") == 2
    found = read_result(tmp_path / "a.json")
    assert (found.answered, found.errors) == (300, {})
    assert found.operations["increment"].answered + 1 == await events(backends)  # and the probe
    assert found.watchers is not None
    assert found.watchers.send_to_screen is not None
    assert found.watchers.answer_to_screen is not None
    drawn = await asyncio.to_thread(run_apart, "loadtest", "report", "a.json", cwd=tmp_path)
    assert (drawn.code, drawn.out) == (0, "wrote report.html\n")
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")


async def test_grants_can_be_asked_of_the_service_at_an_even_rate_on_another_board(
    backends: Backends, variables: dict[str, str], tmp_path: Path
) -> None:
    connection = await asyncpg.connect(backends.database_url)
    await connection.execute("INSERT INTO boards (board_id) VALUES ('arena')")
    await connection.close()
    async with run_scoreboard(backends) as running:
        ended = await loadtest(
            running,
            variables,
            tmp_path,
            *("--rate", "100", "--duration", "500ms", "--mix", "increment=1", "--grant", "live"),
            *("--board", "arena", "--distribution", "zipf:1.1", "--json"),
            *("--slo", "throughput>=1/s", "--output", "a.json"),
        )
    assert (ended.code, ended.err) == (0, "")
    operations = ended.document["operations"]
    assert operations["grant"]["answered"] == operations["increment"]["answered"] == 50
    assert ended.document["answered"] == 50
    assert sum(each["answered"] for each in ended.document["series"]) == 50
    assert (tmp_path / "a.json").read_text("utf-8") == ended.out
    assert await events(backends, "arena") == 51  # and the probe's
    assert await events(backends) == 0
    assert "eyJ" not in ended.out  # no token


async def test_limits_are_recognised_and_the_settings_that_raise_them_are_named(
    backends: Backends, variables: dict[str, str], tmp_path: Path
) -> None:
    async with run_scoreboard(backends, rate_user_per_s=0.01, rate_user_burst=3) as limited:
        ended = await loadtest(
            limited,
            variables,
            tmp_path,
            *("--requests", "60", "--users", "2", "--mix", "increment=1"),
            *("--slo", "errors<1%", *MAIN),
        )
    assert ended.code == 1
    assert "rate_limited" in ended.out
    assert "NOT MET" in ended.out
    assert "SCOREBOARD_RATE_USER_PER_S and SCOREBOARD_RATE_USER_BURST" in ended.out


async def test_ctrl_c_ends_it_in_order_and_tells_what_was_done(
    scoreboard: Scoreboard, variables: dict[str, str], tmp_path: Path
) -> None:
    command = (*LOADTEST, "--url", scoreboard.url, "--duration", "1h", *READING)
    with started(*command, "--output", "a.json", cwd=tmp_path, env=variables) as process:

        async def is_loading() -> bool:
            found = await scoreboard.metrics()
            return reads_of(found) > 100

        await until(is_loading)
        workers = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        ended = await asyncio.to_thread(ending, process)
    assert (ended.code, ended.err) == (130, "Interrupted.\n")
    assert "The run was interrupted" in ended.out
    told = read_result(tmp_path / "a.json")
    assert told.interrupted
    assert told.answered > 0
    assert workers
    assert not alive(workers)


def reads_of(metrics: str) -> float:
    """Top lists that were read, from whichever store."""
    lines = [line for line in metrics.splitlines() if line.startswith("scoreboard_cache_")]
    return sum(float(line.split()[-1]) for line in lines if 'top"' in line and "_total" in line)


async def test_other_keys_than_the_services_stop_it_before_any_load(
    scoreboard: Scoreboard, backends: Backends, tmp_path: Path
) -> None:
    write_keys(tmp_path / "other.json", generate_keys("hs256"))
    other = {"SCOREBOARD_KEYS_FILE": str(tmp_path / "other.json")}
    ended = await loadtest(scoreboard, other, tmp_path, *MAIN)
    assert (ended.code, ended.out) == (2, "")
    assert "SCOREBOARD_KEYS_FILE must name the one that the service verifies with" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert await events(backends) == 0


async def test_an_unknown_board_is_told_in_the_services_own_words(
    scoreboard: Scoreboard, variables: dict[str, str], tmp_path: Path
) -> None:
    ended = await loadtest(scoreboard, variables, tmp_path, "--board", "nowhere")
    assert (ended.code, ended.out) == (1, "")
    assert "There is no board" in ended.err


async def test_watchers_that_are_not_admitted_stop_it_before_any_load(
    backends: Backends, variables: dict[str, str], tmp_path: Path
) -> None:
    async with run_scoreboard(backends, websocket_max_per_ip=1) as small:
        command = (*LOADTEST, "--url", small.url, "--watchers", "2", *READING)
        ended = await asyncio.to_thread(run_apart, *command, cwd=tmp_path, env=variables)
    assert (ended.code, ended.out) == (1, "")
    assert "SCOREBOARD_WEBSOCKET_MAX_PER_IP" in ended.err


async def test_a_terminal_shows_the_load_as_it_goes_and_then_the_summary(
    scoreboard: Scoreboard, variables: dict[str, str], tmp_path: Path
) -> None:
    command = (*LOADTEST, "--url", scoreboard.url, "--rate", "50", "--duration", "1500ms", *MAIN)

    def look() -> tuple[str, str]:
        with on_terminal(*command, cwd=tmp_path, env=variables, size=(60, 30)) as terminal:
            during = terminal.read_until(lambda text: "▁" in text or "█" in text)
            return during, terminal.read_to_end()

    during, after = await asyncio.to_thread(look)
    assert all(word in during for word in ("load on", "p99.9", "to go", "/s"))
    assert "75 answers" in after
    assert "load on" not in after


@pytest.fixture
async def stranger() -> AsyncIterator[str]:
    """Return the URL of a server that is no scoreboard."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    app = web.Application()
    app.router.add_get("/readyz", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_server_that_is_no_scoreboard_is_not_loaded(stranger: str, tmp_path: Path) -> None:
    ended = await asyncio.to_thread(run_apart, *LOADTEST, "--url", stranger, *READING, cwd=tmp_path)
    assert (ended.code, ended.err) == (
        1,
        f"{stranger} is no scoreboard: its /readyz says nothing.\n",
    )


def test_a_service_that_is_away_is_told_in_one_sentence(tmp_path: Path) -> None:
    ended = run(*LOADTEST, "--url", NOBODY, *READING, cwd=tmp_path)
    assert ended.code == 1
    assert "cannot be reached" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_another_machine_is_loaded_only_by_whoever_owns_it(tmp_path: Path) -> None:
    ended = run(*LOADTEST, "--url", "http://192.0.2.1", *READING, cwd=tmp_path)
    assert ended.code == 2
    assert "--yes-i-own-this-server" in ended.err


WRONG: dict[str, tuple[str, ...]] = {
    "an objective that nobody understands": ("--slo", "p99<fast"),
    "watchers' objectives without watchers": ("--slo", "watchers_p99<1s"),
    "stages beside a rate": ("--stages", "10:1s", "--rate", "5"),
    "a ramp longer than the run": ("--rate", "5", "--ramp", "20s"),
    "more processes than connections": ("--processes", "3", "--connections", "2"),
    "a URL with a password": ("--url", "http://me:secret@localhost"),
    "another scheme": ("--url", "ftp://localhost"),
    "too many connections": ("--connections", "1000000"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_before_anything_is_sent(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    ended = run("loadtest", "--url", NOBODY, *READING, *arguments, cwd=tmp_path)
    assert ended.code == 2
    assert "secret" not in ended.err


@pytest.mark.parametrize(
    "mix", [(), ("--mix", "top=9,increment=1")], ids=["the default", "some increments"]
)
def test_whoever_writes_names_the_board(mix: tuple[str, ...], tmp_path: Path) -> None:
    ended = run("loadtest", "--url", NOBODY, *mix, cwd=tmp_path)
    assert ended.code == 2
    told = " ".join(ended.err.split())
    assert "append-only" in told
    assert "scoreboard boards create loadtest" in told


def test_a_result_that_could_not_be_written_is_told_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    ended = run(*LOADTEST, "--url", NOBODY, *READING, "--output", "gone/a.json", cwd=tmp_path)
    assert (ended.code, ended.err) == (1, "The file gone/a.json cannot be written.\n")


def test_a_missing_library_is_told_with_the_command_that_installs_it(tmp_path: Path) -> None:
    hidden: Any = None
    kept = {name: module for name, module in sys.modules.items() if name.startswith("hdrh")}
    sys.modules.update({"hdrh": hidden, "hdrh.histogram": hidden})
    try:
        ended = run(*LOADTEST, "--url", NOBODY, *READING, cwd=tmp_path)
    finally:
        del sys.modules["hdrh"], sys.modules["hdrh.histogram"]
        sys.modules.update(kept)
    assert ended.code == 2
    assert "pip install 'scoreboard[loadtest]'" in ended.err


def test_a_report_can_be_sent_on(tmp_path: Path) -> None:
    write_result(tmp_path / "a.json", result())
    ended = run("loadtest", "report", "a.json", "--output", "-", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("<!doctype html>")
    assert ended.out.endswith("</html>\n")
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_a_report_of_what_is_no_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"answered": 1}))
    ended = run("loadtest", "report", "a.json", cwd=tmp_path)
    assert ended.code == 1
    assert "is no result" in ended.err
    assert not (tmp_path / "report.html").exists()
