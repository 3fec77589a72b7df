"""What a run does: values that the command makes and every generator process reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Grant = Literal["ahead", "live"]


class Segment(Struct, frozen=True):
    """A part of the run in which the rate changes evenly from one value to another."""

    from_per_s: float
    to_per_s: float
    lasts_s: float

    @property
    def arrivals(self) -> float:
        """How many requests fall into it."""
        return (self.from_per_s + self.to_per_s) / 2 * self.lasts_s

    def reached_at_s(self, arrivals: float) -> float:
        """When, after its begin, so many have arrived."""
        slope = (self.to_per_s - self.from_per_s) / self.lasts_s
        if slope == 0:
            return arrivals / self.from_per_s
        root = math.sqrt(max(0.0, self.from_per_s**2 + 2 * slope * arrivals))
        # The usual formula, turned over: it does not lose its digits where the slope is small.
        return 2 * arrivals / (self.from_per_s + root) if arrivals else 0.0


class Schedule:
    """When each request of an open loop is due, whatever became of those before it."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self.lasts_s = sum(each.lasts_s for each in segments)
        # Rounded, so that 1000/s over 10 s are 10,000 in spite of binary fractions.
        self.arrivals = math.ceil(round(sum(each.arrivals for each in segments), 6))

    def due_s(self, number: int) -> float:
        """Seconds from the start to the arrival of a request, counted from 0."""
        before, begun_s = 0.0, 0.0
        for each in self._segments:
            if number < before + each.arrivals:
                return begun_s + each.reached_at_s(number - before)
            before += each.arrivals
            begun_s += each.lasts_s
        return begun_s


class Target(Struct, frozen=True):
    """Where the service is. `address` is what its host stood for when the run began."""

    url: str
    host: str
    port: int
    address: str
    is_tls: bool
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


class Plan(Struct, frozen=True):
    """Everything that one generator process needs to know; no secret among it.

    An open loop has `segments`, a closed one none. `zipf` is 0 where all users are alike. The run
    ends after `duration_s` or `requests`, whichever comes first; either may be None.
    """

    target: Target
    board: str
    mix: dict[str, int]
    segments: tuple[Segment, ...]
    connections: int
    duration_s: float | None
    ramp_s: float
    requests: int | None
    users: int
    zipf: float
    grant: Grant
    watchers: int
    view: str
    timeout_s: float
    keys_file: str
    issuer: str
    action_life_s: int
    part: int = 0
    parts: int = 1

    @property
    def load_lasts_s(self) -> float | None:
        """How long requests are sent; None where only their number ends it."""
        return sum(each.lasts_s for each in self.segments) if self.segments else self.duration_s

    @property
    def writes_share(self) -> float:
        """Increments among all requests."""
        return self.mix.get("increment", 0) / sum(self.mix.values())

    def split(self, parts: int) -> list[Plan]:
        """The plans of so many processes. Of an open loop's arrivals each takes every n-th."""
        return [
            replace(
                self,
                connections=_share(self.connections, part, parts),
                watchers=_share(self.watchers, part, parts),
                requests=None if self.requests is None else _share(self.requests, part, parts),
                part=part,
                parts=parts,
            )
            for part in range(parts)
        ]


def _share(total: int, part: int, parts: int) -> int:
    return total // parts + (part < total % parts)
