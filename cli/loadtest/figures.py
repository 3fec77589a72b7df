"""The charts of a report: what stands on which axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cli.loadtest.chart import Point, Series, draw_chart
from cli.loadtest.result import Latency, RunResult, Second
from cli.loadtest.scales import Axis, linear, logarithmic_ms, nines
from cli.output import CommandFailed

POINTS_MAX = 300
CURVE_STEPS = 20
LOWEST_MS = 0.01
PARTIAL_S = 0.5

Run = tuple[str, RunResult]
"""Its label, `A` or `B` with the file's name, and what was measured."""

Measure = Callable[[Second], float | None]

PERCENTILES: tuple[tuple[str, Measure], ...] = (
    ("p50", lambda each: each.p50),
    ("p90", lambda each: each.p90),
    ("p99", lambda each: each.p99),
    ("max", lambda each: each.max),
)
COMPARED = ("p50", "p99")


def draw_figures(runs: Sequence[Run]) -> str:
    """Every chart that the runs have something for."""
    charts = [_throughput(runs), _latencies(runs), _curve(runs)]
    if any(result.watchers for _, result in runs):
        charts.append(_watchers(runs))
    if any(each.errors for _, result in runs for each in result.series):
        charts.append(_errors(runs))
    return "".join(charts)


def _throughput(runs: Sequence[Run]) -> str:
    lines = [
        Series(f"{label}answers/s", style, _over_time(result, _answered, mean), is_area=True)
        for style, label, result in _styled(runs)
    ]
    return draw_chart("Throughput", _time(runs), linear(_highest(lines)), lines)


def _latencies(runs: Sequence[Run]) -> str:
    is_single = len(runs) == 1
    lines = [
        Series(
            f"{label}{name}",
            name if is_single else f"{style} {name}",
            _over_time(result, measure, max),
            unit=" ms",
        )
        for style, label, result in _styled(runs)
        for name, measure in PERCENTILES
        if is_single or name in COMPARED
    ]
    note = "From when a request was due to its answer. The axis is logarithmic."
    return draw_chart("Latency over time", _time(runs), _log_ms(lines), lines, note)


def _curve(runs: Sequence[Run]) -> str:
    lines = [
        Series(f"{label}latency", style, percentile_curve(result.latency), unit=" ms")
        for style, label, result in _styled(runs)
        if result.latency
    ]
    count = max((result.latency.count for _, result in runs if result.latency), default=1)
    note = "So many percent of the requests were answered within."
    return draw_chart("Latency by percentile", nines(count), _log_ms(lines), lines, note)


def _watchers(runs: Sequence[Run]) -> str:
    measures: tuple[tuple[str, Measure], ...] = (
        ("p50", lambda each: each.screen_p50),
        ("p99", lambda each: each.screen_p99),
    )
    lines = [
        Series(
            f"{label}{name}",
            name if len(runs) == 1 else f"{style} {name}",
            _over_time(result, measure, max),
            unit=" ms",
        )
        for style, label, result in _styled(runs)
        for name, measure in measures
    ]
    note = "From sending an increment to the first list that shows it, at every watcher."
    return draw_chart("Send → screen", _time(runs), _log_ms(lines), lines, note)


def _errors(runs: Sequence[Run]) -> str:
    lines = [
        Series(
            f"{label}errors/s",
            "failed" if len(runs) == 1 else style,
            _over_time(result, lambda each: each.errors, mean),
            is_area=True,
        )
        for style, label, result in _styled(runs)
    ]
    return draw_chart("Errors", _time(runs), linear(_highest(lines)), lines)


def percentile_curve(latency: Latency) -> list[Point]:
    """(percentile, milliseconds) as far as the number of values carries."""
    histogram = decode(latency)
    last = math.log10(max(latency.count, 10))
    steps = range(int(last * CURVE_STEPS) + 1)
    percentiles = [100 - 100 / 10 ** (step / CURVE_STEPS) for step in steps]
    found = histogram.get_percentile_to_value_dict(percentiles)
    return [(each, found[each] / 1000) for each in percentiles if each in found]


def decode(latency: Latency) -> Any:  # noqa: ANN401 - the library has no types
    """The histogram. Raises CommandFailed where the text holds none."""
    from cli.loadtest.measurements import new_histogram  # noqa: PLC0415

    try:
        return new_histogram().decode(latency.histogram)
    except Exception as error:  # whatever a broken text does to the library
        raise CommandFailed("The file holds a histogram that cannot be read.") from error


def mean(values: Sequence[float]) -> float:
    """Their average; there must be some."""
    return sum(values) / len(values)


def _answered(each: Second) -> float:
    return float(each.answered)


def _over_time(
    result: RunResult, measure: Measure, join: Callable[[Sequence[float]], float]
) -> list[Point]:
    """A point for each second; for each few where there would be too many."""
    seconds = whole_seconds(result)
    step = -(-len(seconds) // POINTS_MAX) or 1
    points: list[Point] = []
    for begin in range(0, len(seconds), step):
        part = seconds[begin : begin + step]
        values = [value for each in part if (value := measure(each)) is not None]
        points.append((part[0].second + step / 2, join(values) if values else None))
    return points


def whole_seconds(result: RunResult) -> list[Second]:
    """The series without the piece at its end that is no second."""
    return [
        each
        for each in result.series
        if each.second == 0 or each.second + PARTIAL_S < result.took_s
    ]


def _styled(runs: Sequence[Run]) -> Iterable[tuple[str, str, RunResult]]:
    """The style class of each run, and what its lines' names begin with."""
    prefixes = ("A ", "B ") if len(runs) > 1 else ("",)
    return [
        (style, prefix, result)
        for style, prefix, (_, result) in zip(("a", "b"), prefixes, runs, strict=False)
    ]


def _time(runs: Sequence[Run]) -> Axis:
    return linear(max(len(whole_seconds(result)) for _, result in runs), " s", 6)


def _highest(lines: Sequence[Series]) -> float:
    return max((y for line in lines for _, y in line.points if y is not None), default=0.0)


def _log_ms(lines: Sequence[Series]) -> Axis:
    found = [y for line in lines for _, y in line.points if y is not None]
    low = max(LOWEST_MS, min(found, default=1.0))
    return logarithmic_ms(low, max(found, default=low))
