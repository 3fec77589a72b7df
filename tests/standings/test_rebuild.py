"""Rebuilding aside while the service goes on: nothing is lost, nothing wrong is shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from scoreboard.domain.errors import StandingsUnavailable, StorageUnavailable
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.standings.epochs import AnotherRebuild
from scoreboard.standings.store import ABANDONED_S, Standings
from tests.checker import until
from tests.standings.boards import (
    Model,
    PausingScan,
    new_board_id,
    open_board,
    pack_totals,
    slices,
    total,
    user,
)
from tests.standings.conftest import RawRedis


@pytest.mark.parametrize("discard_live", [True, False])
async def test_what_is_written_during_a_rebuild_is_in_the_new_epoch(
    standings: Standings, others: Standings, *, discard_live: bool
) -> None:
    board_id = new_board_id()
    old = [total(board_id, user(number), number) for number in range(8)]
    await open_board(standings, *old)
    scan = PausingScan(old[:4], old[4:])
    rebuild = asyncio.create_task(
        standings.rebuild(board_id, aiter(scan), discard_live=discard_live)
    )
    await scan.has_begun.wait()
    # Somebody scanned already, somebody still to be scanned, and somebody new.
    changes = [total(board_id, user(number), 50 - number, 2, 100 + number) for number in (1, 6, 9)]
    if discard_live:
        with pytest.raises(StandingsUnavailable):
            await others.apply(board_id, changes)
        with pytest.raises(StandingsUnavailable):
            await others.read_top(board_id, 10)
    else:
        assert await others.apply(board_id, changes) == [1, 2, 3]
        await Model([*old, *changes]).check(others, board_id)
    scan.may_go_on.set()
    assert await rebuild == 8
    await Model([*old, *changes]).check(others, board_id)
    assert await standings.examine(board_id)


async def test_writers_that_race_a_rebuild_lose_nothing(
    standings: Standings, others: Standings
) -> None:
    board_id = new_board_id()
    model = Model(total(board_id, user(number), number) for number in range(40))
    await open_board(standings, *model.totals())

    async def scan() -> AsyncIterator[bytes]:
        for each in model.totals():  # as the ledger is once the rebuild has begun
            yield pack_totals([each])

    async def write(number: int) -> None:
        for version in range(2, 30):
            change = total(
                board_id, user(number), number * version, version, 1000 * version + number
            )
            model.apply(change)
            try:
                await others.apply(board_id, [change])
            except StandingsUnavailable:
                continue  # no ranks while nothing is live; written all the same

    async with asyncio.TaskGroup() as tasks:
        for number in (3, 17, 39, 77):
            tasks.create_task(write(number))
        for _ in range(3):
            await standings.rebuild(board_id, scan(), discard_live=True)
    await model.check(standings, board_id)
    assert await standings.examine(board_id)


async def test_of_two_rebuilds_at_once_the_later_wins_and_the_board_is_right(
    standings: Standings, others: Standings
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    first = PausingScan(totals[:3], totals[3:])
    losing = asyncio.create_task(standings.rebuild(board_id, aiter(first), discard_live=True))
    await first.has_begun.wait()
    second = PausingScan(totals[:3], totals[3:])
    winning = asyncio.create_task(others.rebuild(board_id, aiter(second), discard_live=True))
    await second.has_begun.wait()
    first.may_go_on.set()
    with pytest.raises(StandingsUnavailable):
        await losing
    second.may_go_on.set()
    assert await winning == 6
    await Model(totals).check(standings, board_id)


async def test_a_rebuild_that_had_only_to_finish_leaves_the_later_one_alone(
    standings: Standings, others: Standings
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    has_ended, may_finish = asyncio.Event(), asyncio.Event()

    async def scan() -> AsyncIterator[bytes]:
        yield pack_totals(totals)
        has_ended.set()
        await may_finish.wait()

    losing = asyncio.create_task(standings.rebuild(board_id, scan(), discard_live=True))
    await has_ended.wait()
    second = PausingScan(totals[:3], totals[3:])
    winning = asyncio.create_task(others.rebuild(board_id, aiter(second), discard_live=True))
    await second.has_begun.wait()
    may_finish.set()
    with pytest.raises(StandingsUnavailable):
        await losing
    with pytest.raises(StandingsUnavailable):
        await standings.read_top(board_id, 10)
    second.may_go_on.set()
    await winning
    await Model(totals).check(standings, board_id)


@pytest.mark.parametrize("discard_live", [True, False])
async def test_a_rebuild_killed_half_way_is_simply_run_again(
    standings: Standings, others: Standings, raw: RawRedis, *, discard_live: bool
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    await open_board(standings, *totals)
    scan = PausingScan(totals[:3], totals[3:])
    rebuild = asyncio.create_task(
        standings.rebuild(board_id, aiter(scan), discard_live=discard_live)
    )
    await scan.has_begun.wait()
    rebuild.cancel()
    await asyncio.wait([rebuild])
    assert await others.examine(board_id) is not discard_live
    change = total(board_id, user(1), 50, version=2)
    if not discard_live:
        assert await others.apply(board_id, [change]) == [1]
    model = Model([*totals, change])
    await others.rebuild(board_id, slices(model.totals()), discard_live=True)
    await model.check(standings, board_id)
    assert len(await raw.keys("*")) == 3  # meta and the live pair: nothing is left over


async def test_a_rebuild_whose_keys_were_evicted_does_not_go_live(
    standings: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    scan = PausingScan(totals, [])
    rebuild = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=True))
    await scan.has_begun.wait()
    (key,) = await raw.keys("*order")
    await raw.delete(key)
    scan.may_go_on.set()
    with pytest.raises(StandingsUnavailable):
        await rebuild
    assert not await standings.examine(board_id)


async def test_a_rebuild_that_redis_forgot_meanwhile_does_not_go_live(
    standings: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    scan = PausingScan(totals[:3], totals[3:])
    rebuild = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=True))
    await scan.has_begun.wait()
    await raw.flushdb()
    scan.may_go_on.set()
    with pytest.raises(StandingsUnavailable):
        await rebuild
    with pytest.raises(StandingsUnavailable):
        await standings.read_top(board_id, 10)


@pytest.mark.parametrize("first", [2, 4], ids=["half filled", "filled"])
async def test_a_rebuild_beside_an_epoch_that_is_damaged_meanwhile_does_not_go_live(
    standings: Standings, raw: RawRedis, first: int
) -> None:
    # Writers were refused by the damaged epoch, so they did not reach the new one either.
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(4)]
    await open_board(standings, *totals)
    (order,) = await raw.keys("*order")
    scan = PausingScan(totals[:first], totals[first:])
    rebuild = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=False))
    await scan.has_begun.wait()
    await raw.delete(order)
    scan.may_go_on.set()
    with pytest.raises(StandingsUnavailable):
        await rebuild
    assert not await standings.examine(board_id)


async def test_an_empty_board_is_built_too(standings: Standings, others: Standings) -> None:
    board_id = await open_board(standings)
    assert await standings.examine(board_id)
    first = total(board_id, user(1), 5)
    assert await others.apply(board_id, [first]) == [1]
    await Model([first]).check(standings, board_id)


async def test_the_largest_scores_stay_exact_in_a_rebuild(standings: Standings) -> None:
    board_id = new_board_id()
    scores = [MAX_SCORE, MAX_SCORE - 1, 1, 0, -1, 1 - MAX_SCORE, -MAX_SCORE]
    totals = [total(board_id, user(number), score) for number, score in enumerate(scores)]
    await open_board(standings, *totals)
    await Model(totals).check(standings, board_id)


async def test_a_rebuild_of_more_users_than_one_script_takes_has_them_all(
    standings: Standings,
) -> None:
    board_id = new_board_id()
    totals = [
        total(board_id, user(number), number % 7, reached=number + 1) for number in range(2400)
    ]
    await standings.rebuild(board_id, slices(totals[:1300], totals[1300:]), discard_live=True)
    await Model(totals).check(standings, board_id)


async def test_the_newer_of_what_writer_and_scan_bring_stays(
    standings: Standings, others: Standings
) -> None:
    board_id = new_board_id()
    scanned = [total(board_id, user(number), 10, version=5) for number in (1, 2, 3)]
    scan = PausingScan([], scanned)
    rebuild = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=True))
    await scan.has_begun.wait()
    written = [
        total(board_id, user(1), 60, version=6),
        total(board_id, user(2), 40, version=4),
        total(board_id, user(3), 10, version=5),
        total(board_id, user(4), 1),
    ]
    with pytest.raises(StandingsUnavailable):
        await others.apply(board_id, written)
    scan.may_go_on.set()
    await rebuild
    await Model([*scanned, *written]).check(others, board_id)
    assert await standings.examine(board_id)


async def test_who_gives_way_leaves_a_rebuild_at_work_alone(
    standings: Standings, others: Standings
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    scan = PausingScan(totals[:3], totals[3:])
    working = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=True))
    await scan.has_begun.wait()
    with pytest.raises(AnotherRebuild, match="under way"):
        await others.rebuild(board_id, slices(totals), discard_live=False, give_way=True)
    scan.may_go_on.set()
    assert await working == 6
    await Model(totals).check(others, board_id)


async def test_an_abandoned_rebuild_is_replaced_also_by_who_gives_way(
    standings: Standings, others: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    scan = PausingScan(totals[:3], totals[3:])
    stopped = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=True))
    await scan.has_begun.wait()
    (meta,) = await raw.keys("*meta")
    await raw.hincrby(meta, "progressed_at", -ABANDONED_S)
    await others.rebuild(board_id, slices(totals), discard_live=False, give_way=True)
    scan.may_go_on.set()
    with pytest.raises(AnotherRebuild):
        await stopped
    await Model(totals).check(standings, board_id)
    assert len(await raw.keys("*")) == 3


async def test_only_an_abandoned_rebuild_is_discarded(
    standings: Standings, others: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    await open_board(standings, *totals)
    assert not await others.discard_abandoned(board_id)
    scan = PausingScan(totals[:3], totals[3:])
    stopped = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=False))
    await scan.has_begun.wait()
    assert await others.examine(board_id)
    assert not await others.discard_abandoned(board_id)
    (meta,) = await raw.keys("*meta")
    await raw.hincrby(meta, "progressed_at", -ABANDONED_S)
    assert await others.discard_abandoned(board_id)
    assert len(await raw.keys("*")) == 3
    scan.may_go_on.set()
    with pytest.raises(AnotherRebuild):
        await stopped
    await Model(totals).check(others, board_id)


async def test_a_rebuild_that_waits_for_the_ledger_is_not_taken_for_abandoned(
    standings: Standings, others: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    scan = PausingScan(totals[:3], totals[3:])
    waiting = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=True))
    await scan.has_begun.wait()
    (meta,) = await raw.keys("*meta")
    long_ago_s = await raw.hincrby(meta, "progressed_at", -ABANDONED_S)

    async def is_alive() -> bool:
        return bool(int(await raw.hget(meta, "progressed_at")) >= long_ago_s + ABANDONED_S)

    await until(is_alive)
    with pytest.raises(AnotherRebuild, match="under way"):
        await others.rebuild(board_id, slices(totals), discard_live=False, give_way=True)
    scan.may_go_on.set()
    assert await waiting == 6


async def test_a_rebuild_that_fails_or_is_cancelled_leaves_nothing_behind(
    standings: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(6)]
    await open_board(standings, *totals)

    async def fail() -> AsyncIterator[bytes]:
        yield pack_totals(totals)
        raise StorageUnavailable

    with pytest.raises(StorageUnavailable):
        await standings.rebuild(board_id, fail(), discard_live=False)
    scan = PausingScan(totals, [])
    rebuild = asyncio.create_task(standings.rebuild(board_id, aiter(scan), discard_live=False))
    await scan.has_begun.wait()
    rebuild.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rebuild
    assert len(await raw.keys("*")) == 3
    (meta,) = await raw.keys("*meta")
    assert not await raw.hexists(meta, "building")
    await Model(totals).check(standings, board_id)
