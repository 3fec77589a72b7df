"""A stdout that cannot be written ends each command with a sentence that says so."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.ledger_rows import fill
from tests.cli.program import COMMAND, ENDED_TIMEOUT_S, Result, environment
from tests.harness import Backends

COMMANDS = (
    "--version",
    "boards list",
    "boards list --json",
    "cache rebuild",
    "cache rebuild --json",
    "cache verify",
    "db status",
    "doctor",
    "doctor --json",
    "events export -",
    "events replay",
    "events replay --until 1",
    "events tail",
    "events tail --follow",
    "token bearer --user game --scope actions:grant",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_behind_stdout_is_told_as_such(
    backends: Backends, tmp_path: Path, command: str
) -> None:
    asyncio.run(fill(backends.database_url, 3, 1))
    assert backends.keys
    told = run_into_full(*command.split(), cwd=tmp_path, env=variables(backends))
    assert (told.code, told.err) == (1, "stdout cannot be written: No space left on device.\n")


def run_into_full(*arguments: str, cwd: Path, env: Mapping[str, str]) -> Result:
    """Runs a command whose stdout is a disk without room."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=ENDED_TIMEOUT_S,
        )
    return Result(ended.returncode, "", ended.stderr)


def variables(backends: Backends) -> dict[str, str]:
    """Where the command finds its servers and keys."""
    return {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }
