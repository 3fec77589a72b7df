"""What we want to reach. Data, not assertions: machines differ, and a table tells more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A bound on one figure: at least or at most so much of its unit."""

    relation: str
    bound: float
    unit: str = "×"

    def is_met(self, value: float) -> bool:
        """Whether the value lies on the good side of the bound."""
        return value >= self.bound if self.relation == "≥" else value <= self.bound

    def __str__(self) -> str:
        """As the table shows it."""
        space = "" if self.unit == "×" else " "
        return f"{self.relation} {self.bound:,g}{space}{self.unit}"


def _at_least(bound: float, unit: str = "×") -> Goal:
    return Goal("≥", bound, unit)


def _at_most(bound: float, unit: str = "×") -> Goal:
    return Goal("≤", bound, unit)


GOALS = {
    "naive at 64": _at_least(7),
    "naive at 256": _at_least(9),
    "server cpu": _at_most(1.8),
    "server and stores cpu": _at_most(3.3),
    "two workers": _at_least(1.6),
    "ed25519": _at_least(0.40),
    "relay": Goal("≥", 15_000, "/s"),
    "outbox age": _at_most(1, "s"),
    "top": _at_least(0.8),
    "standing": _at_least(0.35),
    "open loop": _at_most(25, "ms"),
    "lone": _at_most(4, "ms"),
    "hot user": _at_least(0.8),
    "scale": _at_most(1.3),
    "memory": _at_most(150, "MB"),
    "redis bytes": _at_most(310, "bytes"),
    "overload": _at_least(90, "%"),
    "screen": _at_most(50, "ms"),
    "deliveries of nchan": _at_least(1.0),
    "CPU of nchan": _at_most(0.95),
    "deliveries of gather": _at_least(2.3),
    "delta bytes": _at_most(0.25),
    "idle socket": _at_most(14, "KB"),
    "stopped socket": _at_most(128, "KB"),
    "beside stopped": _at_most(1.3),
    "personal": _at_most(30, "%"),
    "median back": _at_most(6, "s"),
    "all back": _at_most(20, "s"),
    "increments in a storm": _at_most(5),
}
