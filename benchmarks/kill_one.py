"""One of two instances behind HAProxy is killed under load, then started again: a timeline.

    python -m benchmarks.kill_one [--players 16] [--watchers 10] [--drain] [--step-ms 100]

Private PostgreSQL, Redis and RabbitMQ; the balancer runs deploy/haproxy.cfg. `--drain` sends
SIGTERM instead of SIGKILL. Every player sends the same request again until he knows what became
of it; at the end the totals are compared with the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from scoreboard.auth.issue import TokenIssuer
from scoreboard.ledger.migrations import migrate
from tests.deploy.load import Load
from tests.deploy.topology import Topology, balanced
from tests.harness import Backends
from tests.processes import Attempt
from tests.servers import start_servers
from tests.servers.rabbitmq import READY_TIMEOUT_S, speaks_amqp

DATABASE = "kill_one"
BEFORE_S, DOWN_S, AFTER_S = 1.5, 2.0, 1.5


def main() -> None:
    """Prints a line per step, what happened when, and the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--players", type=int, default=16)
    parser.add_argument("--watchers", type=int, default=10, help="of each of /ws and /sse")
    parser.add_argument("--step-ms", type=int, default=100)
    parser.add_argument("--drain", action="store_true", help="SIGTERM instead of SIGKILL")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        servers = start_servers(stack)
        assert servers.amqp, servers.amqp_missing
        _wait_for_rabbitmq(servers.amqp[0])
        url = urlsplit(servers.postgres)._replace(path=f"/{DATABASE}").geturl()
        keys_file = folder / "keys" / "keys.json"
        backends = Backends(url, servers.redis[0], "kill-one", keys_file, servers.amqp[0])
        asyncio.run(_run(backends, servers.postgres, folder, options))


def _wait_for_rabbitmq(url: str) -> None:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while not speaks_amqp(urlsplit(url).port or 0):
        assert time.monotonic() < deadline_s, "RabbitMQ did not become ready"
        time.sleep(0.1)


async def _run(
    backends: Backends, postgres_url: str, folder: Path, options: argparse.Namespace
) -> None:
    await _execute(postgres_url, f'CREATE DATABASE "{DATABASE}"')
    await migrate(backends.database_url)
    async with balanced(backends, folder) as topology:
        load = Load(
            TokenIssuer(backends.keys, "scoreboard"),
            topology.url,
            players=options.players,
            watchers=options.watchers,
        )
        async with load.watching(), load.playing():
            await asyncio.sleep(1)  # everybody is connected; nothing is measured yet
            began_s = time.monotonic()
            events = await _play_through(topology, began_s, is_drained=options.drain)
        _print_timeline(load, began_s, events, options.step_ms / 1000)
    await _compare(backends.database_url, load)


async def _play_through(
    topology: Topology, began_s: float, *, is_drained: bool
) -> list[tuple[float, str]]:
    """What happened, and when after the beginning (seconds)."""
    events: list[tuple[float, str]] = []

    def note(text: str) -> None:
        events.append((time.monotonic() - began_s, text))

    await asyncio.sleep(BEFORE_S)
    if is_drained:
        note("SIGTERM to instance 1")
        code = await topology.stop(0)
        note(f"instance 1 has ended with {code}")
    else:
        note("SIGKILL to instance 1")
        await topology.kill(0)
    await asyncio.sleep(DOWN_S)
    note("instance 1 is started again")
    await topology.start(0)
    note("instance 1 serves")
    await topology.is_used(0)
    note("instance 1 has applied increments")
    await asyncio.sleep(AFTER_S)
    return events


def _print_timeline(
    load: Load, began_s: float, events: list[tuple[float, str]], step_s: float
) -> None:
    print(f"{'s':>5} {'ok':>5} {'sent again':>10} {'p99 ms':>7} {'ws':>4} {'sse':>4}")
    last_s = max(each.ended_s for each in load.attempts) - began_s
    for number in range(int(last_s / step_s)):
        start_s = number * step_s
        end_s = start_s + step_s
        inside = [each for each in load.attempts if start_s <= each.ended_s - began_s < end_s]
        print(_line(load, start_s, inside, began_s + end_s), end="")
        print("".join(f"   {text}" for at_s, text in events if start_s <= at_s < end_s))


def _line(load: Load, start_s: float, inside: list[Attempt], until_s: float) -> str:
    ok = sorted(each.took_s for each in inside if not each.trouble)
    p99 = f"{ok[int(len(ok) * 0.99)] * 1000:.0f}" if ok else "-"
    sockets, streams = (_connected(load, path, until_s) for path in ("/ws", "/sse"))
    again = len(inside) - len(ok)
    return f"{start_s:5.1f} {len(ok):5} {again:10} {p99:>7} {sockets:4} {streams:4}"


def _connected(load: Load, path: str, until_s: float) -> int:
    changes = [each.changes for each in load.watchers if each.path == path]
    return sum(step for each in changes for at_s, step in each if at_s < until_s)


async def _compare(database_url: str, load: Load) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT user_id, score FROM user_scores")
    finally:
        await connection.close()
    totals = {str(row["user_id"]): row["score"] for row in rows}
    expected = {each.user_id: each.total for each in load.players}
    applied = sum(len(each.scores) for each in load.players)
    verdict = "each total is exact" if totals == expected else "THE TOTALS DIFFER"
    troubles = {text: load.troubles.count(text) for text in sorted(set(load.troubles))}
    print(f"{applied} actions applied, {verdict}; sent again after: {troubles or '-'}")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
