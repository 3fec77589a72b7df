"""One client of a board's WebSocket, without its socket: what it shows, and what it says next."""

from __future__ import annotations

import json
import struct

from benchmarks.shown import NOTHING, OutOfStep, Shown, apply
from benchmarks.watchers import handshake
from benchmarks.watching import PING, PONG, TEXT, find_frame

VIEW = "top:10"
FIRST = handshake(f"/ws?view={VIEW}")
AGAIN = handshake("/ws")
"""Whoever has a board subscribes by a message, which says what he has."""

VIEW_FRAMES = (b'{"type":"snapshot"', b'{"type":"delta"')
BYE, ERROR = b'{"type":"bye"', b'{"type":"error"'
CLOSE = 8
MASKED = 0x80


class Ended(Exception):
    """The connection is of no more use."""


class Visitor:
    """A client over all its connections.

    Of the present one `is_begun`, `is_upgraded` and `is_current` tell that the handshake was sent,
    that it is over, and that a board, or what changed of the one he has, has come. `wait_s` is when
    a server that has said `bye` wants him back.
    """

    __slots__ = (
        "_rest",
        "is_begun",
        "is_current",
        "is_upgraded",
        "out_of_step",
        "shown",
        "wait_s",
    )

    def __init__(self) -> None:
        self.shown: Shown = NOTHING
        self.out_of_step = 0
        self.end()

    def begin(self) -> bytes:
        """What a new connection begins with."""
        self.is_begun = True
        return FIRST if self.shown is NOTHING else AGAIN

    def end(self) -> None:
        """The connection is over."""
        self.is_begun = self.is_upgraded = self.is_current = False
        self.wait_s: tuple[float, float] | None = None
        self._rest = b""

    def feed(self, received: bytes) -> bytes:
        """What is to be sent upon that; nothing at all is the end. Raises Ended."""
        if not received:
            raise Ended("the server hung up")
        received = self._rest + received if self._rest else received
        answer = b""
        if not self.is_upgraded:
            head, found, received = received.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return b""
            if not head.startswith(b"HTTP/1.1 101"):
                raise Ended(head.partition(b"\r\n")[0].decode("latin-1"))
            self.is_upgraded = True
            answer = b"" if self.shown is NOTHING else self._subscribe()
        return answer + self._read(received)

    def _read(self, received: bytes) -> bytes:
        answer, at = b"", 0
        while (frame := find_frame(received, at)) is not None:
            opcode, start, end = frame
            if opcode == TEXT:
                answer += self._take(received[start:end])
            elif opcode == PING:
                answer += PONG
            elif opcode == CLOSE:
                raise Ended("closed")
            at = end
        self._rest = received[at:]
        return answer

    def _take(self, payload: bytes) -> bytes:
        if payload.startswith(BYE):
            earliest_ms, latest_ms = json.loads(payload)["reconnectInMs"]
            self.wait_s = (earliest_ms / 1000, latest_ms / 1000)
        elif payload.startswith(ERROR):
            raise Ended(json.loads(payload)["code"])
        elif payload.startswith(VIEW_FRAMES):
            return self._show(payload)
        return b""

    def _show(self, payload: bytes) -> bytes:
        try:
            self.shown = apply(self.shown, payload)
        except OutOfStep:
            self.out_of_step += 1
            return self._subscribe()
        self.is_current = True
        return b""

    def _subscribe(self) -> bytes:
        known = {"epoch": self.shown.epoch, "version": self.shown.version}
        return masked_text(json.dumps({"type": "subscribe", "view": VIEW, **known}).encode())


def masked_text(payload: bytes) -> bytes:
    """A client's frame; the mask is zero, which changes nothing."""
    return struct.pack("!BBHI", MASKED | TEXT, MASKED | 126, len(payload), 0) + payload
