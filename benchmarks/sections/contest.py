"""The gateway beside nchan and beside `asyncio.gather`: a part of the section `fanout`."""

from __future__ import annotations

import asyncio
from functools import partial

from benchmarks import nchan
from benchmarks.bench import Bench
from benchmarks.contenders import (
    Contender,
    Stage,
    Stretch,
    doubt,
    limit_figures,
    steady_figures,
)
from benchmarks.made_up_boards import full_changes, messages, small_changes
from benchmarks.publishing import over_bus, over_http
from benchmarks.ramp import Level
from benchmarks.rounds import ROUND_MAX_S
from benchmarks.targets import Shape, Starter

SOCKETS, QUICK_SOCKETS = 2_000, 50
STEADY_PER_S, STEADY_S, QUICK_STEADY_S = 10, 8, 1
LEVELS = (5.0, 10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0, 120.0, 160.0, 200.0, 300.0, 400.0)
QUICK_LEVELS = (10.0, 20.0)
LEVEL_S, QUICK_LEVEL_S = 3, 1
STEADY, LIMIT = f"{STEADY_PER_S} updates/s", "as many updates as it bears"

NCHAN, GATHER = "nchan", "gather"
BOARDS, DELTAS = "gateway, boards", "gateway, deltas"
RATE, CPU, SIZE = "deliveries/s", "CPU per delivery µs", "bytes per delivery"


def compare(bench: Bench) -> None:
    """Each in turn, on the same core, before as many WebSockets."""
    with bench.targets() as starter:
        contenders = _start(bench, starter)
        for number in bench.rounds:
            for each in contenders:
                _round(bench, each, number)
    names = [each.name for each in contenders]
    for ours in (BOARDS, DELTAS):
        for theirs in (NCHAN, GATHER):
            _add_ratios(bench, ours, theirs, is_there=theirs in names)
    label = "deltas / boards: bytes per delivery"
    recording = bench.recording
    recording.ratio(label, SIZE, (DELTAS, STEADY), (GATHER, STEADY), goal="delta bytes")
    for name in names:
        recording.value(f"{name}: most deliveries/s", RATE, name, LIMIT, unit="/s")
        recording.value(f"{name}: CPU of a delivery, {STEADY}", CPU, name, STEADY, unit="µs")


def _start(bench: Bench, starter: Starter) -> list[Contender]:
    """The gateways are told by this process, not by a relay: nobody else's pace counts."""
    by_post = [starter.gather(), *([starter.nchan()] if nchan.find() else [])]
    contenders = [
        Contender(each.name, each, messages(full_changes()), partial(over_http, each.port))
        for each in by_post
    ]
    for name, boards in ((BOARDS, full_changes()), (DELTAS, small_changes())):
        target = starter.product(Shape(name, roles="gateway"))
        publishing = partial(over_bus, target, bench.servers)
        contenders.append(Contender(name, target, messages(boards), publishing))
    return contenders


def _round(bench: Bench, contender: Contender, number: int) -> None:
    options = bench.options
    levels = QUICK_LEVELS if options.quick else LEVELS

    async def measure() -> tuple[Stretch, Level | None]:
        async with asyncio.timeout(ROUND_MAX_S), contender.publishing() as publish:
            with Stage(contender, publish, options.pick(SOCKETS, QUICK_SOCKETS)) as stage:
                steady = await stage.play(STEADY_PER_S, options.pick(STEADY_S, QUICK_STEADY_S))
                limit = await stage.climb(levels, options.pick(LEVEL_S, QUICK_LEVEL_S))
        return steady, limit

    steady, limit = asyncio.run(measure())
    bench.recording.note(contender.name, STEADY, number, steady_figures(steady))
    bench.recording.note(contender.name, LIMIT, number, limit_figures(limit))
    why = doubt(limit, levels)
    if why:
        text = f"{contender.name} may bear more than the table says, round {number}: {why}"
        bench.recording.remark(text)


def _add_ratios(bench: Bench, ours: str, theirs: str, *, is_there: bool) -> None:
    recording = bench.recording
    rate, cpu = f"{ours} / {theirs}: most deliveries/s", f"{ours} / {theirs}: CPU of a delivery"
    goals = (f"deliveries of {theirs}", "CPU of nchan" if theirs == NCHAN else "")
    if not is_there:
        recording.missing(rate, nchan.MISSING, goals[0])
        return
    recording.ratio(rate, RATE, (ours, LIMIT), (theirs, LIMIT), goal=goals[0])
    recording.ratio(cpu, CPU, (ours, STEADY), (theirs, STEADY), goal=goals[1])
