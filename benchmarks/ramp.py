"""The most deliveries that everybody still gets in time, found by going up and then halving."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

P99_MAX_S = 0.250
MORE = 1.02
"""What a higher rate has to bring for a yet higher one to be tried."""

IN_A_ROW = 2
REFINEMENTS = 2


@dataclass(frozen=True)
class Level:
    """What became of one rate of updates.

    `p99_s` from when an update was due until it, or a later one, was on the screen. `share` is how
    many frames came, of updates × sockets: a server that skips delivers fewer, and stays in time.
    `busy` is the watchers' part of a core, `lost` are sockets that the server ended.
    """

    per_s: float
    deliveries_per_s: float
    p99_s: float
    share: float
    busy: float = 0.0
    lost: int = 0

    @property
    def is_held(self) -> bool:
        """Whether everybody was up to date, and still is."""
        return self.p99_s <= P99_MAX_S and not self.lost


Measure = Callable[[float], Awaitable[Level]]


async def climb(
    measure: Measure, rates: Sequence[float], *, refinements: int = REFINEMENTS
) -> Level | None:
    """The level with most deliveries among those that are held; None where the first is not.

    Ends also where IN_A_ROW rates brought no more. A level fails when it fails twice: a machine
    that others use, too, stalls now and then.
    """
    held: list[Level] = []
    failed_per_s = 0.0
    for rate in rates:
        level = await _try_twice(measure, rate)
        if not level.is_held:
            failed_per_s = rate
            break
        held.append(level)
        if _is_saturated(held):
            break
    if held and failed_per_s:
        held += await _halve(measure, held[-1].per_s, failed_per_s, refinements)
    return max(held, key=lambda each: each.deliveries_per_s, default=None)


async def _halve(measure: Measure, low: float, high: float, times: int) -> list[Level]:
    """Those held between a rate that is and one that is not."""
    held: list[Level] = []
    for _ in range(times):
        level = await _try_twice(measure, (low + high) / 2)
        if level.is_held:
            held.append(level)
            low = level.per_s
        else:
            high = level.per_s
    return held


async def _try_twice(measure: Measure, rate: float) -> Level:
    level = await measure(rate)
    return level if level.is_held else await measure(rate)


def _is_saturated(held: list[Level]) -> bool:
    rates = [each.deliveries_per_s for each in held]
    return len(rates) > IN_A_ROW and max(rates[-IN_A_ROW:]) < MORE * max(rates[:-IN_A_ROW])
