"""Adds up what all processes have counted; latencies in HdrHistograms of microseconds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec.structs import asdict

from cli.loadtest.messages import Done
from cli.loadtest.result import Figures, Generator, Latency, Operation, Second, Watchers
from cli.loadtest.tally import Counts, Slice
from scoreboard.domain.errors import ConfigurationError

LOWEST_US = 1
HIGHEST_US = 24 * 3600 * 1_000_000
DIGITS = 3
PERCENTILES = (50.0, 90.0, 99.0, 99.9)
US_PER_MS = 1000
GRANT = "grant"
"""Half of an increment with `--grant live`: an answer to it is not counted beside the other's."""


def new_histogram() -> Any:  # noqa: ANN401 - the library has no types
    """An empty histogram. Raises ConfigurationError where the library is not installed."""
    try:
        from hdrh.histogram import HdrHistogram  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "A load test needs HdrHistogram: pip install 'scoreboard[loadtest]'."
        ) from error
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


def record(histogram: Any, counts: Counts) -> None:  # noqa: ANN401 - as above
    """Adds latencies; what is longer than a day counts as a day."""
    for latency_us, count in counts.items():
        histogram.record_value(min(latency_us, HIGHEST_US), count)


def measure(histogram: Any) -> Figures | None:  # noqa: ANN401 - as above
    """The histogram in figures; None where it is empty."""
    if histogram.total_count == 0:
        return None
    found = histogram.get_percentile_to_value_dict(list(PERCENTILES))
    p50, p90, p99, p999 = (found[each] / US_PER_MS for each in PERCENTILES)
    return Figures(
        count=histogram.total_count,
        p50=p50,
        p90=p90,
        p99=p99,
        p999=p999,
        max=histogram.get_highest_equivalent_value(histogram.max_value) / US_PER_MS,
    )


def summarise(histogram: Any) -> Latency | None:  # noqa: ANN401 - as above
    """The same with the mean, which takes fifty times as long to find, and the histogram itself."""
    found = measure(histogram)
    if found is None:
        return None
    return Latency(
        **asdict(found),
        mean=histogram.get_mean_value() / US_PER_MS,
        histogram=histogram.encode().decode(),
    )


class Measurements:
    """Everything so far. A second is complete once every process has told it, or all are done."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._open: dict[int, list[Slice]] = {}
        self._histograms: dict[str, Any] = {}
        self._send_to_screen = new_histogram()
        self._answer_to_screen = new_histogram()
        self._errors: dict[str, Counter[str]] = {}
        self._answered: Counter[str] = Counter()
        self.latency = new_histogram()
        self.rate_limited_by: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.late = 0
        self.lost_watchers = 0
        self.unseen = 0
        self.series: list[Second] = []

    @property
    def answered(self) -> int:
        """Requests that were answered as they should be, grants aside."""
        return self._answered.total() - self._answered[GRANT]

    @property
    def requests(self) -> int:
        """Everything that was sent, grants too, or should have been."""
        return self._answered.total() + self.errors.total()

    def take(self, part: Slice) -> None:
        """A second of one process."""
        parts = self._open.setdefault(part.second, [])
        parts.append(part)
        if len(parts) == self._processes:
            self._complete(part.second)

    def finish(self) -> None:
        """No process has anything to add: seconds that only some have told are complete too."""
        for second in sorted(self._open):
            self._complete(second)

    def latencies(self) -> dict[str, Figures | None]:
        """By operation, in the order of the alphabet; what watchers saw at the end."""
        names = sorted(self._histograms)
        found = {name: measure(self._histograms[name]) for name in names}
        return {**found, "send → screen": measure(self._send_to_screen)}

    def operations(self) -> dict[str, Operation]:
        """By name, in the order of the alphabet."""
        names = sorted({*self._histograms, *self._errors})
        return {
            name: Operation(
                self._answered[name],
                dict(self._errors.get(name, {})),
                summarise(self._histograms[name]) if name in self._histograms else None,
            )
            for name in names
        }

    def watchers(self, count: int) -> Watchers | None:
        """What `count` watchers saw; None where there were none."""
        if count == 0:
            return None
        return Watchers(
            count,
            self.lost_watchers,
            self.unseen,
            summarise(self._send_to_screen),
            summarise(self._answer_to_screen),
        )

    def _complete(self, second: int) -> None:
        parts = self._open.pop(second)
        latencies, screens = new_histogram(), new_histogram()
        answered = Counter[str]()
        errors = Counter[str]()
        for part in parts:
            for operation, counts in part.latencies.items():
                record(latencies, counts)
                record(self._histograms.setdefault(operation, new_histogram()), counts)
            for operation, codes in part.errors.items():
                self._errors.setdefault(operation, Counter()).update(codes)
                errors.update(codes)
            answered.update(part.answered)
            self.rate_limited_by.update(part.rate_limited_by)
            record(screens, part.send_to_screen)
            record(self._answer_to_screen, part.answer_to_screen)
            self.late += part.late
            self.lost_watchers += part.lost_watchers
            self.unseen += part.unseen
        self.latency.add(latencies)
        self._send_to_screen.add(screens)
        self._answered.update(answered)
        self.errors.update(errors)
        self.series.append(_second(second, parts, latencies, screens, (answered, errors)))


def _second(
    second: int,
    parts: list[Slice],
    latencies: Any,  # noqa: ANN401 - as above
    screens: Any,  # noqa: ANN401 - as above
    counted: tuple[Counter[str], Counter[str]],
) -> Second:
    latency, screen = measure(latencies), measure(screens)
    return Second(
        second=second,
        answered=counted[0].total() - counted[0][GRANT],
        errors=counted[1].total(),
        late=sum(each.late for each in parts),
        backlog=sum(each.backlog for each in parts),
        p50=None if latency is None else latency.p50,
        p90=None if latency is None else latency.p90,
        p99=None if latency is None else latency.p99,
        max=None if latency is None else latency.max,
        screen_p50=None if screen is None else screen.p50,
        screen_p99=None if screen is None else screen.p99,
    )


def cost(done: list[Done], requests: int) -> Generator:
    """What the load took of the machine that made it."""
    cpu_s = sum(each.cpu_s for each in done)
    ahead_s = sum(each.minting_ahead_cpu_s for each in done)
    minting_s = sum(each.minting_cpu_s for each in done)
    without_s = cpu_s - (minting_s - ahead_s)
    return Generator(
        processes=len(done),
        cpu_s=cpu_s + ahead_s,
        minting_cpu_s=minting_s,
        busiest=max((each.cpu_s / each.took_s for each in done if each.took_s), default=0.0),
        requests_per_cpu_s=requests / (cpu_s + ahead_s) if cpu_s else 0.0,
        requests_per_cpu_s_without_minting=requests / without_s if without_s > 0 else 0.0,
    )
