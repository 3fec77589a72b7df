"""Reads in a closed loop beside a bare handler that answers with a constant of the same size."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.requests import made_up_users, reads_of_standings, reads_of_top
from benchmarks.rounds import load
from benchmarks.targets import Shape, Starter, Target

CONNECTIONS = 64
REQUESTS, QUICK_REQUESTS = 20_000, 2_000
USERS = 2_000
TOP, STANDING = "GET /scores/top", "GET /scores/{id}"


def run(bench: Bench) -> None:
    """Both reads of every target in turn, over 64 connections."""
    with bench.targets() as starter:
        targets = _start(bench, starter)
        for number in bench.rounds:
            for target in targets:
                _round(bench, target, number)
    recording = bench.recording
    for condition, goal in ((TOP, "top"), (STANDING, "standing")):
        for figure, what, wanted in (("answers/s", "rate", goal), ("server µs", "CPU", "")):
            ours = ("serve", condition)
            label = f"serve / bare: {what} of {condition}"
            recording.ratio(label, figure, ours, ("bare", condition), goal=wanted)
        if not bench.servers.amqp_missing:
            label = f"serve / naive: rate of {condition}"
            recording.ratio(label, "answers/s", ("serve", condition), ("naive", condition))


def _start(bench: Bench, starter: Starter) -> list[Target]:
    """Each store holds a score of every user before anything is read."""
    naive = [] if bench.servers.amqp_missing else [starter.naive()]
    services = [*naive, starter.product(Shape("serve"))]
    for each in services:
        load(each, bench.servers, bench.signer(each).one_each(made_up_users(USERS)), CONNECTIONS)
    return [starter.bare(), *services]


def _round(bench: Bench, target: Target, number: int) -> None:
    count = bench.options.pick(REQUESTS, QUICK_REQUESTS)
    users = made_up_users(USERS)
    for condition, requests in (
        (TOP, reads_of_top(count)),
        (STANDING, reads_of_standings(users, count)),
    ):
        figures = load(target, bench.servers, requests, CONNECTIONS)
        bench.recording.note(target.name, condition, number, figures)
