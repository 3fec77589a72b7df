"""What `scoreboard doctor` finds, check by check."""

from __future__ import annotations

from cli.doctor.examination import LIMIT_S, Examination, examine
from cli.doctor.verdicts import Finding, Status

OK, WARNING, PROBLEM = Status.OK, Status.WARNING, Status.PROBLEM


async def look(examination: Examination, limit_s: float = LIMIT_S) -> dict[str, Finding]:
    """The findings of one examination, by the names of their checks."""
    return {each.name: each for each in await examine([examination], limit_s=limit_s)}


def told(findings: dict[str, Finding]) -> dict[str, Finding]:
    """Those that are not ok."""
    return {name: each for name, each in findings.items() if each.status is not OK}
