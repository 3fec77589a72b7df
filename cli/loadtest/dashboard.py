"""What a terminal shows while the load runs."""

from __future__ import annotations

import asyncio
import time

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.loadtest.measurements import Measurements
from cli.loadtest.plan import Plan
from cli.loadtest.result import Second
from cli.loadtest.summary import milliseconds

REDRAW_S = 0.25
BARS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 40
ERRORS_SHOWN = 4


def sparkline(values: list[float]) -> str:
    """Bars in proportion to the highest of the values; empty for none."""
    highest = max(values, default=0)
    if highest <= 0:
        return BARS[0] * len(values)
    return "".join(BARS[round(value / highest * (len(BARS) - 1))] for value in values)


class Dashboard:
    """Throughput, latencies and errors so far; redrawn from the measurements each time."""

    def __init__(self, plan: Plan, measurements: Measurements) -> None:
        self._plan = plan
        self._measurements = measurements
        self._start_s: float | None = None

    def start(self, at_s: float) -> None:
        """The load begins at this moment of the monotonic clock."""
        self._start_s = at_s

    def __rich__(self) -> RenderableType:
        """The whole picture, of constant height but for errors."""
        if self._start_s is None:
            return Text("Signing tokens and opening connections …", "dim")
        elapsed_s = max(0.0, time.monotonic() - self._start_s)
        parts = [self._progress(elapsed_s), Text(), self._throughput(), Text(), self._latencies()]
        if self._measurements.errors:
            parts += [Text(), self._errors()]
        title = Text(f" load on {self._plan.target.url} ", "bold")
        return Panel(Group(*parts), title=title, box=box.ROUNDED, border_style="dim")

    def _progress(self, elapsed_s: float) -> RenderableType:
        lasts_s, requests = self._plan.load_lasts_s, self._plan.requests
        done, total = elapsed_s, lasts_s or 0.0
        told = f"{elapsed_s:,.0f} s"
        if lasts_s is not None:
            told += f", {max(0.0, lasts_s - elapsed_s):,.0f} s to go"
        elif requests is not None:
            done, total = float(self._measurements.answered), float(requests)
            told += f", {done:,.0f} of {total:,.0f}"
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        bar = ProgressBar(total=total or 1.0, completed=min(done, total), complete_style="cyan")
        grid.add_row(bar, Text(told, "dim"))
        return grid

    def _throughput(self) -> RenderableType:
        series = self._measurements.series[-SPARK_WIDTH:]
        latest = series[-1] if series else Second(0, 0, 0, 0, 0)
        line = Text.assemble((f"{latest.answered:>9,}/s ", "bold cyan"))
        line.append(sparkline([float(each.answered) for each in series]), "cyan")
        if latest.backlog:
            line.append(f"\n{latest.backlog:>9,} waiting for a connection", "yellow")
        line.no_wrap = True
        return line

    def _latencies(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
        table.add_column("ms", min_width=15, no_wrap=True)
        for name in ("p50", "p90", "p99", "p99.9", "max"):
            table.add_column(name, justify="right", min_width=6, no_wrap=True)
        for name, found in self._measurements.latencies().items():
            if found is not None:
                figures = (found.p50, found.p90, found.p99, found.p999, found.max)
                table.add_row(Text(name), *map(milliseconds, figures))
        return table

    def _errors(self) -> RenderableType:
        text = Text(style="red")
        for code, count in self._measurements.errors.most_common(ERRORS_SHOWN):
            text.append(f"{count:>9,} {code}\n")
        text.right_crop(1)
        return text


async def draw(dashboard: Dashboard) -> None:
    """Redraws on stderr until cancelled, and leaves nothing there: the summary follows."""
    console = Console(stderr=True)
    with Live(dashboard, console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.refresh()
            await asyncio.sleep(REDRAW_S)
