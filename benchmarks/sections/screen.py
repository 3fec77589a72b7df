"""From the commit to the screen, over two instances and RabbitMQ, at half of what they bear."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.closed_loop import percentile
from benchmarks.histogram import marker, shares
from benchmarks.leader import CONNECTIONS, LEADER, LEADERS, crown, watch
from benchmarks.open_loop import Outcome, offer
from benchmarks.plot import Panel, draw
from benchmarks.recording import Figures
from benchmarks.requests import made_up_users
from benchmarks.rounds import GOOD_SHARE, ROUND_MAX_S, load, wait_until_relayed
from benchmarks.targets import Shape, Target
from benchmarks.watchers import Screens, handshake
from benchmarks.watching import Plan

SCREENS, QUICK_SCREENS = 100, 10
"""Before each instance."""

REQUESTS, QUICK_REQUESTS = 10_000, 1_000
CLOSED_CONNECTIONS, OPEN_CONNECTIONS = 64, 512
SECONDS, QUICK_SECONDS = 15, 3
LEADER_PER_S = 7
"""No divisor of the 20 ticks in a second: his increments come at every moment between two."""

OTHERS_PER_S = 40
CALM, BUSY = "only the leader changes the board", "others change it at every tick"
CLOSED = "closed loop"
NAME = "2 instances"
SHOWN = 1.25
"""The picture ends at so many times the highest p99."""

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "screen.svg"


def run(bench: Bench) -> None:
    """Capacity first; then half of it, from users far below the board, while the leader scores."""
    if bench.servers.amqp_missing:
        bench.recording.missing("commit → screen", bench.servers.amqp_missing, "screen")
        return
    delays_s: dict[str, list[float]] = {CALM: [], BUSY: []}
    with bench.targets() as starter:
        target = starter.product(Shape(NAME, instances=2))
        crown(bench, target, target.port, leaders=len(LEADERS))
        for number in bench.rounds:
            _round(bench, target, number, delays_s)
    for condition in (CALM, BUSY):
        for name in ("p50", "p99"):
            label = f"commit → screen at half load, {name}: {condition}"
            goal = "screen" if name == "p99" else ""
            bench.recording.value(label, f"{name} ms", NAME, condition, unit="ms", goal=goal)
    image = bench.results_folder / IMAGE.name if bench.options.quick else IMAGE
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_text(_draw(delays_s), "utf-8")
    bench.recording.tell(f"wrote {image}")


def _round(bench: Bench, target: Target, number: int, delays_s: dict[str, list[float]]) -> None:
    count = bench.options.pick(REQUESTS, QUICK_REQUESTS)
    requests = bench.signer(target).increments(made_up_users(), count)
    closed = load(target, bench.servers, requests, CLOSED_CONNECTIONS)
    bench.recording.note(NAME, CLOSED, number, closed)
    for condition, others_per_s in ((CALM, 0), (BUSY, OTHERS_PER_S)):
        measuring = _measure(bench, target, closed["answers/s"] / 2, others_per_s)
        figures, found_s = asyncio.run(asyncio.wait_for(measuring, ROUND_MAX_S))
        bench.recording.note(NAME, condition, number, figures)
        delays_s[condition] += found_s
        asyncio.run(wait_until_relayed(target))


async def _measure(
    bench: Bench, target: Target, per_s: float, others_per_s: int
) -> tuple[Figures, list[float]]:
    with contextlib.ExitStack() as stack:
        count = bench.options.pick(SCREENS, QUICK_SCREENS)
        plans = [Plan(port, [handshake()] * count) for port in target.ports]
        screens = [stack.enter_context(Screens(each)) for each in plans]
        offering = _offer(bench, target, per_s, others_per_s)
        outcome, delays_s, arrivals = await watch(target.database_url, screens, offering)
    if len(outcome.latencies_s) < GOOD_SHARE * outcome.offered:
        raise RuntimeError(f"the service refused {dict(outcome.refused)}")
    figures = {
        "offered/s": per_s,
        "p50 ms": percentile(delays_s, 50) * 1000,
        "p99 ms": percentile(delays_s, 99) * 1000,
        "different lists": float(len(arrivals[0].by_frame)),
        "increments' p99 ms": outcome.percentile_ms(99),
        "client's core %": 100 * (outcome.busy + sum(each.busy for each in arrivals)),
    }
    return figures, delays_s


async def _offer(bench: Bench, target: Target, per_s: float, others_per_s: int) -> Outcome:
    """Half load; the leader beside it, and the other nine. What became of the half load."""
    signer, ports = bench.signer(target), target.ports
    seconds = bench.options.pick(SECONDS, QUICK_SECONDS)
    usual = signer.increments(made_up_users(), int(per_s * seconds))
    leading = signer.increments([LEADER], LEADER_PER_S * seconds, delta=1)
    others = signer.increments(LEADERS[1:], others_per_s * seconds, delta=1)
    offers = [
        offer(ports, usual, per_s, OPEN_CONNECTIONS),
        offer(ports, leading, LEADER_PER_S, CONNECTIONS),
    ]
    if others:
        offers.append(offer(ports, others, others_per_s, CONNECTIONS))
    outcome, *_ = await asyncio.gather(*offers)
    return outcome


def _draw(delays_s: dict[str, list[float]]) -> str:
    in_ms = {name: [1000 * each for each in delays_s[name]] for name in (CALM, BUSY)}
    p99_ms = {name: percentile(found, 99) for name, found in in_ms.items()}
    end_ms = SHOWN * max(p99_ms.values())
    curves = []
    for tone, (name, short) in enumerate(((CALM, "calm"), (BUSY, "busy"))):
        bars = shares(in_ms[name], end_ms, tone)
        curves += [bars, marker(f"{short}: p99 {p99_ms[name]:.0f} ms", p99_ms[name], bars)]
    return draw(
        "Commit → screen: two instances and RabbitMQ at half load",
        "from the commit until the change is on a screen",
        [Panel(f"Percent of screens. Calm: {CALM}. Busy: {BUSY}.", curves, is_logarithmic=False)],
        " ms",
    )
