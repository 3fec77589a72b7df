"""`scoreboard dev`, end to end: real servers, real ports, real signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from cli.playground.hints import commands
from tests.cli.conftest import ANY_PORTS, Playground
from tests.cli.program import (
    alive,
    descendants,
    ending,
    environment,
    read_json,
    read_until,
    run,
    run_apart,
    started,
)
from tests.screen import Screen

DEV = ("dev", *ANY_PORTS)
# `pty.spawn` gives the command a terminal and passes on what is typed.
ON_A_TERMINAL = (
    sys.executable,
    "-c",
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))",
)
CTRL_C = "\x03"


async def read_totals(url: str, wanted: int) -> list[int]:
    """What the first of the top ten have together, in the first `wanted` lists that show any."""
    screen = Screen()
    found: list[int] = []
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/ws?view=top:10") as ws,
    ):
        async for message in ws:
            if screen.apply(json.loads(message.data)) and screen.entries:
                found.append(sum(each["score"] for each in screen.entries))
            if len(found) == wanted:
                break
    return found


async def test_players_earn_points_that_a_websocket_client_sees(playground: Playground) -> None:
    first, *_, last = await read_totals(playground.url, 4)
    assert first < last


async def test_the_scores_are_in_the_database_it_names(playground: Playground) -> None:
    await read_totals(playground.url, 1)
    connection = await asyncpg.connect(playground.addresses["databaseUrl"])
    try:
        sources = await connection.fetch("SELECT DISTINCT source, actor FROM score_events")
        players = await connection.fetchval("SELECT count(*) FROM user_scores")
    finally:
        await connection.close()
    assert {row["source"] for row in sources} <= {"coin", "level-won", "boss"}
    # Whoever redeems is the player himself: no other token has a part in it.
    assert 1 <= len({row["actor"] for row in sources}) <= 3
    assert 1 <= players <= 3


async def test_metrics_are_served_on_the_admin_port(playground: Playground) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{playground.addresses['adminUrl']}/metrics") as response,
    ):
        assert "score_increment_total" in await response.text()


def test_the_environments_addresses_and_keys_are_left_alone(playground: Playground) -> None:
    own = str(playground.folder / ".scoreboard")
    told = playground.addresses
    assert all(own in told[name] for name in ("databaseUrl", "redisUrl", "keysFile"))


def test_a_shell_can_use_an_operators_commands_on_it(playground: Playground) -> None:
    script = '. .scoreboard/environment.sh && exec "$0" -m cli.main db status --json'
    ended = subprocess.run(
        ["sh", "-c", script, sys.executable],
        cwd=playground.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ended.stdout)["pending"] == 0
    file = playground.folder / ".scoreboard" / "environment.sh"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_keys_are_its_owners_alone(playground: Playground) -> None:
    file = Path(playground.addresses["keysFile"])
    assert file == playground.folder / ".scoreboard" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_in_use_is_told_in_one_sentence(playground: Playground) -> None:
    second = run(*DEV, "--json", cwd=playground.folder)
    assert (second.code, second.out) == (2, "")
    assert "in use" in second.err
    assert len(second.err.splitlines()) == 1


def test_sigterm_stops_everything_and_a_second_start_finds_its_data(tmp_path: Path) -> None:
    with started(*DEV, "--players", "3", "--json", cwd=tmp_path) as process:
        url = read_json(process)["url"]
        read_until_scores(url, tmp_path)
        servers = descendants(process.pid)
        assert servers
        process.terminate()
        assert ending(process).code == 0
    assert not alive(servers)
    with started(*DEV, "--players", "0", "--json", cwd=tmp_path) as process:
        url = read_json(process)["url"]
        assert run_apart("top", "--url", url, "--json", cwd=tmp_path).document["entries"]


def read_until_scores(url: str, folder: Path) -> None:
    """Returns once somebody has a score."""
    with started("top", "--watch", "--json", "--url", url, cwd=folder) as watching:
        while not read_json(watching)["entries"]:
            pass


def test_a_signal_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    with started(*DEV, cwd=tmp_path) as process:
        read_until(process, "Starting PostgreSQL")
        process.send_signal(signal.SIGINT)
        result = ending(process)
    assert (result.code, result.err) == (0, "")
    assert not [line for line in list_commands() if str(tmp_path) in line]


def list_commands() -> list[str]:
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "command="], capture_output=True, text=True, check=True
    )
    return listing.stdout.splitlines()


def test_without_a_terminal_it_tells_plain_lines(tmp_path: Path) -> None:
    with started(*DEV, "--players", "3", cwd=tmp_path) as process:
        text = read_until(process, "leads:")
        process.send_signal(signal.SIGINT)
        result = ending(process)
    assert "\x1b" not in text
    assert "increments" in text
    assert all(line in text for line in ("  U=", "token grant", "scores/increment"))
    assert result.code == 0
    assert result.out.splitlines()[-1].startswith("Stopped.")


def test_the_commands_that_it_shows_work_as_they_stand(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(playground.folder)
    lines = commands(playground.url, Path(".scoreboard/keys.json"), 1000)
    script = "\n".join(line for line in lines if "--watch" not in line)
    shell = subprocess.run(
        # A shell that nobody types into must be told that aliases count.
        ["bash", "-c", f"shopt -s expand_aliases\n{script}"],
        cwd=playground.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert '{"score":1000,"rank":' in shell.stdout, shell.stderr


def test_on_a_terminal_ctrl_c_twice_stops_in_order_and_leaves_the_board(tmp_path: Path) -> None:
    with started(
        *DEV, "--players", "3", cwd=tmp_path, prefix=ON_A_TERMINAL, env={"TERM": "xterm"}
    ) as process:
        read_until(process, "▲")
        servers = descendants(process.pid)
        assert process.stdin is not None
        process.stdin.write(CTRL_C + CTRL_C)
        process.stdin.flush()
        result = ending(process)
    assert result.code == 0
    assert "increments" in result.out
    assert "Stopped." in result.out
    assert "Traceback" not in result.out
    assert not alive(servers)


@pytest.mark.parametrize("option", ["--port", "--admin-port"])
def test_a_port_that_is_taken_is_told_before_anything_starts(option: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run(*DEV, option, port, cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert port in result.err
    assert f"with {option}." in result.err
    assert len(result.err.splitlines()) == 1
    assert not (tmp_path / ".scoreboard").exists()


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(*DEV, "--data-dir", "file/data", "--json", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "file/data" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_read_only_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    # Root may write anywhere but into what the kernel makes up.
    folder = "/proc/data" if os.geteuid() == 0 else "data"
    result = run(*DEV, "--data-dir", folder, "--json", cwd=tmp_path)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1


def test_a_bad_setting_is_told_before_anything_starts(tmp_path: Path) -> None:
    result = run(*DEV, "--json", cwd=tmp_path, env={"SCOREBOARD_QUEUE_MAX": "many"})
    assert result.code == 2
    assert "SCOREBOARD_QUEUE_MAX" in result.err
    assert len(result.err.splitlines()) == 1
    assert not (tmp_path / ".scoreboard").exists()
