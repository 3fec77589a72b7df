"""Increments in a closed loop: the product beside the bare handler and the hand-written service."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.recording import Figures
from benchmarks.requests import made_up_users
from benchmarks.rounds import load, stores_us
from benchmarks.targets import Shape, Starter, Target

CONNECTIONS = (64, 256)
REQUESTS, QUICK_REQUESTS = 20_000, 2_000
WARM_UP = 500

BARE, OWN, PYJWT, NAIVE = "bare", "bare + own verifier", "bare + 2 × PyJWT", "naive"
SERVE = Shape("serve")
APART = Shape("api + relay", roles="api,gateway", apart={"relay": "relay"})
WORKERS = Shape("2 workers", workers=2)
ED25519 = Shape("serve, Ed25519", profile="ed25519")

RATE, SERVER, STORES = "answers/s", "server µs", "server + PostgreSQL + Redis µs"
EVENTS = "events/s of relay's CPU"

RATIOS = (
    ("serve / bare: increments/s", RATE, SERVE.name, BARE, ""),
    ("2 workers / serve: increments/s", RATE, WORKERS.name, SERVE.name, "two workers"),
    ("Ed25519 / HS256: increments/s", RATE, ED25519.name, SERVE.name, "ed25519"),
    ("bare + own verifier / bare: requests/s", RATE, OWN, BARE, ""),
    ("bare + 2 × PyJWT / bare: requests/s", RATE, PYJWT, BARE, ""),
    ("serve / bare: CPU of the server", SERVER, SERVE.name, BARE, "server cpu"),
    ("api / bare: CPU of the server, relay apart", SERVER, APART.name, BARE, "server cpu"),
    (
        "serve / bare: CPU of server, PostgreSQL and Redis",
        STORES,
        SERVE.name,
        BARE,
        "server and stores cpu",
    ),
)
"""Label, figure, ours, theirs, goal."""

RELAY = (
    ("events per CPU second", EVENTS, "/s", "relay"),
    ("oldest row of the outbox", "outbox age s", "s", "outbox age"),
)
"""Label, figure, unit, goal."""


def run(bench: Bench) -> None:
    """Every target in turn, over 64 and over 256 connections."""
    with bench.targets() as starter:
        targets = _start(starter, has_rabbitmq=not bench.servers.amqp_missing)
        for target in targets:
            load(target, bench.servers, _requests(bench, target, WARM_UP), CONNECTIONS[0])
        for number in bench.rounds:
            for connections in CONNECTIONS:
                _round(bench, targets, number, connections)
    for connections in CONNECTIONS:
        _add_lines(bench, connections)
    bench.recording.value(
        "serve: resident memory after full load",
        "server MB",
        SERVE.name,
        _condition(CONNECTIONS[-1]),
        unit="MB",
        goal="memory",
    )


def _start(starter: Starter, *, has_rabbitmq: bool) -> list[Target]:
    bare = [starter.bare(), starter.bare("own"), starter.bare("pyjwt")]
    naive = [starter.naive()] if has_rabbitmq else []
    return [*bare, *naive, *map(starter.product, (SERVE, APART, WORKERS, ED25519))]


def _round(bench: Bench, targets: list[Target], number: int, connections: int) -> None:
    usual = bench.options.pick(REQUESTS, QUICK_REQUESTS)
    for target in targets:
        requests = _requests(bench, target, int(usual * target.weight))
        figures = load(target, bench.servers, requests, connections)
        bench.recording.note(target.name, _condition(connections), number, _with_sums(figures))


def _requests(bench: Bench, target: Target, count: int) -> list[bytes]:
    return bench.signer(target).increments(made_up_users(), count)


def _with_sums(figures: Figures) -> Figures:
    relay_us = figures.get("relay µs")
    events = {EVENTS: 1e6 / relay_us} if relay_us else {}
    return {**figures, STORES: stores_us(figures), **events}


def _add_lines(bench: Bench, connections: int) -> None:
    """The table: rates, then CPU, then the relay."""
    recording, condition = bench.recording, _condition(connections)

    def ratio(label: str, figure: str, ours: str, theirs: str, goal: str = "") -> None:
        shown = f"{label}, {connections} connections"
        recording.ratio(shown, figure, (ours, condition), (theirs, condition), goal=goal)

    for name in (SERVE.name, APART.name):
        if bench.servers.amqp_missing:
            recording.missing(f"{name} / naive: increments/s", bench.servers.amqp_missing)
        else:
            ratio(f"{name} / naive: increments/s", RATE, name, NAIVE, f"naive at {connections}")
    for label, figure, ours, theirs, goal in RATIOS:
        ratio(label, figure, ours, theirs, goal)
    for label, figure, unit, goal in RELAY:
        shown = f"relay: {label}, {connections} connections"
        recording.value(shown, figure, APART.name, condition, unit=unit, goal=goal)


def _condition(connections: int) -> str:
    return f"× {connections}"
