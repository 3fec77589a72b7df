"""Every change of the top ten to many WebSockets: what a delivery costs, and how long it takes."""

from __future__ import annotations

import asyncio
from itertools import product

from benchmarks.bench import Bench
from benchmarks.closed_loop import percentile
from benchmarks.leader import CONNECTIONS, LEADER, crown, watch
from benchmarks.open_loop import offer
from benchmarks.processes import cpu_s
from benchmarks.recording import Figures
from benchmarks.rounds import ROUND_MAX_S
from benchmarks.sections.contest import compare
from benchmarks.targets import Shape, Target
from benchmarks.watchers import Screens, handshake
from benchmarks.watching import Plan

WATCHERS, QUICK_WATCHERS = (1_000, 2_000), (50,)
RATES_PER_S = (10, 20)
"""At 10 each change comes after quiet and is shown at once; 20 are all that the tick of 50 ms lets
through, so that a change waits for its turn."""

UPDATES_S, QUICK_UPDATES_S = 10, 1
API = "api + relay"
WHOLE = "whole service"


def run(bench: Bench) -> None:
    """The gateway beside others; then behind the whole service, from the commit on."""
    compare(bench)
    watchers = QUICK_WATCHERS if bench.options.quick else WATCHERS
    with bench.targets() as starter:
        target = starter.product(Shape("gateway", roles="gateway", apart={API: "api,relay"}))
        crown(bench, target, target.other_ports[API])
        for number in bench.rounds:
            for count, per_s in product(watchers, RATES_PER_S):
                measuring = _follow_leader(bench, target, count, per_s)
                figures = asyncio.run(asyncio.wait_for(measuring, ROUND_MAX_S))
                bench.recording.note(WHOLE, _condition(count, per_s), number, figures)
    for count, per_s in product(watchers, RATES_PER_S):
        _add_lines(bench, count, per_s)


async def _follow_leader(bench: Bench, target: Target, count: int, per_s: int) -> Figures:
    """The leader raises his score so often; every list that arrives is noted."""
    updates = per_s * bench.options.pick(UPDATES_S, QUICK_UPDATES_S)
    requests = bench.signer(target).increments([LEADER], updates, delta=1)
    with Screens(Plan(target.port, [handshake()] * count)) as screens:
        before_s = cpu_s(*target.pids)
        raising = offer((target.other_ports[API],), requests, per_s, CONNECTIONS)
        outcome, delays_s, (arrivals,) = await watch(target.database_url, [screens], raising)
        used_s = cpu_s(*target.pids) - before_s
    if len(outcome.latencies_s) < updates:
        raise RuntimeError(f"the service refused {outcome.refused}")
    return {
        "deliveries": float(arrivals.frames),
        "CPU per delivery µs": used_s / max(1, arrivals.frames) * 1e6,
        "p50 ms": percentile(delays_s, 50) * 1000,
        "p99 ms": percentile(delays_s, 99) * 1000,
        "different lists": float(len(arrivals.by_frame)),
        "client's core %": 100 * arrivals.busy,
    }


def _add_lines(bench: Bench, count: int, per_s: int) -> None:
    condition = _condition(count, per_s)
    for name in ("p50", "p99"):
        goal = "screen" if name == "p99" and per_s == RATES_PER_S[0] else ""
        label = f"commit → screen, {name}, {condition}"
        bench.recording.value(label, f"{name} ms", WHOLE, condition, unit="ms", goal=goal)


def _condition(count: int, per_s: int) -> str:
    return f"{count:,} WebSockets × {per_s} updates/s"
