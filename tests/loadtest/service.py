"""A small server that behaves as it is told, and a load on it within this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from cli.loadtest.load import Load
from cli.loadtest.plan import Plan, Target
from cli.loadtest.tally import Slice, Tally
from cli.loadtest.watch import Watch
from cli.loadtest.workload import Workload
from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keyring import KeyRing

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENCE_S = 30.0

Behaviour = Callable[[int, asyncio.StreamWriter], Awaitable[None]]
"""Answers the n-th request, counted from 1 over all connections."""


class SmallServer:
    """Reads requests without a body and lets `behave` answer them."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self.port = 0
        self.requests = 0
        self.connections = 0
        self.writers: set[asyncio.StreamWriter] = set()
        self.handlers: set[asyncio.Task[Any]] = set()
        self.server: asyncio.Server | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.handlers.add(task)
        self.writers.add(writer)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                await self._behave(self.requests, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    def hang_up(self, spared: asyncio.StreamWriter | None = None) -> None:
        """Closes every connection but that of `spared`."""
        for each in self.writers - {spared}:
            each.close()

    def stop_listening(self) -> None:
        """Takes no further connection."""
        assert self.server is not None
        self.server.close()


@asynccontextmanager
async def serving(behave: Behaviour) -> AsyncIterator[SmallServer]:
    """A server on a free port."""
    small = SmallServer(behave)
    server = await asyncio.start_server(small.serve, "127.0.0.1", 0)
    small.server = server
    small.port = server.sockets[0].getsockname()[1]
    try:
        yield small
    finally:
        server.close()
        if small.handlers:
            await asyncio.wait(small.handlers, timeout=PATIENCE_S)


def plan(port: int = 1, **changes: Any) -> Plan:
    """A closed loop of reads over four connections, 100 of them unless told otherwise."""
    host = "127.0.0.1"
    target = Target(f"http://{host}:{port}", host, port, address=host, is_tls=False, path="")
    whole = Plan(
        target=target,
        board="main",
        mix={"top": 1},
        segments=(),
        connections=4,
        duration_s=None,
        ramp_s=0.0,
        requests=100,
        users=10,
        zipf=0.0,
        grant="ahead",
        watchers=0,
        view="top:10",
        timeout_s=PATIENCE_S,
        keys_file="",
        issuer="",
        action_life_s=300,
    )
    return replace(whole, **changes)


@asynccontextmanager
async def connected(wanted: Plan) -> AsyncIterator[tuple[Load, Tally]]:
    """A load whose connections are open, and what it counts; it has time to end in the block."""
    tally = Tally()
    issuer = TokenIssuer(KeyRing(generate_keys("hs256")), "load") if wanted.writes_share else None
    made = Load(wanted, Workload(wanted, issuer), tally, Watch(wanted, tally))
    async with asyncio.timeout(PATIENCE_S):
        await made.connect()
        yield made, tally


async def run_now(made: Load) -> None:
    """To its end."""
    await made.run(asyncio.get_running_loop().time(), asyncio.Event())


async def load(wanted: Plan) -> Slice:
    """Everything that a run of this plan counts."""
    async with connected(wanted) as (made, tally):
        await run_now(made)
    return tally.now
