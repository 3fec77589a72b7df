"""More than the service bears, in an open loop: what still gets through, and how the rest ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.open_loop import Outcome, offer
from benchmarks.plot import Curve, Panel, draw
from benchmarks.requests import made_up_users
from benchmarks.rounds import load, wait_until_relayed
from benchmarks.targets import Shape, Target

FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
QUICK_FACTORS = (0.5, 1.0, 3.0)
CONNECTIONS, QUICK_CONNECTIONS = 6_000, 500
LEVEL_S, QUICK_LEVEL_S = 5, 1
REQUESTS, QUICK_REQUESTS = 15_000, 2_000
CLOSED_CONNECTIONS = 256
CLOSED = "closed loop"
REFUSED = "refused "
IMAGE = Path(__file__).parents[2] / "docs" / "images" / "overload.svg"


def run(bench: Bench) -> None:
    """Capacity in a closed loop, then every level of offered load."""
    factors = QUICK_FACTORS if bench.options.quick else FACTORS
    with bench.targets() as starter:
        target = starter.product(Shape("serve"))
        for number in bench.rounds:
            capacity_per_s = _measure_capacity(bench, target, number)
            for factor in factors:
                _level(bench, target, number, factor, capacity_per_s)
    _add_lines(bench, factors)
    image = bench.results_folder / "overload.svg" if bench.options.quick else IMAGE
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_text(_draw(bench, factors), "utf-8")
    bench.recording.tell(f"wrote {image}")


def _measure_capacity(bench: Bench, target: Target, number: int) -> float:
    count = bench.options.pick(REQUESTS, QUICK_REQUESTS)
    requests = bench.signer(target).increments(made_up_users(), count)
    figures = load(target, bench.servers, requests, CLOSED_CONNECTIONS)
    bench.recording.note(target.name, CLOSED, number, figures)
    return figures["answers/s"]


def _level(bench: Bench, target: Target, number: int, factor: float, capacity_per_s: float) -> None:
    per_s = factor * capacity_per_s
    lasts_s = bench.options.pick(LEVEL_S, QUICK_LEVEL_S)
    requests = bench.signer(target).increments(made_up_users(), int(per_s * lasts_s))
    connections = bench.options.pick(CONNECTIONS, QUICK_CONNECTIONS)
    outcome = asyncio.run(offer(target.ports, requests, per_s, connections))
    asyncio.run(wait_until_relayed(target))
    bench.recording.note(target.name, _condition(factor), number, _figures(outcome, per_s))


def _figures(outcome: Outcome, per_s: float) -> dict[str, float]:
    lasts_s = outcome.lasts_s
    return {
        "offered/s": per_s,
        "goodput/s": outcome.goodput_per_s,
        "p50 ms": outcome.percentile_ms(50),
        "p99 ms": outcome.percentile_ms(99),
        "no answer/s": outcome.no_answer / lasts_s,
        "not sent/s": outcome.not_sent / lasts_s,
        "client's core %": outcome.busy * 100,
        **{f"{REFUSED}{code}/s": n / lasts_s for code, n in sorted(outcome.refused.items())},
    }


def _condition(factor: float) -> str:
    return f"{factor:g} × capacity"


def _add_lines(bench: Bench, factors: tuple[float, ...]) -> None:
    recording = bench.recording
    rates = [recording.values("goodput/s", "serve", _condition(each)) for each in factors]
    kept = [100 * levels[-1] / max(levels) for levels in zip(*rates, strict=True) if max(levels)]
    label = f"serve: goodput at {factors[-1]:g} × capacity, of its peak"
    recording.add(label, kept, unit="%", goal="overload")
    label = f"serve: p99 of what is accepted at {factors[-1]:g} × capacity"
    recording.value(label, "p99 ms", "serve", _condition(factors[-1]), unit="ms")


def _draw(bench: Bench, factors: tuple[float, ...]) -> str:
    samples = [each for each in bench.recording.samples if each.section == bench.recording.section]

    def curve(name: str, figure: str, tone: int) -> Curve:
        points = []
        for factor in factors:
            found = [each.figures for each in samples if each.condition == _condition(factor)]
            points.append((factor, median(each.get(figure, 0.0) for each in found)))
        return Curve(name, points, tone)

    codes = dict.fromkeys(
        name for each in samples for name in each.figures if name.startswith(REFUSED)
    )
    rates = [curve("offered", "offered/s", 3), curve("goodput", "goodput/s", 0)]
    rates += [curve(name.removesuffix("/s"), name, 1) for name in codes]
    rates.append(curve("no free connection", "not sent/s", 2))
    latencies = [curve("p50", "p50 ms", 0), curve("p99", "p99 ms", 1)]
    return draw(
        "Overload: what one serve process does with more than it bears",
        "offered load, as a multiple of the capacity",
        [
            Panel("Requests per second", rates, is_logarithmic=False),
            Panel("Latency of what is accepted", latencies, is_logarithmic=True),
        ],
    )
