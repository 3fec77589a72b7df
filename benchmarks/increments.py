"""Increments per second of one `serve` process beside a bare aiohttp handler, in one run.

    python -m benchmarks.increments [--connections 64] [--rounds 5] [--requests 20000] [--workers 2]

The quick look while one works on the service; `python -m benchmarks` measures everything. Server
alone on core 0; PostgreSQL (fsync on), Redis and the load on core 1. With --workers N a second
service with so many processes, on all cores, takes its turn in each round. Private servers are
started and stopped; nothing but 127.0.0.1 is spoken to, and there is no RabbitMQ.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.processes import OTHERS_CORE, pin
from benchmarks.recording import Figures
from benchmarks.requests import Signer, made_up_users
from benchmarks.rounds import load
from benchmarks.servers import Servers, start_servers
from benchmarks.targets import Shape, Starter, Target
from cli.signals import StopSignals

RATE, CPU = "answers/s", "server µs"


def main() -> None:
    """Prints a line per round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with StopSignals(), contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        pin(os.getpid(), OTHERS_CORE)
        servers = stack.enter_context(start_servers(folder, has_rabbitmq=False))
        targets = _start(Starter(stack, servers, folder), options.workers)
        _run(targets, servers, options)


def _start(starter: Starter, workers: int) -> list[Target]:
    shapes = [Shape("serve")]
    if workers > 1:
        shapes.append(Shape(f"{workers} workers", workers=workers))
    return [starter.bare(), *map(starter.product, shapes)]


def _run(targets: list[Target], servers: Servers, options: argparse.Namespace) -> None:
    found: dict[str, list[Figures]] = {each.name: [] for each in targets}
    for number in range(1, options.rounds + 1):
        for target in targets:
            requests = Signer(target.keys).increments(made_up_users(), options.requests)
            figures = load(target, servers, requests, options.connections)
            found[target.name].append(figures)
            print(
                f"  {target.name:9} {figures[RATE]:8,.0f}/s  p50 {figures['p50 ms']:6.1f} ms  "
                f"p99 {figures['p99 ms']:6.1f} ms  CPU {figures[CPU]:4.0f} µs each"
            )
        share = found["serve"][-1][RATE] / found["bare"][-1][RATE]
        print(f"round {number}: {share:.2f} of the bare handler's", flush=True)
    for name, rounds in found.items():
        rate, cpu_us = (median(each[figure] for each in rounds) for figure in (RATE, CPU))
        print(f"median, {name}: {rate:,.0f}/s, CPU {cpu_us:.0f} µs each")
    for name in [each for each in found if each != "serve"]:
        rate, cpu = (_ratio(found["serve"], found[name], figure) for figure in (RATE, CPU))
        print(f"serve beside {name}: {rate:.2f} of its rate, {cpu:.2f} of its CPU")


def _ratio(ours: list[Figures], others: list[Figures], figure: str) -> float:
    """Of each round, then the median: rounds are minutes apart, and machines vary."""
    return median(one[figure] / other[figure] for one, other in zip(ours, others, strict=True))


if __name__ == "__main__":
    main()
