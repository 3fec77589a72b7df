"""What the commands that undo many events are given."""

from __future__ import annotations

from msgspec import Struct

from cli.events.positions import Position, event_range
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.windows import Window


class Asked(Struct, frozen=True):
    """Why, and how it is to be done. `confirm` is how many events are meant at most."""

    reason: str
    key: str | None
    confirm: int | None
    is_preview: bool
    as_json: bool


def read_window(
    board_id: BoardId,
    first: Position | None,
    last: Position | None,
    user_id: UserId | None,
    action: str | None,
    kid: str | None,
) -> Window:
    """The window that the options name. Raises BadParameter where it is upside down."""
    wanted = event_range(first, last, board_id)
    return Window(
        board_id,
        wanted.after_id + 1,
        None if last is None or last.event_id is None else wanted.last_id,
        wanted.since,
        wanted.until,
        user_id,
        action,
        kid,
    )
