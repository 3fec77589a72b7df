"""Results as runs leave them, made up."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from cli.loadtest.measurements import new_histogram, record, summarise
from cli.loadtest.result import Generator, Latency, Operation, RunResult, Second, Watchers


def latency(counts: dict[int, int]) -> Latency:
    """Of so many values for each number of microseconds."""
    histogram = new_histogram()
    record(histogram, counts)
    found = summarise(histogram)
    assert found is not None
    return found


def result(**changes: Any) -> RunResult:
    """1,000 reads in 2 s, of which 990 took 10 ms and 10 took 100 ms; no error, no watcher."""
    found = latency({10_000: 990, 100_000: 10})
    whole = RunResult(
        started_at="2026-01-31T12:00:00.000000Z",
        interrupted=False,
        config={"url": "http://localhost:8080", "rate": None},
        environment={"cpus": 2},
        took_s=2.0,
        answered=1000,
        errors={},
        rate_limited_by={},
        late=0,
        latency=found,
        operations={"top": Operation(1000, {}, found)},
        series=[Second(at, 500, 0, 0, 0, 10.0, 10.0, 100.0, 100.0) for at in range(2)],
        watchers=None,
        generator=Generator(1, 0.1, 0.0, 0.05, 10_000.0, 10_000.0),
    )
    return replace(whole, **changes)


def watchers() -> Watchers:
    """Five who saw ten changes after 40 ms."""
    return Watchers(5, 0, 0, latency({40_000: 50}), latency({20_000: 50}))
