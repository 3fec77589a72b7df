"""Boards as operators make and change them: the service itself may only read them."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from scoreboard.domain.boards import Board
from scoreboard.domain.errors import NotFound
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.session import Session, transaction
from scoreboard.ledger.statements import load_query


class BoardOverview(Struct, frozen=True):
    """A board, and how it is used. `users_outside` have a score that its limits do not admit."""

    board: Board
    users: int
    users_outside: int
    created_at: datetime


class BoardChange(Struct, frozen=True):
    """New limits; None leaves one as it is. Scores may lie from `min_score` ≤ 0 to `max_score` ≥ 0.

    `allowed_actions` None admits every action, an empty set none.
    """

    max_delta: int | None = None
    min_score: int | None = None
    max_score: int | None = None
    allowed_actions: frozenset[str] | UnsetType | None = UNSET


async def create_board(session: Session, board_id: BoardId, limits: BoardChange) -> bool:
    """Makes a board; False, with nothing changed, where it is there already.

    What `limits` does not name is as the schema has it. The session must be the schema's owner's.
    """
    async with transaction(session):
        if not await session.fetch(load_query("add_board"), board_id):
            return False
        return await change_board(session, board_id, limits)


async def change_board(session: Session, board_id: BoardId, change: BoardChange) -> bool:
    """Changes what is named; False where there is no such board. Of the schema's owner.

    Running instances refuse by new score limits at once, by the others within `REFRESH_S`.
    """
    actions = change.allowed_actions
    rows = await session.fetch(
        load_query("change_board"),
        board_id,
        change.max_delta,
        change.min_score,
        change.max_score,
        actions is not UNSET,
        sorted(actions) if isinstance(actions, frozenset) else None,
    )
    return bool(rows)


async def list_boards(session: Session, board_id: BoardId | None = None) -> list[BoardOverview]:
    """Every board in the order of ids, or the one that is named; counts all of their users."""
    return [
        BoardOverview(
            Board(
                BoardId(row["board_id"]),
                row["max_delta"],
                row["min_score"],
                row["max_score"],
                None if row["allowed_actions"] is None else frozenset(row["allowed_actions"]),
            ),
            row["users"],
            row["users_outside"],
            row["created_at"],
        )
        for row in await session.fetch(load_query("list_boards"), board_id)
    ]


async def find_board(session: Session, board_id: BoardId) -> Board:
    """One board with its limits. Raises NotFound, with a sentence."""
    for row in await session.fetch(load_query("read_boards")):
        if row["board_id"] == board_id:
            actions = row["allowed_actions"]
            return Board(
                board_id,
                row["max_delta"],
                row["min_score"],
                row["max_score"],
                None if actions is None else frozenset(actions),
            )
    raise NotFound(f"There is no board {board_id}. `scoreboard boards list` shows those there are.")


async def list_board_ids(session: Session) -> list[BoardId]:
    """Every board's id, without counting anything."""
    return [BoardId(row["board_id"]) for row in await session.fetch(load_query("read_boards"))]
