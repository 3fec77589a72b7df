"""What a run has measured: every sample of every round, and the lines of the table they make."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median

from benchmarks.goals import GOALS, Goal

Figures = dict[str, float]
"""By name; the unit is the name's last word."""


@dataclass(frozen=True)
class Sample:
    """What one round measured of one target under one condition."""

    section: str
    target: str
    condition: str
    round: int
    figures: Figures


@dataclass(frozen=True)
class Line:
    """One line of the table: a figure made of all rounds. `value` is None where it is missing."""

    section: str
    label: str
    value: float | None
    unit: str
    spread: tuple[float, float] | None = None
    goal: Goal | None = None
    remark: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal or a value."""
        if self.goal is None or self.value is None:
            return None
        return self.goal.is_met(self.value)


@dataclass
class Recording:
    """Grows while sections run. `section` is the one that runs, as the table names it."""

    section: str = ""
    samples: list[Sample] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    started_s: float = field(default_factory=time.monotonic)

    def note(self, target: str, condition: str, number: int, figures: Figures) -> None:
        """Keeps a sample, and shows it."""
        self.samples.append(Sample(self.section, target, condition, number, figures))
        shown = "  ".join(f"{name} {_short(value)}" for name, value in figures.items())
        self.tell(f"round {number}  {target} {condition}: {shown}")

    def tell(self, text: str) -> None:
        """Progress, on stderr: the table alone goes to stdout."""
        elapsed_s = int(time.monotonic() - self.started_s)
        head = f"[{elapsed_s // 60:3}:{elapsed_s % 60:02}] {self.section}"
        print(f"{head}  {text}", file=sys.stderr, flush=True)

    def remark(self, text: str) -> None:
        """Something that belongs under the table."""
        self.remarks.append(f"{self.section}: {text}")
        self.tell(text)

    def values(self, figure: str, target: str, condition: str) -> list[float]:
        """A figure of this section, round by round; empty where it was not measured."""
        return [
            each.figures[figure]
            for each in self.samples
            if (each.section, each.target, each.condition) == (self.section, target, condition)
            and figure in each.figures
        ]

    def value(
        self, label: str, figure: str, target: str, condition: str, *, unit: str, goal: str = ""
    ) -> None:
        """A line with the median of a figure."""
        self.add(label, self.values(figure, target, condition), unit=unit, goal=goal)

    def ratio(
        self,
        label: str,
        figure: str,
        ours: tuple[str, str],
        theirs: tuple[str, str],
        *,
        goal: str = "",
    ) -> None:
        """A line with the median of a figure's ratio, of (target, condition) to another, by round.

        Of each round, then the median: rounds are minutes apart, and machines vary.
        """
        pairs = zip(self.values(figure, *ours), self.values(figure, *theirs), strict=True)
        self.add(label, [one / other for one, other in pairs if other], unit="×", goal=goal)

    def add(self, label: str, values: Sequence[float], *, unit: str, goal: str = "") -> None:
        """A line with the median of values, one of each round."""
        spread = (min(values), max(values)) if len(values) > 1 else None
        found = median(values) if values else None
        self.lines.append(Line(self.section, label, found, unit, spread, _goal(goal)))

    def missing(self, label: str, why: str, goal: str = "") -> None:
        """A line that says why there is no figure."""
        self.lines.append(Line(self.section, label, None, "", None, _goal(goal), why))

    def as_dict(self) -> dict[str, object]:
        """Everything, for a JSON file."""
        lines = [{**asdict(each), "is_met": each.is_met} for each in self.lines]
        return {
            "lines": lines,
            "remarks": self.remarks,
            "samples": [asdict(each) for each in self.samples],
        }


def _goal(name: str) -> Goal | None:
    return GOALS[name] if name else None


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits
