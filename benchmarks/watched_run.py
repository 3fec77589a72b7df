"""One command in a process of its own, and what it took."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.processes import proportional_bytes

LOOK_S = 0.05


@dataclass(frozen=True)
class Taken:
    """`cpu_s` is of the command and every process that it has waited for; `peak_bytes` the most
    that they all occupied together at one look, shared pages once (PSS). `failure` is what it said
    where it did not end with 0.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    failure: str


def run_watched(words: Sequence[str], environment: Mapping[str, str]) -> Taken:
    """Runs it to its end, and looks at its memory meanwhile."""
    started_s = time.perf_counter()
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        peak, status, usage = _watch(process.pid)
        wall_s = time.perf_counter() - started_s
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stderr is not None
        told = " ".join(process.stderr.read().split())
    failure = f" exit {process.returncode}: {told}" if process.returncode else ""
    return Taken(wall_s, usage.ru_utime + usage.ru_stime, peak, failure)


def _watch(pid: int) -> tuple[int, int, resource.struct_rusage]:
    """Its peak, and what the kernel tells at its end."""
    peak = 0
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return peak, status, usage
        peak = max(peak, proportional_bytes(pid))
        time.sleep(LOOK_S)
