"""The measurement of the operator's commands runs, on ledgers that are what they are said to be."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.signed_rows import SLICE, fill_signed
from benchmarks.watched_run import run_watched
from tests.checker import check_invariants
from tests.cli.program import run
from tests.harness import Backends

ROOT = Path(__file__).parents[2]
SMOKE_S = 120
MIB = 1 << 20

TWO_PROCESSES = """
import subprocess, sys
held = b"x" * (40 << 20)
child = "held = b'x' * (60 << 20); all(True for _ in range(10_000_000))"
process = subprocess.Popen([sys.executable, "-c", child])
process.wait()
"""


def test_every_event_of_a_signed_ledger_is_proven(backends: Backends, tmp_path: Path) -> None:
    events = SLICE + 1
    asyncio.run(fill_signed(backends.database_url, backends.keys, events, 7))
    env = {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }
    told = run("events", "verify", cwd=tmp_path, env=env)
    assert (told.code, told.err) == (0, "")
    assert told.out == f"{events:,} events, 7 totals, {events:,} tokens: all is well.\n"
    asyncio.run(check_invariants(backends.database_url, is_relayed=True))


def test_the_memory_of_a_command_is_that_of_its_workers_too() -> None:
    taken = run_watched([sys.executable, "-c", TWO_PROCESSES], os.environ)
    assert taken.failure == ""
    assert 100 * MIB < taken.peak_bytes < 200 * MIB


def test_a_command_that_fails_is_told_in_its_row() -> None:
    taken = run_watched([sys.executable, "-c", "import sys; sys.exit('no\\nway')"], os.environ)
    assert taken.failure == " exit 1: no way"


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (("operator", "--events", "300", "--users", "30", "--only", "cache,replay,export"), 7),
        (("generator", "--seconds", "1", "--rounds", "1"), 3),
    ],
    ids=["operator", "generator"],
)
def test_the_measurement_runs_to_its_end(words: tuple[str, ...], rows: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{words[0]}", *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SMOKE_S,
    )
    assert ended.returncode == 0, ended.stderr
    _, _, *found = ended.stdout.splitlines()
    assert len(found) == rows, ended.stdout
    assert "exit" not in ended.stdout
