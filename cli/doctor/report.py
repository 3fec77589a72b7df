"""Findings as people read them."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import typer

from cli.doctor.verdicts import Finding, Status
from cli.output import plain_line

_COLOURS = {
    Status.OK: typer.colors.GREEN,
    Status.WARNING: typer.colors.YELLOW,
    Status.PROBLEM: typer.colors.RED,
}
_INDENT = max(map(len, Status)) + 2


def render(findings: Sequence[Finding]) -> Iterator[str]:
    """Lines as wide as the terminal; a pipe's reader gets no colours of them."""
    width = shutil.get_terminal_size().columns
    for status, names, found, remedy in _gathered(findings):
        styled = typer.style(status, fg=_COLOURS[status]) + " " * (_INDENT - len(status))
        lines = _wrap(f"{', '.join(names)}: {found}", width - _INDENT)
        yield "\n".join((styled + lines[0], *(" " * _INDENT + line for line in lines[1:])))
        if remedy:
            lines = _wrap(remedy, width - _INDENT - 2)
            yield "\n".join(
                " " * _INDENT + mark + line
                for mark, line in zip(("→ ", *("  " for _ in lines)), lines, strict=False)
            )
    yield _summary(findings)


def _gathered(
    findings: Sequence[Finding],
) -> Iterable[tuple[Status, list[str], str, str | None]]:
    """Neighbours that say the same share a line: what stands behind a server that is away."""
    for (status, found, remedy), group in groupby(
        findings, key=lambda each: (each.status, each.found, each.remedy)
    ):
        yield status, [each.name for each in group], found, remedy


def _wrap(text: str, width: int) -> list[str]:
    # A server may say anything: none of it may steer the terminal. Commands and paths are to be
    # copied: no break inside a word.
    return textwrap.wrap(
        plain_line(text), max(width, 20), break_long_words=False, break_on_hyphens=False
    )


def _summary(findings: Sequence[Finding]) -> str:
    counts = {status: sum(each.status is status for each in findings) for status in Status}
    problems, warnings = counts[Status.PROBLEM], counts[Status.WARNING]
    return (
        f"{len(findings)} checks: {problems or 'no'} problem{'' if problems == 1 else 's'}, "
        f"{warnings or 'no'} warning{'' if warnings == 1 else 's'}"
    )
