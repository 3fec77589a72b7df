"""A process of WebSockets that notes when each frame arrived and does nothing else with it.

By epoll and without an event loop's objects: 3 µs for a frame, so that the server is the bottleneck
and not its client.
"""

from __future__ import annotations

import select
import signal
import socket
import struct
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

BATCH = 100
"""Handshakes under way at once."""

HANDSHAKE_S = 30.0
RECEIVE_BYTES = 16_384
EVENTS_MAX = 512
HEAD_BYTES = 128
"""Frames are told apart by so much of them: type, view, epoch, version and base stand in it."""

TEXT, PING = 1, 9
SIGN_OF_LIFE = b'{"type":"ping"}'
PONG = b"\x8a\x80\x00\x00\x00\x00"
SHORT_MAX, TWO_BYTES = 125, 126
RESET = struct.pack("ii", 1, 0)
"""Closes at once: thousands of ports that linger would be missing a minute later."""


@dataclass(frozen=True)
class Plan:
    """Whom to watch, by one handshake for each WebSocket, from 127.0.0.1.

    `keeps` frames and their times, or only counts them; `reads`, or leaves everything after the
    handshake in the kernel's buffer, which is as small as `buffer_bytes` says, if it does.
    """

    port: int
    handshakes: Sequence[bytes]
    keeps: bool = True
    reads: bool = True
    buffer_bytes: int = 0


@dataclass
class Arrivals:
    """What has come since it was asked for last.

    `frames` are texts, but for those that say only that the server lives, `size` their bytes with
    the frames' heads. `by_frame` has the times, in
    Unix seconds, of each different one. `lost` are connections that the server ended, at any time.
    `busy` is the part of a core that the watching took: near 1 it measures itself.
    """

    frames: int = 0
    size: int = 0
    lost: int = 0
    busy: float = 0.0
    by_frame: dict[bytes, array[float]] = field(default_factory=dict)

    def add(self, later: Arrivals) -> None:
        """Takes what came later."""
        self.frames += later.frames
        self.size += later.size
        self.lost = later.lost
        for frame, times in later.by_frame.items():
            self.by_frame.setdefault(frame, array("d")).extend(times)


class Watching:
    """All sockets of the process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._rests: dict[int, bytes] = {}
        self._lost = 0
        self._begin()

    def run(self, control: Connection) -> None:
        """Opens all, says so, and answers each question with Arrivals until the asker has gone."""
        for start in range(0, len(self._plan.handshakes), BATCH):
            self._open(self._plan.handshakes[start : start + BATCH])
            self._turn(0.0)
        control.send(None)
        self._epoll.register(control.fileno(), select.EPOLLIN)
        while True:
            while self._turn(-1.0, control.fileno()):
                pass
            control.recv()
            control.send(self._collect())

    def close(self) -> None:
        """Cuts every connection."""
        for each in self._sockets.values():
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            each.close()

    def _begin(self) -> None:
        self._arrivals = Arrivals()
        self._times: dict[bytes, tuple[bytes, array[float]]] = {}
        self._since_s = time.perf_counter(), time.process_time()

    def _collect(self) -> Arrivals:
        arrivals = self._arrivals
        arrivals.lost = self._lost
        arrivals.by_frame = dict(self._times.values())
        wall_s, cpu_s = self._since_s
        arrivals.busy = (time.process_time() - cpu_s) / (time.perf_counter() - wall_s)
        self._begin()
        return arrivals

    def _open(self, handshakes: Sequence[bytes]) -> None:
        for opened in [_connect(self._plan, each) for each in handshakes]:
            rest = _finish_handshake(opened)
            opened.settimeout(0)
            self._sockets[opened.fileno()] = opened
            if self._plan.reads:
                self._epoll.register(opened.fileno(), select.EPOLLIN)
                self._take(opened, rest)

    def _turn(self, timeout_s: float, control: int = -1) -> bool:
        """Reads what is there; False once somebody asks."""
        is_asked = False
        for number, _ in self._epoll.poll(timeout_s, EVENTS_MAX):
            if number == control:
                is_asked = True
                continue
            opened = self._sockets[number]
            try:
                received = opened.recv(RECEIVE_BYTES)
            except ConnectionError:
                received = b""
            if received:
                self._take(opened, received)
            else:
                self._lose(opened)
        return not is_asked

    def _take(self, opened: socket.socket, received: bytes) -> None:
        number = opened.fileno()
        rest = self._rests.pop(number, b"")
        now_s = time.time()
        received = rest + received if rest else received
        at = 0
        while (frame := find_frame(received, at)) is not None:
            opcode, start, end = frame
            if opcode == TEXT and received[start:end] != SIGN_OF_LIFE:
                self._note(received, at, start, end, now_s)
            elif opcode == PING:
                opened.send(PONG)
            at = end
        if at < len(received):
            self._rests[number] = received[at:]

    def _note(self, received: bytes, at: int, start: int, end: int, now_s: float) -> None:
        arrivals = self._arrivals
        arrivals.frames += 1
        arrivals.size += end - at
        if not self._plan.keeps:
            return
        head = received[start : min(end, start + HEAD_BYTES)]
        known = self._times.get(head)
        if known is None:
            known = self._times[head] = (received[start:end], array("d"))
        known[1].append(now_s)

    def _lose(self, opened: socket.socket) -> None:
        self._lost += 1
        self._epoll.unregister(opened.fileno())
        del self._sockets[opened.fileno()]
        opened.close()


def find_frame(received: bytes, at: int) -> tuple[int, int, int] | None:
    """(opcode, start of the payload, its end) of a server's frame; None where some is missing."""
    if len(received) < at + 2:
        return None
    start, size = at + 2, received[at + 1]
    if size > SHORT_MAX:
        start, form = (at + 4, "!H") if size == TWO_BYTES else (at + 10, "!Q")
        if len(received) < start:
            return None
        (size,) = struct.unpack_from(form, received, at + 2)
    end = start + size
    return None if len(received) < end else (received[at] & 0x0F, start, end)


def watch(control: Connection, plan: Plan) -> None:
    """What the process runs, until the other end of `control` is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    watching = Watching(plan)
    try:
        watching.run(control)
    except EOFError:
        pass
    except OSError as error:
        control.send(error)
    finally:
        watching.close()


def _connect(plan: Plan, handshake: bytes) -> socket.socket:
    opened = socket.socket()
    opened.settimeout(HANDSHAKE_S)
    if plan.buffer_bytes:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, plan.buffer_bytes)
    opened.connect(("127.0.0.1", plan.port))
    opened.sendall(handshake)
    return opened


def _finish_handshake(opened: socket.socket) -> bytes:
    """What came behind the answer. Raises ConnectionError where it is no upgrade."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = opened.recv(RECEIVE_BYTES)
        if not part:
            raise ConnectionError("the server hung up in a handshake")
        received += part
    head, _, rest = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(f"no upgrade: {head.splitlines()[0]!r}")
    return rest
