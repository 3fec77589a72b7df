"""One round: a load on one target, and what it cost every process that took part in it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg

from benchmarks.closed_loop import Result, send_all
from benchmarks.processes import cpu_s, resident_bytes
from benchmarks.recording import Figures
from benchmarks.servers import Servers
from benchmarks.targets import Target

ROUND_MAX_S = 600.0
SETTLE_MAX_S = 120.0
LOOK_S = 0.1
OK = 200
GOOD_SHARE = 0.9


class Cpu:
    """CPU time of a target, its other processes, the stores and this client, since it was made."""

    def __init__(self, target: Target, servers: Servers) -> None:
        self._target = target
        self._servers = servers
        self._before_s = self._read()

    def figures(self, count: int) -> Figures:
        """Microseconds of each for one of `count` requests."""
        used_s = {name: now_s - self._before_s[name] for name, now_s in self._read().items()}
        return {f"{name} µs": each_s / count * 1e6 for name, each_s in used_s.items()}

    def _read(self) -> dict[str, float]:
        others = {name: cpu_s(*pids) for name, pids in self._target.others.items()}
        used = {"server": cpu_s(*self._target.pids), **others, **self._servers.cpu_s()}
        return {**used, "client": time.process_time()}


def load(target: Target, servers: Servers, requests: list[bytes], connections: int) -> Figures:
    """Sends every request in a closed loop, and waits until the outbox is empty.

    The CPU time is that of the whole increment, up to its message being confirmed. On a machine
    that others use, too, PostgreSQL may stall for a second: some refusals are told and not counted.
    Raises RuntimeError where they are more than a few.
    """
    count = len(requests)
    cpu = Cpu(target, servers)
    result, outbox_age_s = asyncio.run(_load(target, requests, connections))
    good = result.statuses[OK]
    if good < count * GOOD_SHARE:
        raise RuntimeError(f"{target.name} answered {dict(result.statuses)}")
    figures = {
        "answers/s": good / result.took_s,
        "p50 ms": result.percentile_ms(50),
        "p99 ms": result.percentile_ms(99),
        **cpu.figures(good),
        "server MB": resident_bytes(*target.pids) / 1e6,
    }
    if good < count:
        figures["refused"] = float(count - good)
    return {**figures, "outbox age s": outbox_age_s} if target.database_url else figures


def stores_us(figures: Figures) -> float:
    """Server, PostgreSQL and Redis together."""
    return sum(figures[f"{name} µs"] for name in ("server", "PostgreSQL", "Redis"))


async def _load(target: Target, requests: list[bytes], connections: int) -> tuple[Result, float]:
    ages_s = [0.0]
    async with asyncio.timeout(ROUND_MAX_S), _watching_outbox(target, ages_s):
        result = await send(target, requests, connections)
    return result, max(ages_s)


async def send(target: Target, requests: list[bytes], connections: int) -> Result:
    """Over so many connections, spread evenly over the target's instances; uses `requests` up."""
    ports = target.ports
    shares = [requests[number :: len(ports)] for number in range(len(ports))]
    parts = await asyncio.gather(
        *(
            send_all(port, share, connections // len(ports))
            for port, share in zip(ports, shares, strict=True)
        )
    )
    return Result(
        [each for part in parts for each in part.latencies_s],
        sum((part.statuses for part in parts), Counter()),
        max(part.took_s for part in parts),
    )


@contextlib.asynccontextmanager
async def _watching_outbox(target: Target, ages_s: list[float]) -> AsyncIterator[None]:
    """Notes ages while the block runs; afterwards waits until nothing is left to publish."""
    if not target.database_url:
        yield
        return
    connection = await asyncpg.connect(target.database_url)
    try:
        watching = asyncio.create_task(_watch(target, connection, ages_s))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])
        await wait_until_relayed(target)
    finally:
        await connection.close()


async def _watch(
    target: Target, connection: asyncpg.Connection[asyncpg.Record], ages_s: list[float]
) -> None:
    while True:
        ages_s.append(await target.outbox_age_s(connection))
        await asyncio.sleep(LOOK_S)


async def wait_until_relayed(target: Target) -> None:
    """Returns once the outbox is empty. Raises TimeoutError."""
    connection = await asyncpg.connect(target.database_url)
    try:
        async with asyncio.timeout(SETTLE_MAX_S):
            while await target.outbox_age_s(connection):  # noqa: ASYNC110 - it is elsewhere
                await asyncio.sleep(LOOK_S)
    finally:
        await connection.close()
