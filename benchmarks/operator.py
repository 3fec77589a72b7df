"""Rate and peak memory of the commands that work on millions of rows.

    python -m benchmarks.operator [--events 1000000] [--users 100000] [--only replay,export]

Starts private servers (PostgreSQL with fsync, Redis, RabbitMQ where it is installed), fills the
ledger, and runs each command once in a process of its own. The memory is the most that the command
and its worker processes occupied together, pages that they share counted once (PSS, looked at every
50 ms); the servers' is not in it. Signatures are verified of at most a million events, and a
hundred thousand at most are published again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ledger_rows import fill
from benchmarks.servers import Servers, execute, start_servers
from benchmarks.signed_rows import fill_signed
from benchmarks.watched_run import run_watched
from cli.signals import StopSignals
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import load_keys, write_keys

SIGNED_MAX, PUBLISHED_MAX = 1_000_000, 100_000
DAMAGED = 5_000
"""Totals that are made wrong for whatever mends them; above 10,000 a rebuild would be due."""

DAMAGE = """
    UPDATE user_scores SET score = score + 1, version = version + 1
    WHERE user_id IN (SELECT user_id FROM user_scores ORDER BY user_id LIMIT {})"""

HEAD = "| command | rows | seconds | rows/s | CPU s | peak memory |\n|---|---:|---:|---:|---:|---:|"


@dataclass(frozen=True)
class Work:
    """A command on one of the databases, and how many rows it works on; `damaged` totals of them
    are made wrong before.
    """

    words: tuple[str, ...]
    rows: int
    unit: str
    database: str = "filled"
    damaged: int = 0

    @property
    def shown(self) -> str:
        """The command without folders."""
        return " ".join(Path(word).name if "/" in word else word for word in self.words)


class Ledgers:
    """The databases by name, each filled when it is first asked for."""

    def __init__(self, servers: Servers, keys_file: Path, events: int, users: int) -> None:
        self._servers = servers
        self._keys_file = keys_file
        self._events = events
        self._users = users
        self._urls: dict[str, str] = {}

    def url(self, name: str) -> str:
        """`filled` and `signed` hold events, any other name an empty ledger."""
        if name not in self._urls:
            self._urls[name] = self._servers.new_database()
            self._fill(name, self._urls[name])
        return self._urls[name]

    def _fill(self, name: str, url: str) -> None:
        began_s = time.perf_counter()
        if name == "filled":
            asyncio.run(fill(url, self._events, self._users))
        elif name == "signed":
            events = min(self._events, SIGNED_MAX)
            users = min(self._users, events)
            asyncio.run(fill_signed(url, load_keys(self._keys_file), events, users))
        else:
            return
        print(f"  {name}: {time.perf_counter() - began_s:.0f} s to fill", file=sys.stderr)


def main() -> None:
    """Prints a table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--only", default="", help="such as replay,export: only their commands")
    options = parser.parse_args()
    with StopSignals(), contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        chosen = options.only.split(",")
        has_rabbitmq = any(word in "events republish" for word in chosen)
        servers = stack.enter_context(start_servers(folder, has_rabbitmq=has_rabbitmq))
        keys_file = folder / "keys.json"
        write_keys(keys_file, generate_keys("hs256"))
        ledgers = Ledgers(servers, keys_file, options.events, options.users)
        works = list(_works(folder, servers, options.events, options.users))
        print(HEAD, flush=True)
        for work in works:
            if any(word in work.shown for word in chosen):
                _run(work, servers, ledgers, keys_file)
        if has_rabbitmq and servers.amqp_missing:
            print(f"Nothing was published: {servers.amqp_missing}")


def _works(folder: Path, servers: Servers, events: int, users: int) -> Iterator[Work]:
    """Each finds what those before it have left: wrong totals come after whoever would tell."""
    lines, parquet = str(folder / "events.ndjson"), str(folder / "events.parquet")
    users = min(users, events)
    damaged = min(DAMAGED, users)
    signed = min(events, SIGNED_MAX)
    yield Work(("cache", "rebuild"), users, "users")
    yield Work(("cache", "verify"), users, "users")
    yield Work(("events", "replay"), events, "events")
    yield Work(("events", "verify", "--no-signatures"), events, "events")
    yield Work(("events", "verify"), signed, "events", "signed")
    yield Work(("events", "export", lines), events, "events")
    yield Work(("events", "export", parquet), events, "events")
    yield Work(("events", "import", lines), events, "events", "from lines")
    yield Work(("events", "import", parquet), events, "events", "from parquet")
    yield Work(("cache", "verify", "--repair"), users, "users", damaged=damaged)
    yield Work(("events", "replay", "--apply"), events, "events", damaged=damaged)
    if servers.amqp_urls:
        published = min(events, PUBLISHED_MAX)
        republish = ("events", "republish", "--from", "1", "--to", str(published))
        yield Work((*republish, "--rate", "1000000", "--yes"), published, "events")


def _run(work: Work, servers: Servers, ledgers: Ledgers, keys_file: Path) -> None:
    database_url = ledgers.url(work.database)
    if work.damaged:
        execute(database_url, DAMAGE.format(work.damaged))
    environment = {
        **os.environ,
        "SCOREBOARD_DATABASE_URL": database_url,
        "SCOREBOARD_REDIS_URL": servers.redis.url(),
        "SCOREBOARD_AMQP_URL": servers.amqp_url_of(database_url),
        "SCOREBOARD_KEYS_FILE": str(keys_file),
    }
    taken = run_watched([sys.executable, "-m", "cli.main", *work.words], environment)
    print(
        f"| `{work.shown}` | {work.rows:,} {work.unit} | {taken.wall_s:.1f} "
        f"| {work.rows / taken.wall_s:,.0f} | {taken.cpu_s:.1f} "
        f"| {taken.peak_bytes / 1e6:.0f} MB |{taken.failure}",
        flush=True,
    )


if __name__ == "__main__":
    main()
