"""Who stands next to a user, as the rank index tells."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.domain.standings import Entry, Neighbours, Total
from scoreboard.standings.store import SLICE, WINDOWS, Standings
from tests.standings.boards import Model, PausingScan, crowds, new_board_id, open_board, total, user
from tests.standings.conftest import RawRedis
from tests.web.test_reads import script_calls

STRANGER = user(999_999)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(crowd=crowds, radius=st.integers(0, 6))
async def test_neighbours_are_those_of_the_model_with_their_ranks(
    standings: Standings, crowd: list[tuple[int, int]], radius: int
) -> None:
    board_id = new_board_id()
    totals = [
        total(board_id, user(number), score, reached=reached)
        for number, (score, reached) in enumerate(crowd)
    ]
    await open_board(standings, *totals)
    users = [STRANGER, *(each.user_id for each in totals)]
    model = Model(totals)
    found = await standings.read_neighbours(board_id, users, radius)
    assert found == [model.neighbours(each, radius) for each in users]


async def test_at_the_top_nobody_is_above_and_at_the_bottom_nobody_below(
    standings: Standings,
) -> None:
    board_id = new_board_id()
    totals = [total(board_id, user(number), -number) for number in range(10)]
    await open_board(standings, *totals)
    top, bottom = await standings.read_neighbours(board_id, [user(0), user(9)], 2)
    assert top == Neighbours(tuple(Entry(user(n), -n, n + 1) for n in (0, 1, 2)), 10)
    assert bottom == Neighbours(tuple(Entry(user(n), -n, n + 1) for n in (7, 8, 9)), 10)


async def test_a_single_user_has_no_neighbours(standings: Standings) -> None:
    board_id = new_board_id()
    await open_board(standings, total(board_id, user(1), 5))
    (alone,) = await standings.read_neighbours(board_id, [user(1)], 25)
    assert alone == Neighbours((Entry(user(1), 5, 1),), 1)


async def test_a_window_that_begins_among_ties_counts_those_above_it(standings: Standings) -> None:
    board_id = new_board_id()
    scores = [9, 7, 7, 7, 7, 5]
    totals = [
        total(board_id, user(number), score, reached=number + 1)
        for number, score in enumerate(scores)
    ]
    await open_board(standings, *totals)
    (found,) = await standings.read_neighbours(board_id, [user(4)], 1)
    assert found is not None
    assert [entry.rank for entry in found.entries] == [2, 2, 6]


async def test_the_largest_scores_of_neighbours_are_exact(standings: Standings) -> None:
    board_id = new_board_id()
    scores = [MAX_SCORE, MAX_SCORE - 1, 0, 1 - MAX_SCORE, -MAX_SCORE]
    totals = [total(board_id, user(number), score) for number, score in enumerate(scores)]
    await open_board(standings, *totals)
    (found,) = await standings.read_neighbours(board_id, [user(2)], 2)
    assert found == Model(totals).neighbours(user(2), 2)


async def test_more_users_than_one_script_takes_are_answered_in_order(
    standings: Standings, raw: RawRedis
) -> None:
    board_id = new_board_id()
    count = 2 * WINDOWS + 1
    totals = [total(board_id, user(number), number % 7, reached=number) for number in range(count)]
    await open_board(standings, *totals)
    users = [each.user_id for each in totals]
    model = Model(totals)
    before = await script_calls(raw)
    found = await standings.read_neighbours(board_id, users, 1)
    assert await script_calls(raw) - before >= 3
    assert found == [model.neighbours(each, 1) for each in users]


async def test_nobody_is_asked_about_and_nobody_found(standings: Standings) -> None:
    board_id = await open_board(standings)
    assert await standings.read_neighbours(board_id, [], 5) == []
    assert await standings.read(board_id, []) == []


async def test_users_of_another_board_are_no_neighbours(standings: Standings) -> None:
    board_id, other = new_board_id(), new_board_id()
    await open_board(standings, total(board_id, user(1), 5))
    await open_board(standings, total(other, user(2), 4))
    assert await standings.read_neighbours(board_id, [user(2)], 5) == [None]
    (found,) = await standings.read_neighbours(board_id, [user(1)], 5)
    assert found == Neighbours((Entry(user(1), 5, 1),), 1)


@pytest.mark.parametrize("count", [0, 1, SLICE + 1])
async def test_standings_come_with_the_number_of_users(standings: Standings, count: int) -> None:
    board_id = new_board_id()
    totals = [
        total(board_id, user(number), -number, reached=number + 1) for number in range(count + 1)
    ]
    await open_board(standings, *totals)
    users = [each.user_id for each in totals[:count]]
    found, of = await standings.read_counted(board_id, users)
    assert [each and each.rank for each in found] == list(range(1, count + 1))
    assert of == count + 1
    assert await standings.count(board_id) == of


@pytest.mark.parametrize("discard_live", [True, False])
async def test_a_rebuild_under_way_never_shows_a_part_of_the_board(
    standings: Standings, others: Standings, *, discard_live: bool
) -> None:
    board_id = new_board_id()
    old = [total(board_id, user(number), number, reached=number + 1) for number in range(8)]
    await open_board(standings, *old)
    scan = PausingScan(old[:4], old[4:])
    rebuild = asyncio.create_task(
        standings.rebuild(board_id, aiter(scan), discard_live=discard_live)
    )
    await scan.has_begun.wait()
    if discard_live:
        with pytest.raises(StandingsUnavailable):
            await others.read_neighbours(board_id, [user(3)], 5)
        with pytest.raises(StandingsUnavailable):
            await others.count(board_id)
    else:
        await check(others, old, user(3))
    scan.may_go_on.set()
    await rebuild
    await check(others, old, user(3))


async def check(standings: Standings, totals: list[Total], user_id: UserId) -> None:
    """Fails where the user's neighbours are others than the model's."""
    (found,) = await standings.read_neighbours(totals[0].board_id, [user_id], 5)
    assert found == Model(totals).neighbours(user_id, 5)
