"""The same load on boards of very different sizes; what one user takes in Redis."""

from __future__ import annotations

import asyncio

from benchmarks.bench import Bench
from benchmarks.ledger_rows import fill
from benchmarks.recording import Figures
from benchmarks.requests import filled_user
from benchmarks.rounds import load, stores_us
from benchmarks.servers import execute
from benchmarks.targets import COMMAND_MAX_S, Shape, Starter, Target
from scoreboard.domain.identifiers import UserId

SIZES, QUICK_SIZES, FULL_SIZE = (10_000, 1_000_000), (1_000, 10_000), 10_000_000
MEASURED_USERS = 1_000_000
"""Redis's memory for each user is told at this size."""

ACTIVE = 10_000
"""So many users play, spread evenly over all: every size verifies as many different tokens."""

CONNECTIONS = 64
REQUESTS, QUICK_REQUESTS = 10_000, 1_000
LONE, QUICK_LONE = 300, 50
WARM_UP = 500
LOADED, ALONE = "users, 64 connections", "users, alone"
CPU = "server + PostgreSQL + Redis µs"


def run(bench: Bench) -> None:
    """Boards filled by COPY and `cache rebuild`; each round goes through all of them."""
    options = bench.options
    sizes = [*(QUICK_SIZES if options.quick else SIZES)]
    if options.full:
        sizes.append(FULL_SIZE)
    with bench.targets() as starter:
        targets = {size: _start(bench, starter, size) for size in sizes}
        for size, target in targets.items():
            _load(bench, target, size, options.pick(ACTIVE, WARM_UP))
        for number in bench.rounds:
            for size, target in targets.items():
                _round(bench, target, size, number)
    _add_lines(bench, sizes)


def _start(bench: Bench, starter: Starter, size: int) -> Target:
    url = bench.servers.new_database()
    bench.recording.tell(f"filling a board of {size:,} users")
    asyncio.run(asyncio.wait_for(fill(url, size, size), COMMAND_MAX_S))
    execute(url, "CHECKPOINT")  # now, and not while others are measured
    before_bytes = bench.servers.redis_bytes()
    starter.run_command(["cache", "rebuild"], url)
    per_user = (bench.servers.redis_bytes() - before_bytes) / size
    bench.recording.note("Redis", f"{size:,} users", 1, {"bytes per user": per_user})
    if size == MEASURED_USERS:
        label = f"Redis: memory of each of {size:,} users"
        bench.recording.add(label, [per_user], unit="bytes", goal="redis bytes")
    return starter.product(Shape("serve"), url)


def _round(bench: Bench, target: Target, size: int, number: int) -> None:
    options = bench.options
    figures = _load(bench, target, size, options.pick(REQUESTS, QUICK_REQUESTS))
    figures[CPU] = stores_us(figures)
    bench.recording.note(f"{size:,}", LOADED, number, figures)
    alone = _load(bench, target, size, options.pick(LONE, QUICK_LONE), connections=1)
    bench.recording.note(f"{size:,}", ALONE, number, alone)


def _load(
    bench: Bench, target: Target, size: int, count: int, connections: int = CONNECTIONS
) -> Figures:
    requests = bench.signer(target).increments(active_users(size), count)
    return load(target, bench.servers, requests, connections)


def active_users(size: int) -> list[UserId]:
    """Spread evenly over a filled board of `size` users."""
    count = min(size, ACTIVE)
    return [filled_user(number * size // count) for number in range(count)]


def _add_lines(bench: Bench, sizes: list[int]) -> None:
    recording = bench.recording
    small = f"{sizes[0]:,}"
    for size in sizes[1:]:
        large = f"{size:,}"
        label = f"CPU of server, PostgreSQL and Redis: {large} users / {small}"
        recording.ratio(label, CPU, (large, LOADED), (small, LOADED), goal="scale")
    if FULL_SIZE not in sizes:
        label = f"CPU of server, PostgreSQL and Redis: {FULL_SIZE:,} users / {small}"
        recording.missing(label, "only with --full", "scale")
    for size in sizes:
        label = f"p50 of a lone increment among {size:,} users"
        recording.value(label, "p50 ms", f"{size:,}", ALONE, unit="ms", goal="lone")
