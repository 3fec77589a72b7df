"""Servers that send the same updates to the same many WebSockets, measured the same way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Self

from benchmarks.closed_loop import percentile
from benchmarks.processes import cpu_s
from benchmarks.publishing import Publish, publish_at
from benchmarks.ramp import Level, climb
from benchmarks.recording import Figures
from benchmarks.targets import Target
from benchmarks.watchers import Screens, delays_s, handshake
from benchmarks.watching import Arrivals, Plan
from scoreboard.bus.protocol import ViewMessage

BUSY = 0.7
"""Of a core: watchers that take as much have a part in the limit that is found."""


@dataclass(frozen=True)
class Contender:
    """A server, what is published, and how; versions go on from one round to the next."""

    name: str
    target: Target
    messages: Iterator[ViewMessage]
    publishing: Callable[[], AbstractAsyncContextManager[Publish]]


@dataclass(frozen=True)
class Stretch:
    """Updates at one rate, and what came of them. `dues_s` by version; `used_s` of the server."""

    arrivals: Arrivals
    dues_s: dict[int, float]
    used_s: float
    sockets: int

    @property
    def share(self) -> float:
        """How many of the frames came; whoever was skipped is missing."""
        return self.arrivals.frames / (len(self.dues_s) * self.sockets)

    def delay_s(self, percent: float) -> float:
        """From when an update was due until it, or a later one, was on so many of the screens."""
        return percentile(delays_s(self.arrivals, self.dues_s, self.sockets), percent)


class Stage:
    """One contender before its WebSockets, which are opened again where it lost some."""

    def __init__(self, contender: Contender, publish: Publish, sockets: int) -> None:
        self._contender = contender
        self._publish = publish
        self._sockets = sockets
        self._screens: Screens | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    async def play(self, per_s: float, seconds: float) -> Stretch:
        """Publishes for so long, and waits for what is still under way."""
        screens = await self._open()
        pids = self._contender.target.pids
        messages = list(islice(self._contender.messages, max(1, round(per_s * seconds))))
        before_s = cpu_s(*pids)
        start_s = await publish_at(self._publish, messages, per_s)
        # Beside the loop: a bus whose heartbeats stop meanwhile is taken for dead.
        arrivals = await asyncio.to_thread(screens.collect)
        await asyncio.to_thread(screens.collect_rest, arrivals)
        used_s = cpu_s(*pids) - before_s
        if arrivals.lost:
            self._close()
        dues_s = {each.version: start_s + number / per_s for number, each in enumerate(messages)}
        return Stretch(arrivals, dues_s, used_s, self._sockets)

    async def climb(self, rates: tuple[float, ...], seconds: float) -> Level | None:
        """The rate with most deliveries that is held."""

        async def measure(per_s: float) -> Level:
            stretch = await self.play(per_s, seconds)
            share, arrivals = stretch.share, stretch.arrivals
            deliveries_per_s = per_s * self._sockets * share
            return Level(
                per_s, deliveries_per_s, stretch.delay_s(99), share, arrivals.busy, arrivals.lost
            )

        return await climb(measure, rates)

    async def _open(self) -> Screens:
        """Everybody has the present board: what is measured are changes."""
        if self._screens is None:
            plan = Plan(self._contender.target.port, [handshake()] * self._sockets)
            self._screens = await asyncio.to_thread(Screens(plan).__enter__)
            await publish_at(self._publish, islice(self._contender.messages, 1), 1)
            await asyncio.to_thread(self._screens.collect_rest, Arrivals())
        return self._screens

    def _close(self) -> None:
        if self._screens is not None:
            self._screens.__exit__(None, None, None)
            self._screens = None


def steady_figures(stretch: Stretch) -> Figures:
    """What a delivery costs and how long it takes where nobody is at his limits."""
    arrivals = stretch.arrivals
    frames = max(1, arrivals.frames)
    return {
        "CPU per delivery µs": stretch.used_s / frames * 1e6,
        "bytes per delivery": arrivals.size / frames,
        "p50 ms": stretch.delay_s(50) * 1000,
        "p99 ms": stretch.delay_s(99) * 1000,
        "skipped %": 100 * (1 - stretch.share),
        "client's core %": arrivals.busy * 100,
    }


def limit_figures(level: Level | None) -> Figures:
    """The highest rate that was held; nothing where none was."""
    if level is None:
        return {"updates/s": 0.0, "deliveries/s": 0.0}
    return {
        "updates/s": level.per_s,
        "deliveries/s": level.deliveries_per_s,
        "p99 ms": level.p99_s * 1000,
        "skipped %": 100 * (1 - level.share),
        "client's core %": level.busy * 100,
    }


def doubt(level: Level | None, rates: Sequence[float]) -> str:
    """Why a server may bear more than that; empty where the limit is its own."""
    if level is None:
        return ""
    if level.per_s >= rates[-1]:
        return "held the highest rate that was tried"
    if level.busy >= BUSY:
        return f"the watchers took {100 * level.busy:.0f} % of their core, which the sender shares"
    return ""
