"""Rate and peak memory of the commands that work on millions of rows.

    python -m benchmarks.operator [--events 1000000] [--users 100000] [--only replay,export]

Starts a private PostgreSQL (fsync on) and Redis, fills the ledger, and runs each command once in a
process of its own. The memory is the largest resident set of the command, not of the servers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.ledger_rows import fill
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.redis import EmbeddedRedis
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import write_keys
from scoreboard.ledger.migrations import migrate

Environment = dict[str, str]


@dataclass(frozen=True)
class Work:
    """A command, and how many rows it works on."""

    words: tuple[str, ...]
    rows: int
    unit: str
    database: str = "filled"


def main() -> None:
    """Prints a table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--only", default="", help="such as replay,export: only their commands")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
        for name in ("filled", "empty"):
            asyncio.run(_create(postgres.url(), name))
            asyncio.run(migrate(postgres.url(name)))
        started_s = time.perf_counter()
        asyncio.run(fill(postgres.url("filled"), options.events, options.users))
        print(f"filled {options.events:,} events in {time.perf_counter() - started_s:.0f} s")
        write_keys(folder / "keys.json", generate_keys("hs256"))
        print(
            "| command | rows | seconds | rows/s | CPU s | peak memory |\n|---|---|---|---|---|---|"
        )
        for work in _works(folder, options.events, options.users):
            if any(word in " ".join(work.words) for word in options.only.split(",")):
                _run(
                    work,
                    {
                        **os.environ,
                        "SCOREBOARD_DATABASE_URL": postgres.url(work.database),
                        "SCOREBOARD_REDIS_URL": redis.url(),
                        "SCOREBOARD_KEYS_FILE": str(folder / "keys.json"),
                    },
                )


def _works(folder: Path, events: int, users: int) -> list[Work]:
    lines, parquet = str(folder / "events.ndjson"), str(folder / "events.parquet")
    return [
        Work(("cache", "rebuild"), users, "users"),
        Work(("cache", "verify"), users, "users"),
        Work(("events", "replay"), events, "events"),
        Work(("events", "verify", "--no-signatures"), events, "events"),
        Work(("events", "export", lines), events, "events"),
        Work(("events", "export", parquet), events, "events"),
        Work(("events", "import", parquet), events, "events", "empty"),
    ]


async def _create(admin_url: str, name: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


def _run(work: Work, environment: Environment) -> None:
    started_s = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *work.words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, status, usage = os.wait4(process.pid, 0)
    took_s = time.perf_counter() - started_s
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    failure = process.stderr.read().strip()
    shown = " ".join(Path(word).name if "/" in word else word for word in work.words)
    print(
        f"| `{shown}` | {work.rows:,} {work.unit} | {took_s:.1f} | {work.rows / took_s:,.0f} "
        f"| {usage.ru_utime + usage.ru_stime:.1f} | {usage.ru_maxrss / 1024:.0f} MB |"
        + (f" exit {process.returncode}: {failure}" if process.returncode else ""),
        flush=True,
    )


if __name__ == "__main__":
    main()
