"""Half of all watchers lose their connection at once and come back to the instance that lives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.beside import Beside
from benchmarks.closed_loop import percentile
from benchmarks.leader import LEADERS, crown
from benchmarks.open_loop import Outcome, offer
from benchmarks.plot import Curve, Panel, draw
from benchmarks.processes import OTHERS_CORE, SERVER_CORE, pin
from benchmarks.recording import Figures
from benchmarks.requests import made_up_users
from benchmarks.returning import Crowd, Report, come_back
from benchmarks.rounds import ROUND_MAX_S
from benchmarks.targets import Shape, Target

CLIENTS, QUICK_CLIENTS = 5_000, 100
INCREMENTS_PER_S, CONNECTIONS = 200, 64
CHANGES_PER_S = 2
"""Of the board; the increments are of users far below it."""

BEFORE_S, QUICK_BEFORE_S = 6, 2
AFTER_S, QUICK_AFTER_S = 22, 5
SETTLE_S = 1.5
WAYS = {"killed": signal.SIGKILL, "drained": signal.SIGTERM}
SHOWN_BEFORE_S, SHOWN_MIN_S, STEP_S = 2.0, 4.0, 0.5
"""The picture: from so long before the cut until so long after it, at least; p99 by steps."""

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "storm.svg"


@dataclass(frozen=True)
class Storm:
    """One of them; `cut_s` in Unix seconds."""

    cut_s: float
    outcome: Outcome
    report: Report

    @property
    def ways_back_s(self) -> list[float]:
        """From the cut until each lost client showed the true board again."""
        return [each.shown_s - self.cut_s for each in self.report.returns]

    def p99_s(self, from_s: float, to_s: float) -> float:
        """Of the increments that were due within, in Unix seconds."""
        outcome = self.outcome
        pairs = zip(outcome.dues_s, outcome.latencies_s, strict=True)
        return percentile(
            [took for due, took in pairs if from_s <= outcome.start_s + due < to_s], 99
        )

    def figures(self) -> Figures:
        """What the table is made of."""
        back_s = self.ways_back_s
        before_s = self.p99_s(self.outcome.start_s, self.cut_s)
        during_s = self.p99_s(self.cut_s, self.cut_s + max(back_s))
        return {
            "lost": float(len(back_s)),
            "median s": median(back_s),
            "max s": max(back_s),
            "attempts": sum(each.attempts for each in self.report.returns) / len(back_s),
            "p99 before ms": before_s * 1000,
            "p99 during ms": during_s * 1000,
            "p99 during / before": during_s / before_s,
            "clients' core %": 100 * self.report.busy,
            **{f"refused {code}": float(n) for code, n in self.outcome.refused.items()},
        }


def run(bench: Bench) -> None:
    """Two instances and twice a cut; each time new ones."""
    storms: dict[str, Storm] = {}
    for number in bench.rounds:
        for way, stop in WAYS.items():
            with bench.targets() as starter:
                target = starter.product(Shape("2 instances", instances=2))
                storming = _storm(bench, _prepared(bench, target), stop)
                storms[way] = asyncio.run(asyncio.wait_for(storming, ROUND_MAX_S))
            bench.recording.note("1 of 2 instances", way, number, storms[way].figures())
    for way in WAYS:
        _add_lines(bench, way)
    image = bench.results_folder / IMAGE.name if bench.options.quick else IMAGE
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_text(_draw(storms["killed"]), "utf-8")
    bench.recording.tell(f"wrote {image}")


def _prepared(bench: Bench, target: Target) -> Target:
    """The first instance leads the relay, and will end; the one that lives has its core alone."""
    leading, living = target.pids
    pin(leading, OTHERS_CORE)
    pin(living, SERVER_CORE)
    crown(bench, target, target.ports[1], leaders=len(LEADERS))
    return target


async def _storm(bench: Bench, target: Target, stop: signal.Signals) -> Storm:
    options, refuge = bench.options, target.ports[1]
    before_s = options.pick(BEFORE_S, QUICK_BEFORE_S)
    lasts_s = before_s + options.pick(AFTER_S, QUICK_AFTER_S)
    signer = bench.signer(target)
    increments = signer.increments(made_up_users(), INCREMENTS_PER_S * lasts_s)
    changes = signer.increments(LEADERS, CHANGES_PER_S * lasts_s, delta=1)
    crowd = Crowd(target.ports, refuge, options.pick(CLIENTS, QUICK_CLIENTS))
    with Beside[Report](come_back, crowd) as clients:
        clients.collect()
        offering = asyncio.gather(
            offer((refuge,), increments, INCREMENTS_PER_S, CONNECTIONS),
            offer((refuge,), changes, CHANGES_PER_S, CHANGES_PER_S),
        )
        await asyncio.sleep(before_s)
        cut_s = time.time()
        os.kill(target.pids[0], stop)
        outcome, _ = await offering
        await asyncio.sleep(SETTLE_S)
        report = clients.collect()
        _check(report, crowd, await asyncio.to_thread(_true_rows, refuge))
    return Storm(cut_s, outcome, report)


def _check(report: Report, crowd: Crowd, rows: list[tuple[str, int, int]]) -> None:
    """Raises RuntimeError unless everybody is back and shows what is true."""
    away = sum(not each.shown_s for each in report.returns)
    wrong = sum(n for (_, _, shown), n in report.boards.items() if list(shown) != rows)
    if away or wrong or not report.returns:
        raise RuntimeError(
            f"{len(report.returns):,} of {crowd.count:,} were lost, {away:,} did not come back, "
            f"{wrong:,} show a wrong board; {dict(report.failures)}"
        )


def _true_rows(port: int) -> list[tuple[str, int, int]]:
    url = f"http://127.0.0.1:{port}/scores/top?limit=10"
    with urllib.request.urlopen(url, timeout=10) as answer:
        entries = json.load(answer)["entries"]
    return [(each["userId"], each["score"], each["rank"]) for each in entries]


def _add_lines(bench: Bench, way: str) -> None:
    def add(label: str, figure: str, unit: str, goal: str) -> None:
        name = f"an instance is {way}: {label}"
        bench.recording.value(name, figure, "1 of 2 instances", way, unit=unit, goal=goal)

    add("half of its watchers are back on the true board after", "median s", "s", "median back")
    add("all of its watchers are back on the true board after", "max s", "s", "all back")
    label = "p99 of increments until then / before"
    add(label, "p99 during / before", "×", "increments in a storm")


def _draw(storm: Storm) -> str:
    """Seconds count from a little before the cut."""
    start_s = storm.cut_s - SHOWN_BEFORE_S
    lasts_s = SHOWN_BEFORE_S + max(SHOWN_MIN_S, 1.5 * max(storm.ways_back_s))
    samples = [(at - start_s, here, true) for at, here, true in storm.report.samples]
    samples = [each for each in samples if 0 <= each[0] <= lasts_s]
    connected = Curve("connected", [(at, here) for at, here, _ in samples], 0)
    current = Curve("on the true board", [(at, true) for at, _, true in samples], 1)
    steps = [STEP_S * number for number in range(int(lasts_s / STEP_S))]
    p99 = [
        (each + STEP_S / 2, 1000 * storm.p99_s(start_s + each, start_s + each + STEP_S))
        for each in steps
    ]
    latency = Curve("p99", p99, 2)
    return draw(
        f"Storm: one of two instances is killed after {SHOWN_BEFORE_S:g} s",
        "time",
        [
            Panel("WebSockets", [connected, current], is_logarithmic=False),
            Panel("Increments at the other one, by half seconds", [latency], is_logarithmic=True),
        ],
        " s",
    )
