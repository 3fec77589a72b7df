"""The comparison names exactly what differs, and how."""

from __future__ import annotations

import pytest

from scoreboard.domain.identifiers import BoardId, UserId, user_id_bytes, user_id_from_bytes
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.domain.standings import USER_BYTES, Total
from scoreboard.standings.comparison import Difference, StandingsComparison
from scoreboard.standings.connection import RedisConnection
from scoreboard.standings.epochs import EpochGone
from scoreboard.standings.store import SLICE, Standings
from tests.standings.boards import new_board_id, open_board, pack_totals, slices, total, user
from tests.standings.conftest import RawRedis

Differences = dict[UserId, Difference]


@pytest.fixture
def comparison(connection: RedisConnection, redis_prefix: str) -> StandingsComparison:
    """Return a comparison of the standings."""
    return StandingsComparison(connection, redis_prefix)


async def compare(comparison: StandingsComparison, totals: list[Total]) -> Differences:
    """What differs from these totals in the epoch that is live."""
    board_id = totals[0].board_id
    epoch = (await comparison.survey(board_id)).live
    found = await comparison.compare(board_id, epoch, pack_totals(totals))
    return {user_id_from_bytes(packed[:USER_BYTES]): kind for packed, kind in found}


async def test_equal_totals_differ_in_nothing_however_large(
    standings: Standings, comparison: StandingsComparison
) -> None:
    board_id = new_board_id()
    scores = [MAX_SCORE, MAX_SCORE - 1, 1, 0, -1, 1 - MAX_SCORE, -MAX_SCORE]
    totals = [total(board_id, user(number), score) for number, score in enumerate(scores)]
    await open_board(standings, *totals)
    assert await compare(comparison, totals) == {}


async def test_each_difference_is_told_by_its_kind(
    standings: Standings, comparison: StandingsComparison
) -> None:
    board_id = new_board_id()
    held = [total(board_id, user(number), 10, version=5) for number in range(1, 7)]
    await open_board(standings, *held)
    expected = [
        held[0],
        total(board_id, user(2), 11, version=6),
        total(board_id, user(3), 9, version=4),
        total(board_id, user(4), 11, version=5),
        total(board_id, user(5), 10, version=5, reached=6),
        total(board_id, user(9), 10),
    ]
    assert await compare(comparison, expected) == {
        user(2): Difference.OLDER,
        user(3): Difference.NEWER,
        user(4): Difference.OTHER,
        user(5): Difference.OTHER,
        user(9): Difference.MISSING,
    }


async def test_scores_that_differ_by_one_at_the_very_end_differ(
    standings: Standings, comparison: StandingsComparison
) -> None:
    board_id = new_board_id()
    await open_board(standings, total(board_id, user(1), MAX_SCORE))
    found = await compare(comparison, [total(board_id, user(1), MAX_SCORE - 1)])
    assert found == {user(1): Difference.OTHER}


async def test_a_user_who_lost_his_place_in_the_order_differs(
    standings: Standings, comparison: StandingsComparison, raw: RawRedis
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in (1, 2)]
    await open_board(standings, *totals)
    (order,) = await raw.keys("*order")
    await raw.zpopmin(order)
    assert await compare(comparison, totals) == {user(2): Difference.OTHER}


async def test_more_totals_than_one_script_takes_are_compared(
    standings: Standings, comparison: StandingsComparison
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(2 * SLICE + 3)]
    await open_board(standings, *totals[:-1])
    assert await compare(comparison, totals) == {totals[-1].user_id: Difference.MISSING}


async def test_all_users_are_listed(standings: Standings, comparison: StandingsComparison) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), number) for number in range(3 * SLICE)]
    await open_board(standings, *totals)
    epoch = (await comparison.survey(board_id)).live
    found = [each async for some in comparison.list_users(board_id, epoch) for each in some]
    assert set(found) == {user_id_bytes(each.user_id) for each in totals}


async def test_an_epoch_that_was_replaced_is_not_compared(
    standings: Standings, comparison: StandingsComparison
) -> None:
    board_id = await open_board(standings)
    epoch = (await comparison.survey(board_id)).live
    await standings.rebuild(board_id, slices([]), discard_live=False)
    with pytest.raises(EpochGone):
        await comparison.compare(board_id, epoch, pack_totals([total(board_id, user(1), 1)]))
    with pytest.raises(EpochGone):
        await anext(comparison.list_users(board_id, epoch))


async def test_the_state_of_an_index_is_surveyed(
    standings: Standings, comparison: StandingsComparison, raw: RawRedis
) -> None:
    board_id = BoardId(new_board_id())
    absent = await comparison.survey(board_id)
    assert (absent.live, absent.building) == ("", "")
    await open_board(standings, total(board_id, user(1), 1))
    complete = await comparison.survey(board_id)
    assert (complete.is_complete, complete.is_of_this_start, complete.users) == (True, True, 1)
    (meta,) = await raw.keys("*meta")
    await raw.hset(meta, "run_id", "another")
    await raw.hincrby(meta, f"count:{complete.live}", 1)
    damaged = await comparison.survey(board_id)
    assert (damaged.is_complete, damaged.is_of_this_start) == (False, False)
