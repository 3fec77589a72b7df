"""The result of a run as it is told: to people, as JSON, and read again for a report."""

from __future__ import annotations

from msgspec import Struct


class Figures(Struct, frozen=True, rename={"p999": "p99.9"}):
    """What is told of latencies, in milliseconds."""

    count: int
    p50: float
    p90: float
    p99: float
    p999: float
    max: float


class Latency(Figures, frozen=True):
    """With all of it: an HdrHistogram of microseconds (V2, compressed, base64)."""

    mean: float
    histogram: str


class Operation(Struct, frozen=True, rename="camel"):
    """What became of one kind of request; `errors` by code. Latency is None where none was told."""

    answered: int
    errors: dict[str, int]
    latency: Latency | None


class Second(Struct, frozen=True, rename="camel"):
    """One second of the run. Latencies in milliseconds, None where there were none."""

    second: int
    answered: int
    errors: int
    late: int
    backlog: int
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None
    max: float | None = None
    screen_p50: float | None = None
    screen_p99: float | None = None


class Watchers(Struct, frozen=True, rename="camel"):
    """What watchers saw. The commit → screen time lies between the two latencies."""

    count: int
    lost: int
    unseen: int
    send_to_screen: Latency | None
    answer_to_screen: Latency | None


class Generator(Struct, frozen=True, rename="camel"):
    """What the load itself took: CPU seconds of all processes, and of signing tokens among them.

    `busiest` is the part of a core that the busiest process used while it loaded.
    """

    processes: int
    cpu_s: float
    minting_cpu_s: float
    busiest: float
    requests_per_cpu_s: float
    requests_per_cpu_s_without_minting: float


class Objective(Struct, frozen=True, rename="camel"):
    """An objective, what was found, and whether that meets it."""

    text: str
    found: str
    is_met: bool


class RunResult(
    Struct, frozen=True, rename="camel", tag_field="format", tag="scoreboard-loadtest-1"
):
    """A whole run."""

    started_at: str
    interrupted: bool
    config: dict[str, str | int | float | bool | None]
    environment: dict[str, str | int]
    took_s: float
    answered: int
    errors: dict[str, int]
    rate_limited_by: dict[str, int]
    late: int
    latency: Latency | None
    operations: dict[str, Operation]
    series: list[Second]
    watchers: Watchers | None
    generator: Generator
    objectives: list[Objective] = []

    @property
    def failed(self) -> int:
        """Requests that were not answered as they should be."""
        return sum(self.errors.values())

    @property
    def error_percent(self) -> float | None:
        """Failed requests among all; None where there was none at all."""
        total = self.answered + self.failed
        return self.failed / total * 100 if total else None

    @property
    def throughput_per_s(self) -> float | None:
        """Answers per second of the whole run, ramps included; None for an empty run.

        A grant that was asked for on the way to an increment is none.
        """
        return self.answered / self.took_s if self.took_s else None
