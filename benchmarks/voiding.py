"""How long the void of many events takes, and how many increments are served meanwhile.

    python -m benchmarks.voiding [--events 1000000] [--users 100000] [--connections 64]

One `serve` on core 0; PostgreSQL (fsync on), Redis and the load on core 1. Increments are sent in a
closed loop, for users whose events are voided at that time: first while nothing else happens, then
from the request that begins the void to its end, then once more idle. Private servers are started
and stopped; nothing but 127.0.0.1 is spoken to, and there is no RabbitMQ.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from benchmarks.closed_loop import Result
from benchmarks.ledger_rows import fill
from benchmarks.processes import OTHERS_CORE, pin
from benchmarks.requests import Signer, filled_user
from benchmarks.rounds import OK, send, wait_until_relayed
from benchmarks.servers import start_servers
from benchmarks.targets import Shape, Starter, Target
from cli.signals import StopSignals
from scoreboard.auth.issue import TokenIssuer

PLAYERS = 1000
ROUNDS = 5
BEARER_LIFE_S = 3600
PREVIEW_MAX_MS = "60000"


@dataclass
class Load:
    """Rounds of increments under one condition."""

    rounds: list[Result] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """The median round's increments per second."""
        return median(each.statuses[OK] / each.took_s for each in self.rounds)

    def told(self, name: str) -> str:
        """In a line."""
        p99_ms = median(each.percentile_ms(99) for each in self.rounds)
        refused = sum(sum(each.statuses.values()) - each.statuses[OK] for each in self.rounds)
        return (
            f"{name:13} {self.per_s:7,.0f} increments/s  p99 {p99_ms:6.1f} ms  "
            f"{len(self.rounds)} rounds, {refused} refused"
        )


class Moderator:
    """Asks the service over HTTP."""

    def __init__(self, target: Target, session: aiohttp.ClientSession) -> None:
        issuer = TokenIssuer(target.keys, "scoreboard")
        token = issuer.issue_bearer(
            subject="moderator-1",
            scopes=["moderator"],
            life_s=BEARER_LIFE_S,
            now_s=time.time(),
        )
        self._session = session
        self._url = f"http://127.0.0.1:{target.port}/acts"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str = "", body: object = None) -> dict[str, Any]:
        """The answer's document. Raises RuntimeError where it is a refusal."""
        url = self._url + path
        async with self._session.request(method, url, json=body, headers=self._headers) as answer:
            document: dict[str, Any] = await answer.json()
            if not answer.ok:
                raise RuntimeError(f"{method} {path}: {document}")
            return document


def main() -> None:
    """Prints a line for each condition, the duration and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--requests", type=int, default=5_000, help="increments of a round")
    options = parser.parse_args()
    with StopSignals(), contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        pin(os.getpid(), OTHERS_CORE)
        servers = stack.enter_context(start_servers(folder, has_rabbitmq=False))
        shape = Shape("serve", settings={"PREVIEW_TIMEOUT_MS": PREVIEW_MAX_MS})
        target = Starter(stack, servers, folder).product(shape)
        asyncio.run(fill(target.database_url, options.events, options.users))
        asyncio.run(_measure(target, options))


async def _measure(target: Target, options: argparse.Namespace) -> None:
    async with aiohttp.ClientSession() as session:
        moderator = Moderator(target, session)
        await _round(target, options)  # Redis learns of the board meanwhile
        before = await _idle(target, options)
        meanwhile = Load()
        body = {"kind": "void", "window": {"belowId": options.events + 1}}
        began_s = time.perf_counter()
        previewed = await moderator.ask("POST", "/preview", body)
        previewed_s = time.perf_counter() - began_s
        assert previewed["events"] == options.events, previewed["events"]
        began_s = time.perf_counter()
        act = await moderator.ask(
            "POST", "", {**body, "reason": "a benchmark", "confirm": options.events}
        )
        ending = asyncio.create_task(_end(moderator, act["actId"]))
        while not ending.done():
            meanwhile.rounds.append(await _round(target, options))
        took_s = ending.result() - began_s
        await wait_until_relayed(target)
        after = await _idle(target, options)
    idle = Load(before.rounds + after.rounds)
    print(f"preview of {options.events:,} events: {previewed_s:.1f} s")
    print(f"void of {options.events:,} events: {took_s:.1f} s, {options.events / took_s:,.0f}/s")
    for name, load in (("idle", before), ("meanwhile", meanwhile), ("idle again", after)):
        print(load.told(name))
    print(f"meanwhile / idle: {meanwhile.per_s / idle.per_s:.2f}")


async def _idle(target: Target, options: argparse.Namespace) -> Load:
    return Load([await _round(target, options) for _ in range(ROUNDS)])


async def _round(target: Target, options: argparse.Namespace) -> Result:
    users = [filled_user(number) for number in range(min(PLAYERS, options.users))]
    signer = Signer(target.keys)
    requests = await asyncio.to_thread(signer.increments, users, options.requests)
    return await send(target, requests, options.connections)


async def _end(moderator: Moderator, act_id: int) -> float:
    """When the act was found finished, by the clock of `perf_counter`."""
    while True:
        act = await moderator.ask("GET", f"/{act_id}")
        if act["run"]["finishedAt"]:
            assert act["run"]["refused"] == 0, act["run"]
            return time.perf_counter()
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    main()
