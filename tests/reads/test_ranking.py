"""Bringing changes into the standings, and the ranks that follow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, EventId, UserId
from scoreboard.domain.standings import Total
from scoreboard.reads.ranking import Ranked
from tests.checker import connect
from tests.harness import Backends, new_user
from tests.ledger.increments import Draft
from tests.reads.conftest import Process


def ranks(ranked: Ranked, totals: list[Total]) -> list[int | None]:
    """The rank of each total's user."""
    return [ranked.ranks.get((total.board_id, total.user_id)) for total in totals]


async def test_ranks_come_from_redis_and_nothing_is_missed(process: Process) -> None:
    totals = [await process.commit(Draft(delta=delta)) for delta in (5, 9, 5)]
    ranked = await process.stores.ranking.apply(totals)
    assert ranks(ranked, totals) == [2, 1, 2]
    assert ranked.missed == frozenset()


async def test_while_redis_is_away_ranks_come_from_the_ledger_and_the_board_is_missed(
    without_redis: Process,
) -> None:
    totals = [await without_redis.commit(Draft(delta=delta)) for delta in (5, 9, 5)]
    ranked = await without_redis.stores.ranking.apply(totals)
    assert ranks(ranked, totals) == [2, 1, 2]
    assert ranked.missed == {MAIN_BOARD}


async def test_where_no_store_answers_there_is_no_rank_and_no_failure(
    without_redis: Process,
) -> None:
    totals = [await without_redis.commit(Draft(delta=5))]
    await without_redis.proxy.cut()
    ranked = await without_redis.stores.ranking.apply(totals)
    assert ranks(ranked, totals) == [None]
    assert ranked.missed == {MAIN_BOARD}


async def test_of_several_totals_of_one_user_the_newest_counts(process: Process) -> None:
    user_id = new_user()
    totals = [await process.commit(Draft(user_id=user_id, delta=5)) for _ in range(3)]
    ranked = await process.stores.ranking.apply(totals[::-1])
    assert ranks(ranked, totals[:1]) == [1]
    (standing,) = await process.stores.standings.read(MAIN_BOARD, [user_id])
    assert standing is not None
    assert (standing.score, standing.version) == (15, 3)


async def test_a_board_that_redis_lost_does_not_fail_the_others(
    process: Process, backends: Backends
) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute("INSERT INTO boards (board_id) VALUES ('lost')")
    totals = [
        await process.commit(Draft(delta=5)),
        await process.commit(Draft(delta=5, board_id=BoardId("lost"))),
    ]
    assert ranks(await process.stores.ranking.apply(totals), totals) == [1, 1]


async def test_a_board_that_is_being_built_misses_nothing(process: Process) -> None:
    # Else every change during a rebuild would demand another one, without end.
    scanned, may_go_on = asyncio.Event(), asyncio.Event()

    async def scan() -> AsyncIterator[bytes]:
        scanned.set()
        await may_go_on.wait()
        yield b""

    rebuild = asyncio.create_task(
        process.stores.standings.rebuild(MAIN_BOARD, scan(), discard_live=True)
    )
    await scanned.wait()
    totals = [await process.commit(Draft(delta=5))]
    ranked = await process.stores.ranking.apply(totals)
    may_go_on.set()
    await rebuild
    assert ranks(ranked, totals) == [1]
    assert len(await process.stores.standings.read_top(MAIN_BOARD, 9)) == 1
    assert ranked.missed == frozenset()


def _total(user_id: UserId, board_id: BoardId = MAIN_BOARD) -> Total:
    return Total(board_id, user_id, 5, 1, EventId(1), 1)


def test_a_top_may_look_different_where_somebody_in_it_rose_or_anybody_fell() -> None:
    side = BoardId("side")
    leader, last, below, gone, unknown = (new_user() for _ in range(5))
    ranks = {
        (MAIN_BOARD, leader): 1, (MAIN_BOARD, last): 50, (side, below): 51, (side, gone): None,
    }  # fmt: skip
    ranked = Ranked(ranks, frozenset())
    shown = ranked.boards_shown
    assert shown([_total(leader)], [1]) == {MAIN_BOARD}
    assert shown([_total(last), _total(below, side)], [1, 1]) == {MAIN_BOARD}
    assert shown([_total(below, side)], [1]) == set()
    assert shown([_total(below, side), _total(below, side)], [1, -1]) == {side}
    assert shown([_total(gone, side)], [0]) == {side}
    assert shown([_total(unknown, side)], [1]) == {side}
