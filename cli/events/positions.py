"""Where a range of the history begins or ends: at an event's id or at a time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import read_board
from scoreboard.domain.identifiers import BoardId

if TYPE_CHECKING:
    from scoreboard.ledger.history import EventRange

ID_DIGITS_MAX = 18


class Position:
    """One of the two; the other is None. `text` is what was given."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.event_id: int | None = None
        self.at: datetime | None = None
        if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX:
            self.event_id = int(text)
        else:
            self.at = _time(text)

    def __str__(self) -> str:
        return self.text


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "it must be an event's id or a time such as 2026-01-31T12:00:00Z."
        ) from None
    if at.tzinfo is None:
        raise typer.BadParameter(f"a time needs its zone, such as {at.isoformat()}Z.")
    return at


FIRST = typer.Option(
    "--from", parser=Position, metavar="ID|TIME", help="The first event's id, or a time."
)
LAST = typer.Option(
    "--to",
    parser=Position,
    metavar="ID|TIME",
    help="The last event's id, or a time.  [default: the newest]",
)
OnlyBoardOption = Annotated[
    BoardId | None,
    typer.Option("--board", parser=read_board, metavar="BOARD", help="Of this board only."),
]


def event_range(
    first: Position | None, last: Position | None, board_id: BoardId | None
) -> EventRange:
    """The range between the two, both included. Raises BadParameter where it is upside down."""
    from scoreboard.ledger.history import EVENT_ID_MAX, EventRange  # noqa: PLC0415 - quick --help

    first_id = first.event_id if first else None
    last_id = last.event_id if last else None
    since, until = first.at if first else None, last.at if last else None
    if _is_after(first_id, last_id) or _is_after(since, until):
        raise typer.BadParameter("--from lies behind --to.")
    return EventRange(
        after_id=(first_id or 1) - 1,
        last_id=EVENT_ID_MAX if last_id is None else last_id,
        board_id=board_id,
        since=since,
        until=until,
    )


def _is_after(first: datetime | int | None, last: datetime | int | None) -> bool:
    if isinstance(first, datetime) and isinstance(last, datetime):
        return first > last
    return isinstance(first, int) and isinstance(last, int) and first > last
