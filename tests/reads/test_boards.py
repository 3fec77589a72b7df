"""The boards there are, remembered."""

from __future__ import annotations

import time

import pytest

from scoreboard.domain.errors import NotFound, StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from tests.checker import connect, until
from tests.harness import Backends
from tests.reads.conftest import Process

NEW = BoardId("new")
EXECUTE = b"E\x00\x00\x00\x09"
"""How the protocol's message begins that runs a statement."""


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
    started_s = time.monotonic()
    await boards.refresh()
    before = process.proxy.sent.count(EXECUTE)
    for number in range(500):
        with pytest.raises(NotFound):
            await boards.find(BoardId(f"made-up-{number}"))
    looks = process.proxy.sent.count(EXECUTE) - before
    assert looks <= time.monotonic() - started_s


async def test_a_name_is_known_or_unknown_only_where_the_ledger_could_be_asked(
    process: Process,
) -> None:
    await process.proxy.cut()
    for _ in range(3):
        with pytest.raises(StorageUnavailable):
            await process.stores.boards.find(MAIN_BOARD)
