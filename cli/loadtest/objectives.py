"""Service level objectives: `p99<50ms,errors<0.1%` as text, and whether a run met them."""

from __future__ import annotations

import re
from collections.abc import Callable

import typer
from msgspec import Struct

from cli.loadtest.result import Latency, Objective, RunResult

LATENCIES: dict[str, Callable[[Latency], float]] = {
    "p50": lambda found: found.p50,
    "p90": lambda found: found.p90,
    "p99": lambda found: found.p99,
    "p99.9": lambda found: found.p999,
    "max": lambda found: found.max,
}
WATCHERS = "watchers_"

_TERM = re.compile(r"([a-z0-9_.]+)\s*(<=|<|>=|>)\s*(\d{1,9}(?:\.\d{1,6})?)\s*(us|ms|s|%|/s)", re.A)
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda found, limit: found < limit,
    "<=": lambda found, limit: found <= limit,
    ">": lambda found, limit: found > limit,
    ">=": lambda found, limit: found >= limit,
}


class Term(Struct, frozen=True):
    """One objective; `limit` is in milliseconds, percent or requests per second."""

    text: str
    metric: str
    relation: str
    limit: float

    @property
    def is_of_watchers(self) -> bool:
        """Whether it needs watchers to be judged."""
        return self.metric.startswith(WATCHERS)

    def judge(self, result: RunResult) -> Objective:
        """The objective with what the run showed; not met where it showed nothing."""
        found = _measure(self.metric, result)
        is_met = found is not None and _HOLDS[self.relation](found, self.limit)
        return Objective(text=self.text, found=_tell(self.metric, found), is_met=is_met)


def parse_objectives(text: str) -> list[Term]:
    """The terms, in their order. Raises BadParameter for anything that is not understood whole."""
    return [_parse_term(part.strip()) for part in text.split(",")]


def _parse_term(text: str) -> Term:
    found = _TERM.fullmatch(text)
    if found is None:
        raise typer.BadParameter(
            f"{text!r} is no objective; they look like p99<50ms, errors<0.1% or throughput>1000/s."
        )
    metric, relation, number, unit = found.groups()
    if metric.removeprefix(WATCHERS) in LATENCIES:
        _demand(text, metric, relation[0] == "<" and unit in _MILLISECONDS, "<50ms")
        return Term(text, metric, relation, float(number) * _MILLISECONDS[unit])
    if metric == "errors":
        _demand(text, metric, relation[0] == "<" and unit == "%", "<0.1%")
    elif metric == "throughput":
        _demand(text, metric, relation[0] == ">" and unit == "/s", ">1000/s")
    else:
        known = ", ".join((*LATENCIES, "errors", "throughput", *(WATCHERS + p for p in LATENCIES)))
        raise typer.BadParameter(f"{metric!r} is not measured; there are {known}.")
    return Term(text, metric, relation, float(number))


def _demand(text: str, metric: str, is_right: bool, example: str) -> None:
    if not is_right:
        raise typer.BadParameter(f"{text!r} cannot be judged; write it as in {metric}{example}.")


def _measure(metric: str, result: RunResult) -> float | None:
    if metric == "errors":
        return result.error_percent
    if metric == "throughput":
        return result.throughput_per_s
    if metric.startswith(WATCHERS):
        latency = result.watchers.send_to_screen if result.watchers else None
    else:
        latency = result.latency
    return LATENCIES[metric.removeprefix(WATCHERS)](latency) if latency else None


def _tell(metric: str, found: float | None) -> str:
    if found is None:
        return "nothing measured"
    if metric == "errors":
        return f"{found:.3g} %"
    if metric == "throughput":
        return f"{found:,.0f}/s"
    return f"{found:,.2f} ms"
