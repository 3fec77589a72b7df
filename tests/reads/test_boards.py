"""The boards there are, remembered."""

from __future__ import annotations

import pytest

from scoreboard.domain.errors import NotFound
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from tests.checker import connect, until
from tests.harness import Backends
from tests.reads.conftest import Process

NEW = BoardId("new")


async def test_a_board_made_a_moment_ago_is_found_with_its_limits(
    process: Process, backends: Backends
) -> None:
    boards = process.stores.boards
    await boards.refresh()
    async with connect(backends.database_url) as owner:
        await owner.execute(
            "INSERT INTO boards (board_id, max_delta, allowed_actions) VALUES ('new', 7, '{win}')"
        )

    async def is_found() -> bool:
        try:
            await boards.find(NEW)
        except NotFound:
            return False
        return True

    await until(is_found)
    board = await boards.find(NEW)
    assert board.max_delta == 7
    assert (board.allows("win"), board.allows("lose")) == (True, False)
    assert set(boards.board_ids) == {MAIN_BOARD, NEW}


async def test_what_is_known_is_found_while_postgresql_is_away(process: Process) -> None:
    await process.stores.boards.refresh()
    await process.proxy.cut()
    assert (await process.stores.boards.find(MAIN_BOARD)).allows("anything")


async def test_made_up_names_are_looked_up_at_most_once_a_second(process: Process) -> None:
    boards = process.stores.boards
    await boards.refresh()
    await process.proxy.cut()
    # Asked of the ledger they would fail, since it is away.
    for number in range(5):
        with pytest.raises(NotFound):
            await boards.find(BoardId(f"made-up-{number}"))
