"""`scoreboard cache rebuild` and `verify` beside plain pipelined ZADDs into the same Redis.

    python -m benchmarks.rebuild [--users 1000000] [--rounds 3]

Private servers are started and stopped. On a shared machine believe the ratios and the CPU time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from redis import Redis

from benchmarks.ledger_rows import fill
from benchmarks.processes import cpu_s
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.redis import EmbeddedRedis
from scoreboard.ledger.migrations import migrate

PIPELINE = 1000
COMMANDS = {
    "first rebuild": ("rebuild",),
    "rebuild aside": ("rebuild",),
    "verify": ("verify",),
}
"""In this order after Redis was emptied; the second finds ranks that are live."""


@dataclass(frozen=True)
class Servers:
    """What is measured."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis

    def cpu_s(self) -> dict[str, float]:
        """CPU time used so far; PostgreSQL's sessions count, ended ones too."""
        pids = {"PostgreSQL": self.postgres.pid, "Redis": self.redis.pid}
        return {name: cpu_s(pid) for name, pid in pids.items() if pid is not None}


def main() -> None:
    """Prints a line per command and round, and the medians of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with _servers() as servers:
        asyncio.run(migrate(servers.postgres.url()))
        asyncio.run(fill(servers.postgres.url(), options.users, options.users))
        ratios: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for number in range(1, options.rounds + 1):
            for name, ratio in _round(number, servers, options.users).items():
                ratios[name].append(ratio)
    print("median of rate / plain ZADD's rate:")
    for name, values in ratios.items():
        print(f"  {name:14} {median(values):.2f}")


@contextlib.contextmanager
def _servers() -> Iterator[Servers]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        yield Servers(postgres, stack.enter_context(EmbeddedRedis(folder / "redis")))


def _round(number: int, servers: Servers, users: int) -> dict[str, float]:
    plain_per_s = _add_plainly(servers, users)
    ratios: dict[str, float] = {}
    for name, command in COMMANDS.items():
        before_s = servers.cpu_s()
        used_s, peak_mb, took_s = _run(servers, command, users)
        cpu = {each: used - before_s[each] for each, used in servers.cpu_s().items()}
        shown = ", ".join(f"{each} {used:.1f}" for each, used in {"command": used_s, **cpu}.items())
        ratios[name] = users / took_s / plain_per_s
        print(
            f"round {number}: {name:14} {users / took_s:9,.0f} users/s, "
            f"plain {plain_per_s:9,.0f}/s, peak {peak_mb:.0f} MB, CPU s: {shown}"
        )
    return ratios


def _add_plainly(servers: Servers, users: int) -> float:
    """Members and scores as the index has them, a thousand commands a write, without a version."""
    with contextlib.closing(Redis.from_url(servers.redis.url(), socket_timeout=60)) as opened:
        client: Any = opened  # whose types say that every reply may be awaited
        client.flushall()
        connection = client.connection_pool.get_connection()
        scores = [str(-1 - number % 50) for number in range(PIPELINE)]  # as the ledger has them
        took_s = 0.0
        for _ in range(users // PIPELINE):
            rows = [(random.randbytes(24), score) for score in scores]
            packed = b"".join(
                part
                for member, score in rows
                for part in connection.pack_command("ZADD", "plain", score, member)
            )
            started_s = time.perf_counter()  # packing is the client's affair, not measured
            connection.send_packed_command([packed])
            for _ in rows:
                connection.read_response()
            took_s += time.perf_counter() - started_s
        client.flushall()
    return users / took_s


def _run(servers: Servers, command: tuple[str, ...], users: int) -> tuple[float, float, float]:
    """CPU seconds, peak memory in MB, and wall seconds of the whole process."""
    environment = {
        **os.environ,
        "SCOREBOARD_DATABASE_URL": servers.postgres.url(),
        "SCOREBOARD_REDIS_URL": servers.redis.url(),
    }
    words = [sys.executable, "-m", "cli.main", "cache", *command, "--json"]
    started_s = time.perf_counter()
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        (board,) = json.loads(process.stdout.read())["boards"]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.perf_counter() - started_s
    assert (process.returncode, board["users"]) == (0, users), board
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, took_s


if __name__ == "__main__":
    main()
