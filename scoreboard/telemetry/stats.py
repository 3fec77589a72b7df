"""What one process has counted, in few numbers: what a person looks at to see how it is."""

from __future__ import annotations

from msgspec import Struct
from prometheus_client import Metric

from scoreboard.telemetry.metrics import Metrics


class Durations(Struct, frozen=True, rename="camel"):
    """How many took at most so many milliseconds; the last bound is null: all of them."""

    up_to_ms: list[float | None]
    counts: list[int]


class Counted(Struct, frozen=True, rename="camel"):
    """Counts since the start of the process, and what is the case now."""

    increments: int
    refusals: dict[str, int]
    commits: Durations
    updates: Durations
    waiting: int
    sockets: int


def read_counted(metrics: Metrics) -> Counted:
    """As it is now."""
    families = {each.name: each for each in metrics.registry.collect()}
    return Counted(
        increments=_number(families["score_increment"], "_total"),
        refusals={
            each.labels["code"]: int(each.value)
            for each in families["score_increment_failures"].samples
            if each.name.endswith("_total")
        },
        commits=_durations(families["scoreboard_commit_ms"]),
        updates=_durations(families["scoreboard_update_latency_ms"]),
        waiting=_number(families["scoreboard_queue_depth"]),
        sockets=_number(families["scoreboard_sockets"]),
    )


def _number(family: Metric, ending: str = "") -> int:
    name = family.name + ending
    return int(next(each.value for each in family.samples if each.name == name))


def _durations(family: Metric) -> Durations:
    buckets = [each for each in family.samples if each.name.endswith("_bucket")]
    bounds = [float(each.labels["le"]) for each in buckets]
    return Durations(
        [None if bound == float("inf") else bound for bound in bounds],
        [int(each.value) for each in buckets],
    )
