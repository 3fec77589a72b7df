"""When to come back after a connection has ended. Pure: chance is drawn elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from scoreboard.client.errors import LiveEnded

FIRST_S = 0.5
LONGEST_S = 20.0
"""Waits are a random part of the first, then of twice as much, up to the longest."""

LASTING_S = 10.0
"""A connection that held for so long was a good one: waits begin anew after it."""

SLOWER = 3
"""After too many frames the waits begin with the range that so many failures lead to."""

TOKEN_EXPIRED = 4003
TOO_MANY_FRAMES = 4029
TOO_LARGE = 1009
FINAL = range(4500, 5000)
FINAL_STATUSES = frozenset({400, 403, 404})


class Pause(Struct, frozen=True):
    """A range of seconds: wait for a random time within it."""

    shortest_s: float
    longest_s: float


class Comeback:
    """Decides after each end of a connection. `longest_s` bounds the waits of its own."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._failures = 0
        self._asked: Pause | None = None

    def ask(self, range_ms: tuple[int, int]) -> None:
        """The service has said `bye`: the next wait is of its choice."""
        earliest_ms, latest_ms = range_ms
        self._asked = Pause(earliest_ms / 1000, latest_ms / 1000)

    def after_close(self, code: int | None, lasted_s: float) -> Pause:
        """A connection has ended, with a close code or None. Raises LiveEnded."""
        if code is not None and (code in FINAL or code == TOO_LARGE):
            raise LiveEnded(close_code=code)
        if lasted_s >= LASTING_S:
            self._failures = 0
        if code == TOO_MANY_FRAMES:
            self._failures = max(self._failures, SLOWER)
        asked, self._asked = self._asked, None
        return asked or self._longer()

    def after_refusal(self, status: int, retry_after_s: float) -> Pause:
        """A handshake was answered with an HTTP status. Raises LiveEnded."""
        if status in FINAL_STATUSES:
            raise LiveEnded(status=status)
        pause = self._longer()
        return Pause(retry_after_s, retry_after_s + pause.longest_s)

    def after_silence(self) -> Pause:
        """Nobody answered at all."""
        return self._longer()

    def _longer(self) -> Pause:
        longest_s = min(self._longest_s, FIRST_S * 2.0**self._failures)
        self._failures += longest_s < self._longest_s
        return Pause(0.0, longest_s)


def read_retry_after(headers: Mapping[str, str] | None) -> float:
    """The seconds of `Retry-After`; 0 where there are none. Dates are not read."""
    text = "" if headers is None else headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
