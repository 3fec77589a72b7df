"""How long one increment takes: at half capacity, alone, and where all are of one user."""

from __future__ import annotations

import asyncio

from benchmarks.bench import Bench
from benchmarks.open_loop import offer
from benchmarks.requests import made_up_users
from benchmarks.rounds import load, wait_until_relayed
from benchmarks.targets import Shape, Target

CONNECTIONS = 64
OPEN_CONNECTIONS = 512
REQUESTS, QUICK_REQUESTS = 10_000, 1_000
LONE, QUICK_LONE = 500, 100
OPEN_S, QUICK_OPEN_S = 10, 2
CLOSED, OPEN, ALONE = "closed loop", "open loop at half capacity", "alone"
SPREAD, HOT = "1,000 users", "one hot user"


def run(bench: Bench) -> None:
    """One instance for the latencies; then two instances that share one hot user."""
    with bench.targets() as starter:
        target = starter.product(Shape("serve"))
        load(target, bench.servers, _increments(bench, target, QUICK_REQUESTS), CONNECTIONS)
        for number in bench.rounds:
            _round(bench, target, number)
    with bench.targets() as starter:
        target = starter.product(Shape("2 instances", instances=2))
        load(target, bench.servers, _increments(bench, target, QUICK_REQUESTS), CONNECTIONS)
        for number in bench.rounds:
            _hot_round(bench, target, number)
    recording = bench.recording
    recording.value(
        "serve: p99 of an open loop at half capacity, from the scheduled time",
        "p99 ms",
        "serve",
        OPEN,
        unit="ms",
        goal="open loop",
    )
    label = "serve: p50 of a lone increment on an idle service"
    recording.value(label, "p50 ms", "serve", ALONE, unit="ms", goal="lone")
    recording.ratio(
        "2 instances: increments/s of one hot user / of 1,000 users",
        "answers/s",
        ("2 instances", HOT),
        ("2 instances", SPREAD),
        goal="hot user",
    )


def _round(bench: Bench, target: Target, number: int) -> None:
    options, recording = bench.options, bench.recording
    count = options.pick(REQUESTS, QUICK_REQUESTS)
    closed = load(target, bench.servers, _increments(bench, target, count), CONNECTIONS)
    recording.note(target.name, CLOSED, number, closed)
    lone = _increments(bench, target, options.pick(LONE, QUICK_LONE))
    recording.note(target.name, ALONE, number, load(target, bench.servers, lone, 1))
    per_s = closed["answers/s"] / 2
    requests = _increments(bench, target, int(per_s * options.pick(OPEN_S, QUICK_OPEN_S)))
    outcome = asyncio.run(offer(target.ports, requests, per_s, OPEN_CONNECTIONS))
    asyncio.run(wait_until_relayed(target))
    figures = {
        "offered/s": per_s,
        "answers/s": outcome.goodput_per_s,
        "p50 ms": outcome.percentile_ms(50),
        "p99 ms": outcome.percentile_ms(99),
        "not answered": float(outcome.offered - len(outcome.latencies_s)),
    }
    recording.note(target.name, OPEN, number, figures)


def _hot_round(bench: Bench, target: Target, number: int) -> None:
    count = bench.options.pick(REQUESTS, QUICK_REQUESTS)
    for condition, users in ((SPREAD, made_up_users()), (HOT, made_up_users(1))):
        requests = bench.signer(target).increments(users, count)
        figures = load(target, bench.servers, requests, CONNECTIONS)
        bench.recording.note(target.name, condition, number, figures)


def _increments(bench: Bench, target: Target, count: int) -> list[bytes]:
    return bench.signer(target).increments(made_up_users(), count)
