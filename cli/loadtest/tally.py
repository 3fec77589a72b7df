"""What one generator process counts, second by second."""

from __future__ import annotations

from collections import Counter, defaultdict

from msgspec import Struct, field

Counts = dict[int, int]
"""Latency in microseconds → how often."""

_PRECISE_BITS = 11
"""HdrHistogram keeps three digits in 2,048 steps: finer values would fall together there."""


class Slice(Struct, tag="slice"):
    """One second of one process; dictionaries of dictionaries are by operation."""

    second: int
    latencies: dict[str, Counts] = field(default_factory=lambda: defaultdict(dict))
    errors: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(Counter))
    answered: dict[str, int] = field(default_factory=Counter)
    rate_limited_by: dict[str, int] = field(default_factory=Counter)
    send_to_screen: Counts = field(default_factory=dict)
    answer_to_screen: Counts = field(default_factory=dict)
    late: int = 0
    backlog: int = 0
    lost_watchers: int = 0
    unseen: int = 0


def note(counts: Counts, seconds: float) -> None:
    """Counts a latency, rounded down to what a histogram of three digits can tell apart."""
    latency_us = max(0, int(seconds * 1_000_000))
    coarse = max(0, latency_us.bit_length() - _PRECISE_BITS)
    latency_us = latency_us >> coarse << coarse
    counts[latency_us] = counts.get(latency_us, 0) + 1


class Tally:
    """Counts into the present second."""

    def __init__(self) -> None:
        self.now = Slice(0)

    def turn(self) -> Slice:
        """The second that is over; a new one begins."""
        over, self.now = self.now, Slice(self.now.second + 1)
        return over

    def answer(self, operation: str, latency_s: float) -> None:
        """A request was answered as it should be."""
        self.now.answered[operation] += 1
        note(self.now.latencies[operation], latency_s)

    def refuse(self, operation: str, code: str, policy: str) -> None:
        """A request was refused. Its latency is left out: quick refusals would flatter."""
        self.now.errors[operation][code] += 1
        if policy:
            self.now.rate_limited_by[policy] += 1

    def miss(self, operation: str, code: str, waited_s: float) -> None:
        """A request was never answered. The wait counts: leaving it out would flatter too."""
        self.now.errors[operation][code] += 1
        note(self.now.latencies[operation], waited_s)

    def fail_to_connect(self) -> None:
        """The service took no connection."""
        self.now.errors["connect"]["cannot_connect"] += 1
