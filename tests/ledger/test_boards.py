"""Boards as operators make and change them."""

from __future__ import annotations

import asyncpg
import pytest

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.ledger.boards import (
    BoardChange,
    BoardOverview,
    change_board,
    create_board,
    list_board_ids,
    list_boards,
)
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection
from tests.ledger.increments import Draft, apply_one
from tests.ledger.test_query_plans import FILL_TOTALS, explain, index_names

ARENA = BoardId("arena")


async def overview(owner: Connection, board_id: BoardId) -> BoardOverview:
    """The one board."""
    (found,) = await list_boards(owner, board_id)
    return found


async def test_a_board_whose_limits_the_schema_refuses_is_not_made(owner: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await create_board(owner, ARENA, BoardChange(min_score=1))
    assert await list_board_ids(owner) == [MAIN_BOARD]


async def test_a_board_takes_the_schemas_limits_where_none_is_named(owner: Connection) -> None:
    assert await create_board(owner, ARENA, BoardChange(max_delta=MAX_SCORE))
    arena = (await overview(owner, ARENA)).board
    main = (await overview(owner, MAIN_BOARD)).board
    assert arena.max_delta == MAX_SCORE
    assert (arena.min_score, arena.max_score) == (main.min_score, main.max_score)
    assert arena.allows("anything")


async def test_no_action_and_any_action_are_told_apart(owner: Connection) -> None:
    for allowed in (frozenset[str](), frozenset({"win"}), None):
        assert await change_board(owner, MAIN_BOARD, BoardChange(allowed_actions=allowed))
        assert await change_board(owner, MAIN_BOARD, BoardChange(max_delta=5))
        assert (await overview(owner, MAIN_BOARD)).board.allowed_actions == allowed


async def test_an_unknown_board_is_not_changed(owner: Connection) -> None:
    assert not await change_board(owner, ARENA, BoardChange(max_delta=5))
    assert await list_board_ids(owner) == [MAIN_BOARD]


async def test_users_on_either_side_of_the_limits_are_counted(
    owner: Connection, writer: LedgerWriter
) -> None:
    for delta in (-10, -1, 1, 10, 11):
        await apply_one(writer, Draft(delta=delta))
    assert (await overview(owner, MAIN_BOARD)).users_outside == 0
    await change_board(owner, MAIN_BOARD, BoardChange(min_score=-5, max_score=5))
    found = await overview(owner, MAIN_BOARD)
    assert (found.users, found.users_outside) == (5, 3)


async def test_a_board_can_be_changed_while_increments_on_it_are_under_way(
    owner: Connection, stranger: Connection, writer: LedgerWriter
) -> None:
    async with stranger.transaction():
        await stranger.execute("UPDATE boards SET max_delta = 7 WHERE board_id = 'main'")
        # Its row is locked, and increments refer to it: they need not wait.
        await apply_one(writer, Draft())
    assert (await overview(owner, MAIN_BOARD)).board.max_delta == 7


async def test_users_are_counted_in_the_index(owner: Connection) -> None:
    await owner.execute(FILL_TOTALS, 20_000)
    await owner.execute("VACUUM (ANALYZE) user_scores")
    nodes = await explain(owner, "force_custom_plan", "list_boards", "main")
    assert index_names(nodes) & {"user_scores_board_order", "user_scores_pkey"}
    outside = [node for node in nodes if "score <" in node.get("Index Cond", "")]
    assert len(outside) == 1
