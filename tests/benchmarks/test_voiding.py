"""The measurement of the void of many events runs to its end, and its figures belong to it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SMOKE_S = 120


def test_a_small_measurement_tells_of_the_void_and_of_the_increments_meanwhile() -> None:
    options = ("--events", "2000", "--users", "100", "--requests", "200", "--connections", "8")
    command = [sys.executable, "-m", "benchmarks.voiding", *options]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SMOKE_S, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "void of 2,000 events: " in run.stdout
    conditions = re.findall(r"^(.+?) +[\d,]+ increments/s", run.stdout, re.MULTILINE)
    assert conditions == ["idle", "meanwhile", "idle again"]
    assert re.search(r"^meanwhile / idle: \d+\.\d\d$", run.stdout, re.MULTILINE)
