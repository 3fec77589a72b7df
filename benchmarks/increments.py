"""Increments per second of one `serve` process beside a bare aiohttp handler, in one run.

    python -m benchmarks.increments [--connections 64] [--rounds 5] [--requests 20000] [--workers 2]

Server alone on core 0; PostgreSQL (fsync on), Redis and the load on core 1. With --workers N a
second service with so many processes, on all cores, takes its turn in each round. Private servers
are started and stopped; nothing but 127.0.0.1 is spoken to.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.closed_loop import Result, send_all
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.redis import EmbeddedRedis
from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.keys import load_keys, write_keys
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.ledger.migrations import migrate

USERS = 1000
HEAD = "POST /scores/increment HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@dataclass(frozen=True)
class Target:
    """What takes the load, and the processes whose CPU is counted."""

    name: str
    port: int
    pids: tuple[int, ...]


def main() -> None:
    """Prints a line per round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        _pin(os.getpid(), 1)
        targets = _start_servers(stack, folder, options.workers)
        _run(targets, load_keys(folder / "keys.json"), options)


def _run(targets: list[Target], keys: KeyRing, options: argparse.Namespace) -> None:
    rates: dict[str, list[float]] = {each.name: [] for each in targets}
    costs: dict[str, list[float]] = {each.name: [] for each in targets}
    for number in range(1, options.rounds + 1):
        for target in targets:
            rate, cost_us = _round(target, _requests(keys, options.requests), options.connections)
            rates[target.name].append(rate)
            costs[target.name].append(cost_us)
        print(f"round {number}: {rates['serve'][-1] / rates['bare'][-1]:.2f} of the bare handler's")
    for name, values in costs.items():
        print(f"median, {name}: {median(rates[name]):,.0f}/s, CPU {median(values):.0f} µs each")
    for name in [each for each in rates if each != "serve"]:
        print(
            f"serve beside {name}: {_ratio(rates['serve'], rates[name]):.2f} of its rate, "
            f"{_ratio(costs['serve'], costs[name]):.2f} of its CPU"
        )


def _ratio(ours: list[float], others: list[float]) -> float:
    """Of each round, then the median: rounds are minutes apart, and machines vary."""
    return median(one / other for one, other in zip(ours, others, strict=True))


def _round(target: Target, requests: list[bytes], connections: int) -> tuple[float, float]:
    count = len(requests)
    before_s = sum(map(_cpu_s, target.pids))
    result: Result = asyncio.run(send_all(target.port, requests, connections))
    cpu_us = (sum(map(_cpu_s, target.pids)) - before_s) / count * 1e6
    assert set(result.statuses) == {200}, result.statuses
    print(
        f"  {target.name:9} {result.per_s:8,.0f}/s  p50 {result.percentile_ms(50):6.1f} ms  "
        f"p99 {result.percentile_ms(99):6.1f} ms  CPU {cpu_us:4.0f} µs each"
    )
    return result.per_s, cpu_us


def _requests(keys: KeyRing, count: int) -> list[bytes]:
    issuer = TokenIssuer(keys, "scoreboard")
    now_s = time.time()
    users = [UserId(str(uuid.UUID(int=number + 1))) for number in range(USERS)]
    bearers = {
        user: issuer.issue_bearer(subject=user, scopes=["scores:write"], life_s=900, now_s=now_s)
        for user in users
    }
    return [_request(issuer, user, bearers[user], now_s) for user in random.choices(users, k=count)]


def _request(issuer: TokenIssuer, user: UserId, bearer: str, now_s: float) -> bytes:
    granted = issuer.grant_action(
        user_id=user, board_id=MAIN_BOARD, delta=25, act="win", life_s=300, now_s=now_s
    )
    body = f'{{"userId":"{user}","delta":25,"actionToken":"{granted.token}"}}'
    return (
        f"{HEAD}Authorization: Bearer {bearer}\r\nX-Action-Nonce: {granted.nonce}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _start_servers(stack: contextlib.ExitStack, folder: Path, workers: int) -> list[Target]:
    redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
    write_keys(folder / "keys.json", generate_keys("hs256"))
    environment = {
        **os.environ,
        "SCOREBOARD_REDIS_URL": redis.url(),
        "SCOREBOARD_KEYS_FILE": str(folder / "keys.json"),
        "SCOREBOARD_RATE_IP_PER_S": "1000000",
        "SCOREBOARD_RATE_IP_BURST": "1000000",
        "SCOREBOARD_RATE_USER_PER_S": "1000000",
        "SCOREBOARD_RATE_USER_BURST": "1000000",
    }
    (bare_port,) = _free_ports(1)
    log = stack.enter_context((folder / "serve.log").open("w"))
    bare = stack.enter_context(
        _process([sys.executable, "-m", "benchmarks.bare", str(bare_port)], log, environment)
    )
    _wait_for(bare_port)
    _pin(bare, 0)
    targets = [Target("bare", bare_port, (bare,))]
    for count in sorted({1, workers}):
        # A service of its own: neither relays what the other counts.
        postgres = stack.enter_context(EmbeddedPostgres(folder / f"postgres-{count}"))
        asyncio.run(migrate(postgres.url()))
        environment["SCOREBOARD_DATABASE_URL"] = postgres.url()
        environment["SCOREBOARD_REDIS_PREFIX"] = f"scoreboard-{count}"
        targets.append(_start_service(stack, log, environment, count))
    return targets


def _start_service(
    stack: contextlib.ExitStack, log: object, environment: dict[str, str], workers: int
) -> Target:
    port, admin_port = _free_ports(2)
    addresses = {"SCOREBOARD_PORT": str(port), "SCOREBOARD_ADMIN_PORT": str(admin_port)}
    command = [sys.executable, "-m", "cli.main", "serve", "--workers", str(workers)]
    serve = stack.enter_context(_process(command, log, {**environment, **addresses}))
    _wait_for(port)
    if workers == 1:
        _pin(serve, 0)
        return Target("serve", port, (serve,))
    pids = _wait_for_workers(admin_port)
    for number, pid in enumerate(pids):
        _pin(pid, number % (os.cpu_count() or 1))
    return Target(f"{workers} workers", port, (serve, *pids))


def _wait_for_workers(admin_port: int, timeout_s: float = 30) -> list[int]:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/workers") as answer:
            workers = json.load(answer)["workers"]
        if all(each["isServing"] for each in workers):
            return [each["pid"] for each in workers]
        time.sleep(0.05)
    raise TimeoutError("the workers do not serve")


@contextlib.contextmanager
def _process(command: list[str], log: object, environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # type: ignore[call-overload]
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, timeout_s: float = 30) -> None:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _pin(pid: int, core: int) -> None:
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(pid, {core})


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
