"""How far long work has come: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]
"""Tells that so many more are done."""


@contextmanager
def progress(title: str, total: int | None, unit: str) -> Iterator[Advance]:
    """Shows done, total, rate and remaining time on stderr while the block runs.

    `total` may be None where nobody knows it; once more than that is done it was an estimate, and a
    wrong one, and is shown no longer. Where stderr is no terminal nothing is written.
    """
    from rich.console import Console  # noqa: PLC0415 - loaded only where a bar is drawn
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.completed:,.0f}{task.fields[of_total]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        of_total = "" if total is None else f" of {total:,.0f}"
        bar.add_task(title, total=total, rate=f"– {unit}/s", of_total=of_total)
        (task,) = bar.tasks

        def advance(count: int) -> None:
            bar.advance(task.id, count)
            if task.total is not None and task.completed > task.total:
                task.total, task.fields["of_total"] = None, ""
            if task.speed is not None:
                bar.update(task.id, rate=f"{task.speed:,.0f} {unit}/s")

        yield advance
