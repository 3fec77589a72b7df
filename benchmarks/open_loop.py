"""An open-loop HTTP/1.1 client: requests are due by a schedule, whatever became of the others.

`scoreboard loadtest` has an open loop too. This one sends requests that are signed before it
starts, each from an address of its own, so that it can offer three times what the service bears.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from benchmarks.closed_loop import percentile
from cli.loadtest.answers import Answer, AnswerReader, NotHttp

TICK_S = 0.001
"""Sleeping for less costs more than the requests; those due meanwhile go out together."""

TURN = 16
OPEN_MAX_S = 60.0
OPENING_MAX = 100
DRAIN_S = 10.0
LOOK_S = 0.02
RESET = struct.pack("ii", 1, 0)
"""Closes at once: thousands of ports that linger would be missing a minute later."""

OK = 200
_CODE = re.compile(rb'"code": ?"([a-z_]+)"')


@dataclass
class Outcome:
    """What became of the requests. Latencies in seconds, from when a request was due.

    `refused` by the problem's code; `no_answer` were sent and not answered within DRAIN_S of the
    last, `not_sent` found every connection taken. `busy` is what part of a core this client used:
    near 1 it measures itself. `dues_s` tells when each of those with a latency was due, after the
    first one was, which was at `start_s` in Unix seconds.
    """

    lasts_s: float
    offered: int
    latencies_s: list[float] = field(default_factory=list)
    dues_s: list[float] = field(default_factory=list)
    start_s: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    in_time: int = 0
    no_answer: int = 0
    not_sent: int = 0
    busy: float = 0.0

    @property
    def goodput_per_s(self) -> float:
        """Increments applied while requests were being offered, per second."""
        return self.in_time / self.lasts_s

    def percentile_ms(self, percent: float) -> float:
        """The latency that `percent` of what was accepted stays below; 0 where nothing was."""
        return percentile(self.latencies_s, percent) * 1000


class _Connection(asyncio.Protocol):
    def __init__(self, load: _Load) -> None:
        self._load = load
        self._reader = AnswerReader()
        self.due_s = 0.0
        self.is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, request: bytes, due_s: float) -> None:
        self.due_s, self.is_busy = due_s, True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        try:
            answer = self._reader.feed(data)
        except NotHttp:
            self.transport.abort()
            return
        if answer is not None and self.is_busy:
            self.is_busy = False
            self._load.take(self, answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_busy:
            self.is_busy = False
            self._load.outcome.refused["connection_lost"] += 1


class _Load:
    def __init__(self, requests: list[bytes], per_s: float) -> None:
        self.outcome = Outcome(len(requests) / per_s, len(requests))
        self._requests = requests
        self._per_s = per_s
        self._idle: deque[_Connection] = deque()
        self._all: list[_Connection] = []
        self._start_s = 0.0
        self._end_s = float("inf")

    def take(self, connection: _Connection, answer: Answer) -> None:
        now_s = time.perf_counter()
        outcome = self.outcome
        if answer.status == OK:
            outcome.latencies_s.append(now_s - connection.due_s)
            outcome.dues_s.append(connection.due_s - self._start_s)
            outcome.in_time += now_s <= self._end_s
        else:
            code = _CODE.search(answer.body)
            outcome.refused[code[1].decode() if code else f"http_{answer.status}"] += 1
        if not answer.is_last:
            self._idle.append(connection)

    async def open(self, ports: tuple[int, ...], connections: int) -> None:
        turns = asyncio.Semaphore(OPENING_MAX)
        loop = asyncio.get_running_loop()

        async def open_one(port: int) -> None:
            async with turns:
                _, opened = await loop.create_connection(
                    lambda: _Connection(self), "127.0.0.1", port
                )
            self._all.append(opened)
            self._idle.append(opened)

        await asyncio.gather(*(open_one(ports[n % len(ports)]) for n in range(connections)))

    async def run(self) -> None:
        self.outcome.start_s = time.time()
        self._start_s = start_s = time.perf_counter()
        start_cpu_s = time.process_time()
        self._end_s = start_s + self.outcome.lasts_s
        for number, request in enumerate(self._requests):
            due_s = start_s + number / self._per_s
            early_s = due_s - time.perf_counter()
            if early_s > 0:
                await asyncio.sleep(max(TICK_S, early_s))
            elif number % TURN == 0:
                await asyncio.sleep(0)  # answers are read also where the schedule is behind
            self._send(request, due_s)
        await asyncio.sleep(max(0.0, self._end_s - time.perf_counter()))
        used_s = time.process_time() - start_cpu_s
        self.outcome.busy = used_s / (time.perf_counter() - start_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._all_answered()
        self.outcome.no_answer = sum(each.is_busy for each in self._all)

    async def _all_answered(self) -> None:
        while any(each.is_busy for each in self._all):  # noqa: ASYNC110 - thousands of them
            await asyncio.sleep(LOOK_S)

    def close(self) -> None:
        for each in self._all:
            each.is_busy = False
            opened = each.transport.get_extra_info("socket")
            if not each.transport.is_closing():
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            each.transport.abort()

    def _send(self, request: bytes, due_s: float) -> None:
        while self._idle:
            connection = self._idle.popleft()
            if not connection.transport.is_closing():
                connection.send(request, due_s)
                return
        self.outcome.not_sent += 1


async def offer(
    ports: tuple[int, ...], requests: list[bytes], per_s: float, connections: int
) -> Outcome:
    """Offers every request at its time over connections that are open before the first is due."""
    load = _Load(requests, per_s)
    try:
        async with asyncio.timeout(OPEN_MAX_S):
            await load.open(ports, connections)
        await load.run()
    finally:
        load.close()
    return load.outcome
