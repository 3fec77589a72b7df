"""`scoreboard serve`, as an operator runs it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cli.signals import StopSignals
from scoreboard.auth.issue import TokenIssuer
from tests.cli.program import ENDED_TIMEOUT_S, ending, read_json, run, run_apart, started
from tests.harness import Backends
from tests.processes import Player


@pytest.fixture
def variables(backends: Backends) -> dict[str, str]:
    """Return what the environment of a service holds."""
    assert backends.keys
    return {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
        "SCOREBOARD_PORT": "0",
        "SCOREBOARD_ADMIN_PORT": "0",
    }


def _until_served(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The line that tells both addresses."""
    while True:
        line: dict[str, Any] = read_json(process)
        if line["event"] == "serving" and "admin_url" in line:
            return line


def test_it_serves_until_sigterm_and_ends_in_order(
    variables: dict[str, str], tmp_path: Path
) -> None:
    with started("serve", cwd=tmp_path, env=variables) as process:
        line = _until_served(process)
        assert run("top", "--url", line["url"], "--json", cwd=tmp_path).code == 0
        process.terminate()
        result = ending(process)
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out.splitlines()[-1])["level"] == "info"


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_logs_that_nobody_reads_any_more_change_no_answer_and_no_end(
    variables: dict[str, str], backends: Backends, tmp_path: Path, workers: str
) -> None:
    player = Player(TokenIssuer(backends.keys, "scoreboard"))
    # With a buffer, as most run it: what is left in one would fail once more at the exit.
    buffered = {**variables, "PYTHONUNBUFFERED": ""}
    with started("serve", "--workers", workers, cwd=tmp_path, env=buffered) as process:
        line = _until_served(process)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        async with aiohttp.ClientSession() as session:
            status, _ = await player.redeem(session, line["url"], player.grant())
            assert status == 200
            async with session.get(f"{line['admin_url']}/metrics") as answer:
                lost = re.search(
                    r"^scoreboard_log_lines_lost_total (\S+)$", await answer.text(), re.M
                )
            assert lost is not None
            assert float(lost[1]) > 0
        process.terminate()
        assert await asyncio.to_thread(process.wait, ENDED_TIMEOUT_S) == 0
        assert process.stderr.read() == ""


@pytest.fixture
def deaf_to_hangups() -> Iterator[None]:
    """What `nohup` does."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("deaf_to_hangups")
def test_under_nohup_it_outlives_its_terminal() -> None:
    with StopSignals() as signals, suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGHUP)
    assert not signals.is_received
    with StopSignals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_missing_setting_is_told_in_one_sentence(tmp_path: Path) -> None:
    result = run("serve", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "SCOREBOARD_DATABASE_URL" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_missing_key_file_is_told_in_one_sentence(
    variables: dict[str, str], tmp_path: Path
) -> None:
    gone = {**variables, "SCOREBOARD_KEYS_FILE": str(tmp_path / "gone.json")}
    result = run_apart("serve", cwd=tmp_path, env=gone)
    assert result.code == 2
    assert "gone.json" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_database_without_the_schema_is_told_in_one_sentence(
    variables: dict[str, str], empty_database_url: str, tmp_path: Path
) -> None:
    empty = {**variables, "SCOREBOARD_DATABASE_URL": empty_database_url}
    result = run_apart("serve", cwd=tmp_path, env=empty)
    assert result.code == 2
    assert "scoreboard db migrate" in result.err
    assert len(result.err.splitlines()) == 1
