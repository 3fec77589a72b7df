"""Examinations run side by side, each bounded in time; none hides what another finds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from cli.doctor.verdicts import Finding, Verdict, from_error, problem, unexamined, warning
from scoreboard.domain.errors import ScoreboardError

LIMIT_S = 8.0
CANCEL_S = 1.0

Hide = Callable[[str], str]
"""Takes the passwords out of an error's text."""


class Report:
    """The verdicts of one examination so far, by the names of their checks."""

    def __init__(self, hide: Hide) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self._hide = hide

    def add(self, name: str, verdict: Verdict) -> None:
        """Keeps the verdict of a check."""
        self.verdicts[name] = verdict

    async def ask(self, name: str, check: Awaitable[Verdict]) -> None:
        """Awaits a check; one that fails is told as such, and the next can go on."""
        try:
            self.add(name, await check)
        except Exception as error:  # noqa: BLE001 - whatever fails in one check, others are told
            self.add(name, unexamined(self._hide(str(error)) or type(error).__name__))


Look = Callable[[Report], Awaitable[None]]


class Examination(Struct, frozen=True):
    """Checks that share one server, by `names` in the order in which `look` adds them.

    When `look` ends early, the first name without a verdict says why.
    """

    names: Sequence[str]
    look: Look


async def examine(
    examinations: Sequence[Examination], hide: Hide = str, limit_s: float = LIMIT_S
) -> list[Finding]:
    """One finding for each name, in the given order. A server that hangs costs `limit_s`."""
    found = await asyncio.gather(*(_examine(each, hide, limit_s) for each in examinations))
    return [finding for findings in found for finding in findings]


async def _examine(examination: Examination, hide: Hide, limit_s: float) -> list[Finding]:
    report = Report(hide)
    task = asyncio.create_task(_look(examination, report))
    _, late = await asyncio.wait({task}, timeout=limit_s)
    if late:
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_S)  # a driver may be slow to let go
    blocked_by = ""
    findings = []
    for name in examination.names:
        if name in report.verdicts:
            verdict = report.verdicts[name]
        elif blocked_by:
            verdict = warning("not examined", f"Mend {blocked_by} first.")
        else:
            verdict = _too_late(limit_s) if late else _failure(task, hide)
            blocked_by = name
        findings.append(Finding(name, verdict.status, verdict.found, verdict.remedy))
    return findings


async def _look(examination: Examination, report: Report) -> Exception | None:
    """What ended it early. Returned, not raised: nobody may be left to hear of it."""
    try:
        await examination.look(report)
    except Exception as error:  # noqa: BLE001 - it is told, whatever it is
        return error
    return None


def _too_late(limit_s: float) -> Verdict:
    return problem(
        f"no answer within {limit_s:g} s",
        "See whether the server is stopped, overloaded or behind a firewall.",
    )


def _failure(task: asyncio.Task[Exception | None], hide: Hide) -> Verdict:
    """Why an examination ended before all of its checks were done."""
    # A driver may cancel its caller when a connection goes away.
    error = None if task.cancelled() else task.result()
    if isinstance(error, ScoreboardError):
        return from_error(hide(str(error)))
    return unexamined(hide(str(error)) if error else "the connection was lost")
