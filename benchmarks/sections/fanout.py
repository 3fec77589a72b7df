"""Every change of the top ten to many WebSockets: what a delivery costs, and how long it takes."""

from __future__ import annotations

import asyncio
from itertools import product

import asyncpg

from benchmarks.bench import Bench
from benchmarks.closed_loop import percentile, send_all
from benchmarks.open_loop import offer
from benchmarks.processes import cpu_s
from benchmarks.recording import Figures, Recording
from benchmarks.requests import made_up_users
from benchmarks.rounds import ROUND_MAX_S
from benchmarks.targets import Shape, Target
from benchmarks.watchers import Screens
from scoreboard.domain.identifiers import UserId

WATCHERS, QUICK_WATCHERS = (1_000, 2_000), (50,)
RATES_PER_S = (10, 20)
"""At 10 each change comes after quiet and is shown at once; 20 are all that the tick of 50 ms lets
through, so that a change waits for its turn."""

UPDATES_S, QUICK_UPDATES_S = 10, 1
SETTLE_S = 1.0
LEAD = 1_000_000
"""More than everybody else has."""

API = "api + relay"
LEADER = UserId("ffffffff-0000-4000-8000-000000000001")
SCORE = "SELECT coalesce(max(score), 0) FROM user_scores WHERE user_id = $1"
EVENTS = """SELECT score_after, created_at FROM score_events
    WHERE user_id = $1 AND score_after > $2 ORDER BY event_id"""


def run(bench: Bench) -> None:
    """The gateway in a process of its own; one leader whose every increment is shown."""
    watchers = QUICK_WATCHERS if bench.options.quick else WATCHERS
    shape = Shape("gateway", roles="gateway", apart={API: "api,relay"})
    with bench.targets() as starter:
        target = starter.product(shape)
        signer, port = bench.signer(target), target.other_ports[API]
        asyncio.run(send_all(port, signer.one_each(made_up_users()), 8))
        asyncio.run(send_all(port, signer.increments([LEADER], 1, delta=LEAD), 1))
        for number in bench.rounds:
            for count, per_s in product(watchers, RATES_PER_S):
                measuring = _round(bench, target, count, per_s)
                figures = asyncio.run(asyncio.wait_for(measuring, ROUND_MAX_S))
                bench.recording.note("gateway", _condition(count, per_s), number, figures)
    for count, per_s in product(watchers, RATES_PER_S):
        _add_lines(bench.recording, count, per_s)


def _add_lines(recording: Recording, count: int, per_s: int) -> None:
    condition = _condition(count, per_s)
    label = f"gateway: CPU of a delivery, {condition}"
    recording.value(label, "CPU per delivery µs", "gateway", condition, unit="µs")
    for name in ("p50", "p99"):
        goal = "screen" if name == "p99" and per_s == RATES_PER_S[0] else ""
        label = f"commit → screen, {name}, {condition}"
        recording.value(label, f"{name} ms", "gateway", condition, unit="ms", goal=goal)


async def _round(bench: Bench, target: Target, count: int, per_s: int) -> Figures:
    """The leader raises his score so often; every list that arrives is noted."""
    updates = per_s * bench.options.pick(UPDATES_S, QUICK_UPDATES_S)
    requests = bench.signer(target).increments([LEADER], updates, delta=1)
    connection = await asyncpg.connect(target.database_url)
    screens = Screens()
    try:
        led_by = await connection.fetchval(SCORE, LEADER)
        await screens.open(target.port, count)
        await asyncio.sleep(SETTLE_S)  # the first lists are no update
        screens.arrivals.clear()
        before_s = cpu_s(*target.pids)
        outcome = await offer((target.other_ports[API],), requests, per_s, 8)
        await asyncio.sleep(SETTLE_S)
        used_s = cpu_s(*target.pids) - before_s
        lost = screens.lost
        commits = [(row[0], row[1]) for row in await connection.fetch(EVENTS, LEADER, led_by)]
    finally:
        screens.close()
        await connection.close()
    if len(commits) < updates or lost:
        raise RuntimeError(f"{lost} watchers were lost; the service refused {outcome.refused}")
    found = screens.latencies_s(commits)
    return {
        "deliveries": float(screens.deliveries),
        "CPU per delivery µs": used_s / max(1, screens.deliveries) * 1e6,
        "p50 ms": percentile(found, 50) * 1000,
        "p99 ms": percentile(found, 99) * 1000,
        "different lists": float(len(screens.arrivals)),
        "client's core %": outcome.busy * 100,
    }


def _condition(count: int, per_s: int) -> str:
    return f"{count:,} WebSockets × {per_s} updates/s"
