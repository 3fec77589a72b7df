"""Ranks and the order of the board."""

from __future__ import annotations

from scoreboard.domain.increments import MAX_SCORE
from scoreboard.standings.store import Standings
from tests.standings.boards import Model, new_board_id, open_board, total, user


async def test_ties_share_a_rank_and_the_next_rank_is_skipped(standings: Standings) -> None:
    board_id = await open_board(standings)
    scores = [7, 9, 7, 3, 9, 9]
    totals = [
        total(board_id, user(number), score, reached=number + 1)
        for number, score in enumerate(scores)
    ]
    assert await standings.apply(board_id, totals) == [4, 1, 4, 6, 1, 1]
    await Model(totals).check(standings, board_id)


async def test_ties_are_listed_by_who_reached_the_score_first(standings: Standings) -> None:
    board_id = await open_board(standings)
    late, early = (total(board_id, user(number), 5, reached=9 - number) for number in (1, 2))
    await standings.apply(board_id, [late, early])
    assert await standings.read_top(board_id, 2) == [(early.user_id, 5), (late.user_id, 5)]


async def test_ties_are_ordered_by_the_number_of_the_event_however_large(
    standings: Standings,
) -> None:
    board_id = await open_board(standings)
    reached = [2**40, 255, 256, 1, 2**32, 2**53]
    totals = [total(board_id, user(number), 5, reached=each) for number, each in enumerate(reached)]
    await standings.apply(board_id, totals)
    expected = sorted(totals, key=lambda each: each.reached)
    found = await standings.read_top(board_id, 9)
    assert [user_id for user_id, _ in found] == [each.user_id for each in expected]


async def test_ranks_of_a_batch_are_those_after_the_whole_batch(standings: Standings) -> None:
    board_id = await open_board(standings)
    rising = [total(board_id, user(number), number) for number in range(1, 6)]
    assert await standings.apply(board_id, rising) == [5, 4, 3, 2, 1]


async def test_the_largest_scores_are_exact(standings: Standings) -> None:
    board_id = await open_board(standings)
    scores = [MAX_SCORE, MAX_SCORE - 1, 1, 0, -1, 1 - MAX_SCORE, -MAX_SCORE]
    totals = [
        total(board_id, user(number), score, version=number + 1)
        for number, score in enumerate(scores)
    ]
    assert await standings.apply(board_id, totals[::-1]) == [7, 6, 5, 4, 3, 2, 1]
    # Again: now the ranks go by the scores that Redis printed.
    assert await standings.apply(board_id, totals) == [1, 2, 3, 4, 5, 6, 7]
    await Model(totals).check(standings, board_id)


async def test_the_top_holds_as_many_as_asked_for(standings: Standings) -> None:
    board_id = await open_board(standings)
    totals = [total(board_id, user(number), -number, reached=number + 1) for number in range(60)]
    await standings.apply(board_id, totals)
    expected = [(each.user_id, each.score) for each in totals]
    assert await standings.read_top(board_id, 1) == expected[:1]
    assert await standings.read_top(board_id, 50) == expected[:50]


async def test_a_user_without_a_score_stands_nowhere(standings: Standings) -> None:
    board_id = await open_board(standings)
    await standings.apply(board_id, [total(board_id, user(1), 5)])
    found = await standings.read(board_id, [user(2), user(1), user(3)])
    assert [each and each.rank for each in found] == [None, 1, None]


async def test_an_empty_board_has_an_empty_top(standings: Standings) -> None:
    assert await standings.read_top(await open_board(standings), 10) == []


async def test_boards_and_prefixes_are_apart(standings: Standings) -> None:
    other = Standings(standings._connection, "another")
    board_id = new_board_id()
    await open_board(standings, total(board_id, user(1), 5))
    await open_board(other, total(board_id, user(2), 6))
    second = await open_board(standings)
    assert await standings.read_top(board_id, 9) == [(user(1), 5)]
    assert await other.read_top(board_id, 9) == [(user(2), 6)]
    assert await standings.read_top(second, 9) == []
