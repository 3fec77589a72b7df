"""One event, one line: a table that may go on for ever."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from cli.output import plain
from scoreboard.domain.times import iso_utc

if TYPE_CHECKING:
    from scoreboard.ledger.history import Event

WIDE = 110
WIDE_LINE = "{:>10}  {:27}  {:36}  {:>9}  {:>10}  {:12}  {}"
NARROW_LINE = "{:>9}  {:8}  {:9}  {:>8}  {:>10}  {}"


class EventLines:
    """Lines as wide as they need to be in a pipe, and short ones on a narrow terminal."""

    def __init__(self) -> None:
        self._is_wide = not sys.stdout.isatty() or shutil.get_terminal_size().columns >= WIDE

    @property
    def header(self) -> str:
        """The line above them."""
        if self._is_wide:
            return WIDE_LINE.format("event", "at", "user", "delta", "score", "action", "board")
        return NARROW_LINE.format("event", "at (UTC)", "user", "delta", "score", "action")

    def line(self, event: Event) -> str:
        """One event."""
        at, action = iso_utc(event.created_at), plain(event.source)
        delta, score = f"{event.delta:+,}", f"{event.score:,}"
        if self._is_wide:
            line = WIDE_LINE.format(
                event.event_id, at, event.user_id, delta, score, action, event.board_id
            )
        else:
            user = f"{event.user_id[:8]}…"
            line = NARROW_LINE.format(event.event_id, at[11:19], user, delta, score, action)
        return line.rstrip()
