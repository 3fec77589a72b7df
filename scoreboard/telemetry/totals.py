"""Metrics of several processes, added up to those of one service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec import Struct
from prometheus_client import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.samples import Sample

from scoreboard.telemetry.metrics import Combine, Metrics

GAUGE = "gauge"
CREATED = "_created"

Labels = tuple[tuple[str, str], ...]
LineKey = tuple[str, Labels]


class Line(Struct, frozen=True, array_like=True):
    """One line of the exposition."""

    name: str
    labels: Labels
    value: float


class Family(Struct, frozen=True, array_like=True):
    """One metric of one process with all its lines; `kind` is counter, gauge or histogram."""

    name: str
    text: str
    kind: str
    lines: tuple[Line, ...]


def read_families(metrics: Metrics) -> tuple[Family, ...]:
    """Every metric as it is now."""
    return tuple(
        Family(
            metric.name,
            metric.documentation,
            metric.type,
            tuple(
                Line(each.name, tuple(each.labels.items()), each.value) for each in metric.samples
            ),
        )
        for metric in metrics.registry.collect()
    )


class Totals:
    """Counters and histograms are added up and never go back, gauges combined by their meaning."""

    def __init__(self, combine: Mapping[str, Combine]) -> None:
        """`combine` holds what each gauge's values say together, by its name."""
        self._combine = combine
        self._latest: dict[int, tuple[Family, ...]] = {}
        self._ended: dict[str, dict[LineKey, float]] = defaultdict(dict)

    def take(self, process: int, families: tuple[Family, ...]) -> None:
        """The latest of a process; `process` is any number that names it while it runs."""
        self._latest[process] = families

    def end(self, process: int) -> None:
        """The process is gone: what it counted stays, its gauges do not."""
        for family in self._latest.pop(process, ()):
            if family.kind == GAUGE:
                continue
            ended = self._ended[family.name]
            for line in family.lines:
                key = (line.name, line.labels)
                known = (ended[key],) if key in ended else ()
                ended[key] = self._combine_of(family, line.name)((*known, line.value))

    def render(self) -> bytes:
        """The exposition text of Prometheus."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        """The metrics of the whole; what the exposition is made from."""
        known: dict[str, Family] = {}
        values: dict[str, dict[LineKey, list[float]]] = {}
        for family in (each for families in self._latest.values() for each in families):
            if family.name not in known:
                known[family.name] = family
                ended = self._ended.get(family.name, {})
                values[family.name] = {key: [value] for key, value in ended.items()}
            found = values[family.name]
            for line in family.lines:
                found.setdefault((line.name, line.labels), []).append(line.value)
        for name, family in known.items():
            metric = Metric(name, family.text, family.kind)
            metric.samples = [
                Sample(line_name, dict(labels), self._combine_of(family, line_name)(each))
                for (line_name, labels), each in values[name].items()
            ]
            yield metric

    def _combine_of(self, family: Family, line_name: str) -> Combine:
        if family.kind == GAUGE:
            return self._combine.get(family.name, sum)
        return min if line_name.endswith(CREATED) else sum
