"""Histograms as curves for `plot`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmarks.plot import Curve

BARS = 60
MARK = 0.6
"""How high a marker is, of the highest bar: its name stands at its end."""


def shares(values: Sequence[float], end: float, tone: int) -> Curve:
    """What percent of the values lies in each of BARS equal steps from 0 to `end`.

    What lies beyond counts in the hundred percent, and is not drawn. Its `marker` names it.
    """
    width = end / BARS
    counted = Counter(int(value / width) for value in values)
    points = [(0.0, 0.0)]
    for bar in range(BARS):
        percent = 100 * counted[bar] / max(1, len(values))
        points += [(bar * width, percent), ((bar + 1) * width, percent)]
    return Curve("", points, tone)


def marker(name: str, at: float, bars: Curve) -> Curve:
    """An upright line at a value."""
    return Curve(name, [(at, 0.0), (at, MARK * max(y for _, y in bars.points))], bars.tone)
