"""How much load one core of `scoreboard loadtest` can make, against a handler that does nothing.

    python -m benchmarks.generator [--seconds 10] [--rounds 3]

The bare handler is alone on core 0, the load generator on core 1. The handler is the slower of the
two, so the generator's ceiling is what it sends per second of its own CPU time.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.processes import (
    OTHERS_CORE,
    SERVER_CORE,
    free_ports,
    pin,
    running,
    wait_for_port,
)
from cli.loadtest.result import RunResult
from cli.signals import StopSignals
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import write_keys

LOADS = {"reads": "top=1", "increments": "increment=1", "the usual mix": ""}


def main() -> None:
    """Prints a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    pin(os.getpid(), OTHERS_CORE)
    found: dict[str, list[RunResult]] = {name: [] for name in LOADS}
    with StopSignals(), _bare_handler() as (url, keys_file):
        for _ in range(options.rounds):
            for name, mix in LOADS.items():
                found[name].append(_load(url, keys_file, mix, options.seconds))
    print(
        "| load | answered/s | of a core | requests per CPU second | without signing |\n"
        "|---|---:|---:|---:|---:|"
    )
    for name, results in found.items():
        print(_row(name, results))


@contextlib.contextmanager
def _bare_handler() -> Iterator[tuple[str, Path]]:
    """Its URL, and a key file for whoever signs."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        keys_file = folder / "keys.json"
        write_keys(keys_file, generate_keys("hs256"))
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "benchmarks.bare", str(port)]
        log = folder / "bare.log"
        pid = stack.enter_context(running(command, log, os.environ, SERVER_CORE))
        wait_for_port(port, pid, log)
        yield f"http://127.0.0.1:{port}", keys_file


def _load(url: str, keys_file: Path, mix: str, seconds: int) -> RunResult:
    command = [
        *(sys.executable, "-m", "cli.main", "loadtest", "--url", url, "--board", "main"),
        *("--duration", f"{seconds}s", "--json"),
        *(("--mix", mix) if mix else ()),
    ]
    environment = {**os.environ, "SCOREBOARD_KEYS_FILE": str(keys_file)}
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(ended.stdout, type=RunResult)


def _row(name: str, results: list[RunResult]) -> str:
    answered = median(each.throughput_per_s or 0.0 for each in results)
    spent = [each.generator for each in results]
    return (
        f"| {name} | {answered:,.0f} | {median(each.busiest for each in spent):.2f} "
        f"| {median(each.requests_per_cpu_s for each in spent):,.0f} "
        f"| {median(each.requests_per_cpu_s_without_minting for each in spent):,.0f} |"
    )


if __name__ == "__main__":
    main()
