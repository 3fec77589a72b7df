"""Axes: from values to places on a chart, and the round numbers that stand beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
DECADES_FEW = 2.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Values between `low` and `high`, and their `ticks` with labels."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    place: Callable[[float], float]
    """0 at `low`, 1 at `high`."""


def linear(high: float, unit: str = "", wanted: int = 4) -> Axis:
    """From 0 to the round number at or above `high`."""
    high = high if high > 0 else 1.0
    step = _round_up(high / wanted)
    count = math.ceil(high / step - 1e-9)
    top = step * count
    ticks = tuple((step * each, compact(step * each) + unit) for each in range(count + 1))
    return Axis(0.0, top, ticks, lambda value: value / top)


def logarithmic_ms(low: float, high: float) -> Axis:
    """Milliseconds between powers of ten around `low` and `high`; 2 and 5 beside them where few.

    Both must be above 0.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    factors = (1, 2, 5) if last - first <= DECADES_FEW else (1,)
    values = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
    ticks = tuple((each, _duration(each)) for each in values if each <= 10.0**last)
    return Axis(
        10.0**first,
        10.0**last,
        ticks,
        lambda value: (math.log10(max(value, 10.0**first)) - first) / (last - first),
    )


def nines(count: int) -> Axis:
    """Percentiles of `count` values, each nine as wide as the one before."""
    last = max(2.0, math.log10(max(count, 1)))
    known = (50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999)
    ticks = tuple((each, f"{each:g} %") for each in known if _nines(each) < last + 1e-6)
    return Axis(0.0, 100 - 100 / 10**last, ticks, lambda value: _nines(value) / last)


def compact(value: float) -> str:
    """As people write it beside an axis: 1.5k, 20, 0.25."""
    if value >= 1_000_000:  # noqa: PLR2004 - a million
        return f"{value / 1_000_000:g}M"
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"  # noqa: PLR2004 - a thousand


def _duration(milliseconds: float) -> str:
    return f"{milliseconds / 1000:g} s" if milliseconds >= 1000 else f"{milliseconds:g} ms"  # noqa: PLR2004


def _nines(percent: float) -> float:
    return -math.log10(max(1 - percent / 100, 1e-12))


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(each for each in ROUND if each * power >= value * (1 - 1e-9)) * power
