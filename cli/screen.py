"""What a terminal shows: a top list that moves, calmly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scoreboard.client import Entry, LiveState

REDRAW_S = 0.25
ARROW_S = 3.0
"""For so long after a change of rank its arrow stays."""

NAME_WIDTH = 20
SCORE_WIDTH = 12

UP, DOWN = Text("▲", "green"), Text("▼", "red")


class Movements:
    """Who has lately risen or fallen. Times are in seconds of any one clock."""

    def __init__(self) -> None:
        self._ranks: dict[str, int] = {}
        self._moved: dict[str, tuple[Text, float]] = {}

    def note(self, entries: Iterable[Entry], now_s: float) -> None:
        """Takes the list as it is now; whoever was not on it before has risen."""
        before, self._ranks = self._ranks, {each.user_id: each.rank for each in entries}
        for user_id, rank in self._ranks.items():
            was = before.get(user_id, rank if not before else rank + 1)
            if rank != was:
                self._moved[user_id] = (UP if rank < was else DOWN, now_s)
        self._moved = {key: move for key, move in self._moved.items() if key in self._ranks}

    def arrow(self, user_id: str, now_s: float) -> Text:
        """The arrow of a user, empty where there was no movement."""
        arrow, moved_at_s = self._moved.get(user_id, (Text(), now_s))
        return arrow if now_s - moved_at_s < ARROW_S else Text()


class TopList:
    """The latest list as a table; `name_of` says what a user is called, the id by default."""

    def __init__(self, limit: int, name_of: Callable[[str], str] = str) -> None:
        self._limit = limit
        self._name_of = name_of
        self._movements = Movements()
        self.entries: tuple[Entry, ...] = ()
        self.notice = "Connecting …"

    def show(self, state: LiveState) -> None:
        """Takes a list, and that there is a connection."""
        if not state.is_known:
            return
        self.entries = state.entries[: self._limit]
        self.notice = "" if self.entries else "Nobody has a score yet."
        if state.is_stale:
            self.notice = "The service cannot ask its ledger: this may be out of date."
        self._movements.note(self.entries, time.monotonic())

    def interrupt(self, reason: str, pause_s: float) -> None:
        """Keeps the list and says that it is old."""
        self.notice = f"{reason}; trying again in {pause_s:.0f} s."

    def describe_leader(self) -> str:
        """Name and score of the first; there must be one."""
        first = self.entries[0]
        return f"{self._name_of(first.user_id)} with {first.score:,}"

    def __rich__(self) -> RenderableType:
        """The table, always as high as the whole list so that nothing below it jumps."""
        now_s = time.monotonic()
        table = Table.grid(padding=(0, 2))
        # Fixed widths: columns that follow their longest entry would sway.
        table.add_column(width=3, justify="right")
        table.add_column(min_width=NAME_WIDTH, no_wrap=True)
        table.add_column(min_width=SCORE_WIDTH, justify="right", no_wrap=True)
        table.add_column(width=1)
        for each in self.entries:
            style = "bold" if each.rank == 1 else ""
            name, arrow = self._name_of(each.user_id), self._movements.arrow(each.user_id, now_s)
            table.add_row(Text(str(each.rank), "dim"), Text(name, style), f"{each.score:,}", arrow)
        for _ in range(self._limit - len(self.entries)):
            table.add_row(" ")
        return Group(table, Text(self.notice, "yellow"))


async def draw(view: RenderableType) -> None:
    """Redraws `view` until cancelled, and leaves its last state on the terminal."""
    with Live(view, console=Console(), auto_refresh=False) as live:
        while True:
            live.refresh()
            await asyncio.sleep(REDRAW_S)
