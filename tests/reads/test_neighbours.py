"""Who stands next to a user: asked of Redis, then of PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.domain.standings import Entry, Neighbours, Total
from tests.harness import new_user
from tests.ledger.increments import Draft
from tests.reads.conftest import Process
from tests.standings.boards import Model

DELTAS = (5, 9, 5, -2, 5, 7, 9)


async def commit(process: Process, *deltas: int) -> list[Total]:
    """Commits one user for each, without telling Redis."""
    return [await process.commit(Draft(delta=delta)) for delta in deltas]


@pytest.mark.parametrize("radius", [0, 1, 2, 25])
async def test_both_stores_tell_the_same(
    process: Process, without_redis: Process, radius: int
) -> None:
    totals = await commit(process, *DELTAS)
    await process.fill()
    for total in totals:
        expected = Model(totals).neighbours(total.user_id, radius)
        for each in (process, without_redis):
            found = await each.stores.neighbours.read(MAIN_BOARD, total.user_id, radius)
            assert found == expected


async def test_many_users_are_told_in_the_order_asked_by_both_stores(
    process: Process, without_redis: Process
) -> None:
    totals = await commit(process, *DELTAS)
    await process.fill()
    users = [new_user(), *(total.user_id for total in totals), totals[0].user_id]
    expected = [Model(totals).neighbours(user_id, 2) for user_id in users]
    assert expected[0] is None
    for each in (process, without_redis):
        assert await each.stores.neighbours.read_many(MAIN_BOARD, users, 2) == expected


async def test_a_user_whom_redis_does_not_know_yet_is_found_in_the_ledger(
    process: Process,
) -> None:
    (total,) = await commit(process, 5)
    expected = Neighbours((Entry(total.user_id, 5, 1),), 1)
    neighbours = process.stores.neighbours
    assert await neighbours.read(MAIN_BOARD, total.user_id, 5) == expected
    assert await neighbours.read_many(MAIN_BOARD, [total.user_id], 5) == [expected]


async def test_a_user_without_a_score_is_in_neither(process: Process) -> None:
    assert await process.stores.neighbours.read(MAIN_BOARD, new_user(), 5) is None
    assert await process.stores.neighbours.read_many(MAIN_BOARD, [new_user()], 5) == [None]


async def test_questions_asked_together_keep_their_board_and_their_radius(
    process: Process,
) -> None:
    totals = await commit(process, *DELTAS)
    await process.fill()
    questions = [
        (board_id, total.user_id, radius)
        for total in totals
        for radius in (1, 2)
        for board_id in (MAIN_BOARD, BoardId("nowhere"))
    ]
    found = await asyncio.gather(
        *(process.stores.neighbours.read(*question) for question in questions)
    )
    model = Model(totals)
    assert found == [
        model.neighbours(user_id, radius) if board_id == MAIN_BOARD else None
        for board_id, user_id, radius in questions
    ]


async def test_a_board_that_is_being_built_is_told_whole_by_the_ledger(process: Process) -> None:
    totals = await commit(process, *DELTAS)
    has_begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def scan() -> AsyncIterator[bytes]:
        slices = process.stores.ledger.scan_totals(MAIN_BOARD, 3)
        yield await anext(slices)
        has_begun.set()
        await may_go_on.wait()
        async for packed in slices:
            yield packed

    rebuild = asyncio.create_task(
        process.stores.standings.rebuild(MAIN_BOARD, scan(), discard_live=True)
    )
    await has_begun.wait()
    users = [total.user_id for total in totals]
    found = await process.stores.neighbours.read_many(MAIN_BOARD, users, 2)
    alone = await process.stores.neighbours.read(MAIN_BOARD, users[0], 2)
    may_go_on.set()
    await rebuild
    assert found == [Model(totals).neighbours(user_id, 2) for user_id in users]
    assert alone == found[0]


async def test_without_postgresql_redis_answers(process: Process) -> None:
    totals = await commit(process, 5, 9)
    await process.fill()
    await process.proxy.cut()
    expected = Model(totals).neighbours(totals[0].user_id, 5)
    assert await process.stores.neighbours.read(MAIN_BOARD, totals[0].user_id, 5) == expected
    with pytest.raises(StorageUnavailable):
        await process.stores.neighbours.read(MAIN_BOARD, new_user(), 5)


async def test_without_postgresql_a_stranger_keeps_nobody_from_his_neighbours(
    process: Process,
) -> None:
    totals = await commit(process, 5, 9)
    await process.fill()
    await process.proxy.cut()
    users = [new_user(), totals[0].user_id]
    expected = [None, Model(totals).neighbours(totals[0].user_id, 5)]
    assert await process.stores.neighbours.read_many(MAIN_BOARD, users, 5) == expected


async def test_without_either_nothing_is_made_up(without_redis: Process) -> None:
    await without_redis.proxy.cut()
    with pytest.raises(StorageUnavailable):
        await without_redis.stores.neighbours.read(MAIN_BOARD, new_user(), 5)
    with pytest.raises(StorageUnavailable):
        await without_redis.stores.neighbours.read_many(MAIN_BOARD, [new_user()], 5)
