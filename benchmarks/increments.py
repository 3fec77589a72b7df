"""Increments per second of one `serve` process beside a bare aiohttp handler, in one run.

    python -m benchmarks.increments [--connections 64] [--rounds 5] [--requests 20000]

Server alone on core 0; PostgreSQL (fsync on), Redis and the load on core 1. Private servers are
started and stopped; nothing but 127.0.0.1 is spoken to.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
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


def main() -> None:
    """Prints a line per round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        _pin(os.getpid(), 1)
        ports = _start_servers(stack, folder)
        keys = load_keys(folder / "keys.json")
        _run(ports, keys, options)


def _run(ports: tuple[int, int, int, int], keys: KeyRing, options: argparse.Namespace) -> None:
    product_port, product_pid, bare_port, bare_pid = ports
    rates: list[tuple[float, float]] = []
    costs: list[tuple[float, float]] = []
    for number in range(1, options.rounds + 1):
        bare = _round("bare", bare_port, bare_pid, _requests(keys, options.requests), options)
        ours = _round(
            "serve", product_port, product_pid, _requests(keys, options.requests), options
        )
        rates.append((ours[0], bare[0]))
        costs.append((ours[1], bare[1]))
        print(f"round {number}: {ours[0] / bare[0]:.2f} of the bare handler's rate")
    print(
        f"median: {median(r[0] for r in rates):,.0f} increments/s, bare "
        f"{median(r[1] for r in rates):,.0f}/s; CPU of the process per request "
        f"{median(c[0] for c in costs):.0f} µs, bare {median(c[1] for c in costs):.0f} µs; "
        f"ratio of rates {median(r[0] / r[1] for r in rates):.2f}, "
        f"of CPU {median(c[0] / c[1] for c in costs):.2f}"
    )


def _round(
    name: str, port: int, pid: int, requests: list[bytes], options: argparse.Namespace
) -> tuple[float, float]:
    count = len(requests)
    before_s = _cpu_s(pid)
    result: Result = asyncio.run(send_all(port, requests, options.connections))
    cpu_us = (_cpu_s(pid) - before_s) / count * 1e6
    assert set(result.statuses) == {200}, result.statuses
    print(
        f"  {name:5} {result.per_s:8,.0f}/s  p50 {result.percentile_ms(50):6.1f} ms  "
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


def _start_servers(stack: contextlib.ExitStack, folder: Path) -> tuple[int, int, int, int]:
    postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
    redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
    asyncio.run(migrate(postgres.url()))
    write_keys(folder / "keys.json", generate_keys("hs256"))
    port, admin_port, bare_port = _free_ports(3)
    environment = {
        **os.environ,
        "SCOREBOARD_DATABASE_URL": postgres.url(),
        "SCOREBOARD_REDIS_URL": redis.url(),
        "SCOREBOARD_KEYS_FILE": str(folder / "keys.json"),
        "SCOREBOARD_PORT": str(port),
        "SCOREBOARD_ADMIN_PORT": str(admin_port),
        "SCOREBOARD_RATE_IP_PER_S": "1000000",
        "SCOREBOARD_RATE_IP_BURST": "1000000",
        "SCOREBOARD_RATE_USER_PER_S": "1000000",
        "SCOREBOARD_RATE_USER_BURST": "1000000",
    }
    log = stack.enter_context((folder / "serve.log").open("w"))
    serve = stack.enter_context(
        _process([sys.executable, "-m", "cli.main", "serve"], log, environment)
    )
    bare = stack.enter_context(
        _process([sys.executable, "-m", "benchmarks.bare", str(bare_port)], log, environment)
    )
    for pid, waited_port in ((serve, port), (bare, bare_port)):
        _wait_for(waited_port)
        _pin(pid, 0)
    return port, serve, bare_port, bare


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
