"""Messages that tests send."""

from __future__ import annotations

from scoreboard.bus.protocol import Update, ViewMessage, Wake
from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.domain.standings import Total

USER = UserId("0b0f6d7e-1111-4222-8333-444455556666")
BOARD = BoardId("main")


def update(number: int, user_id: UserId = USER) -> Update:
    """The `number`th event of one user."""
    total = Total(
        board_id=BOARD,
        user_id=user_id,
        score=1000 - 5 * number,
        version=number,
        reached=EventId(number),
        updated_us=1_767_225_600_000_000 + number,
    )
    return Update(total, delta=-5, source="quiz:round-3", rank=7)


def view(version: int, changed_us: int | None = 1_767_225_600_000_001) -> ViewMessage:
    """A version of a view; the frame is no JSON on purpose: it travels as it is."""
    return ViewMessage(
        board_id=BOARD,
        view="top:10",
        term=3,
        epoch="e-1",
        version=version,
        frame=b"frame \x00\xff " + str(version).encode(),
        changed_us=changed_us,
    )


def wake() -> Wake:
    """A commit that touched two boards."""
    return Wake(board_ids=(BOARD, BoardId("side")), changed_us=1_767_225_600_000_002)
