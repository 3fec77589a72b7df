"""A process of clients that show a board, and come back as docs/reference/realtime.md says."""

from __future__ import annotations

import errno
import heapq
import itertools
import os
import random
import select
import signal
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from benchmarks.shown import State
from benchmarks.visitor import Ended, Visitor
from benchmarks.watching import EVENTS_MAX, RECEIVE_BYTES, RESET

OPENED_PER_S = 1000
ATTEMPT_MAX_S = 10.0
"""A handshake that takes longer has failed."""

WAIT_S, WAIT_MAX_S = 0.5, 20.0
SAMPLE_S = 0.1


@dataclass(frozen=True)
class Crowd:
    """So many clients, over the ports in turn; whoever is lost comes back to `refuge`.

    As behind a balancer that knows which instance lives.
    """

    ports: tuple[int, ...]
    refuge: int
    count: int


@dataclass
class Return:
    """One client's way back, in Unix seconds; 0 for what has not happened yet."""

    lost_s: float
    connected_s: float = 0.0
    shown_s: float = 0.0
    attempts: int = 0


@dataclass
class Report:
    """What became of the crowd since it was asked last.

    `samples` are (Unix seconds, how many are connected, how many of them show what was the newest
    version SAMPLE_S before). `boards` counts what is shown now. `failures` are attempts that came
    to nothing, by why; `out_of_step` frames that could not be applied, ever.
    """

    samples: list[tuple[float, int, int]] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    boards: Counter[State] = field(default_factory=Counter)
    out_of_step: int = 0
    busy: float = 0.0


class _Client:
    """A visitor with his socket. `attempt` tells apart what is due for which connection."""

    __slots__ = ("attempt", "back", "opened", "port", "visitor")

    def __init__(self, port: int) -> None:
        self.port = port
        self.visitor = Visitor()
        self.opened: socket.socket | None = None
        self.attempt = 0
        self.back: Return | None = None


class Returning:
    """All clients of the process."""

    def __init__(self, crowd: Crowd) -> None:
        ports = itertools.cycle(crowd.ports)
        self._refuge = crowd.refuge
        self._clients = [_Client(next(ports)) for _ in range(crowd.count)]
        self._epoll = select.epoll()
        self._by_number: dict[int, _Client] = {}
        self._due: list[tuple[float, int, int, _Client]] = []
        self._order = itertools.count()
        self._newest = 0
        self._sample_due_s = time.time()
        self._begin()
        for number, client in enumerate(self._clients):
            self._call_in(number / OPENED_PER_S, client)

    def run(self, control: Connection) -> None:
        """Says when all show a board, then answers each question until the asker has gone."""
        while not all(each.visitor.is_current for each in self._clients):
            self._turn()
        control.send(None)
        self._epoll.register(control.fileno(), select.EPOLLIN)
        while True:
            while not self._turn(control.fileno()):
                pass
            control.recv()
            control.send(self._report())

    def close(self) -> None:
        """Cuts every connection."""
        for client in self._by_number.values():
            _cut(client)

    def _begin(self) -> None:
        self._found = Report()
        self._since_s = time.perf_counter(), time.process_time()

    def _report(self) -> Report:
        found = self._found
        found.boards = Counter(each.visitor.shown.state for each in self._clients)
        found.out_of_step = sum(each.visitor.out_of_step for each in self._clients)
        wall_s, cpu_s = self._since_s
        found.busy = (time.process_time() - cpu_s) / (time.perf_counter() - wall_s)
        self._begin()
        return found

    def _turn(self, control: int = -1) -> bool:
        """Whatever is there or due; True once somebody asks."""
        next_s = min([self._sample_due_s, *(each[0] for each in self._due[:1])])
        is_asked = False
        for number, _ in self._epoll.poll(max(0.0, next_s - time.time()), EVENTS_MAX):
            if number == control:
                is_asked = True
            elif number in self._by_number:
                self._serve(self._by_number[number])
        now_s = time.time()
        while self._due and self._due[0][0] <= now_s:
            _, _, attempt, client = heapq.heappop(self._due)
            self._remind(client, attempt)
        if now_s >= self._sample_due_s:
            self._sample(now_s)
        return is_asked

    def _sample(self, now_s: float) -> None:
        here = [each.visitor for each in self._clients if each.visitor.is_upgraded]
        current = sum(each.is_current and each.shown.version >= self._newest for each in here)
        self._found.samples.append((now_s, len(here), current))
        self._newest = max((each.shown.version for each in here), default=0)
        self._sample_due_s = now_s + SAMPLE_S

    def _call_in(self, seconds: float, client: _Client) -> None:
        entry = (time.time() + seconds, next(self._order), client.attempt, client)
        heapq.heappush(self._due, entry)

    def _remind(self, client: _Client, attempt: int) -> None:
        """It is time to connect; or a handshake, if it is still the same one, took too long."""
        if attempt != client.attempt:
            return
        if client.opened is None:
            self._connect(client)
        elif not client.visitor.is_current:
            self._fail(client, "no answer")

    def _connect(self, client: _Client) -> None:
        client.opened = opened = socket.socket()
        client.attempt += 1
        self._by_number[opened.fileno()] = client
        opened.settimeout(0)
        error = opened.connect_ex(("127.0.0.1", client.port))
        if error not in {0, errno.EINPROGRESS}:
            self._fail(client, os.strerror(error))
            return
        self._epoll.register(opened.fileno(), select.EPOLLOUT)
        self._call_in(ATTEMPT_MAX_S, client)

    def _serve(self, client: _Client) -> None:
        """The socket is connected, or something came."""
        assert client.opened is not None
        try:
            if client.visitor.is_begun:
                self._take(client, client.opened.recv(RECEIVE_BYTES))
            else:
                client.opened.sendall(client.visitor.begin())
                self._epoll.modify(client.opened.fileno(), select.EPOLLIN)
        except (OSError, Ended) as error:
            self._fail(client, str(error))

    def _take(self, client: _Client, received: bytes) -> None:
        assert client.opened is not None
        answer = client.visitor.feed(received)
        if answer:
            client.opened.sendall(answer)
        back = client.back
        if back is not None:
            now_s = time.time()
            back.connected_s = back.connected_s or (now_s if client.visitor.is_upgraded else 0.0)
            if client.visitor.is_current:
                back.shown_s = now_s
                client.back = None

    def _fail(self, client: _Client, why: str) -> None:
        """Whoever showed a board is lost; whoever wanted to waits for longer than before."""
        assert client.opened is not None
        del self._by_number[client.opened.fileno()]
        _cut(client)
        visitor = client.visitor
        if visitor.is_current:
            client.back = Return(time.time())
            client.port = self._refuge
            self._found.returns.append(client.back)
        else:
            self._found.failures[why] += 1
        attempts = 0 if client.back is None else client.back.attempts
        earliest_s, latest_s = visitor.wait_s or (0.0, min(WAIT_MAX_S, WAIT_S * 2**attempts))
        if client.back is not None:
            client.back.attempts += 1
        visitor.end()
        self._call_in(random.uniform(earliest_s, latest_s), client)


def come_back(control: Connection, crowd: Crowd) -> None:
    """What the process runs, until the other end of `control` is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    returning = Returning(crowd)
    try:
        returning.run(control)
    except EOFError:
        pass
    except OSError as error:
        control.send(error)
    finally:
        returning.close()


def _cut(client: _Client) -> None:
    assert client.opened is not None
    client.opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.opened.close()
    client.opened = None
