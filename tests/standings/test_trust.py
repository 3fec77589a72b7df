"""Standings that lost anything say so: never an empty or partial board."""

from __future__ import annotations

import pytest

from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.standings.store import Standings
from tests.standings.boards import Model, new_board_id, open_board, total, user
from tests.standings.conftest import RawRedis


async def expect_refusal(standings: Standings, board_id: BoardId) -> None:
    """Fails where any use of the board is not refused."""
    with pytest.raises(StandingsUnavailable):
        await standings.read_top(board_id, 10)
    with pytest.raises(StandingsUnavailable):
        await standings.read(board_id, [user(1)])
    with pytest.raises(StandingsUnavailable):
        await standings.read_neighbours(board_id, [user(1)], 5)
    with pytest.raises(StandingsUnavailable):
        await standings.count(board_id)
    with pytest.raises(StandingsUnavailable):
        await standings.apply(board_id, [total(board_id, user(9), 9)])
    assert not await standings.examine(board_id)


@pytest.fixture
async def board_id(standings: Standings) -> BoardId:
    """Return a board of three users that every process trusts."""
    name = new_board_id()
    await open_board(standings, *(total(name, user(number), number) for number in (1, 2, 3)))
    assert await standings.examine(name)
    return name


async def test_a_board_that_nobody_built_is_unavailable(standings: Standings) -> None:
    await expect_refusal(standings, new_board_id())


@pytest.mark.parametrize("kind", ["meta", "order", "users"])
async def test_a_key_that_was_evicted_is_noticed(
    standings: Standings, others: Standings, raw: RawRedis, board_id: BoardId, kind: str
) -> None:
    (key,) = await raw.keys(f"*{kind}")
    await raw.delete(key)
    await expect_refusal(standings, board_id)
    await expect_refusal(others, board_id)


async def test_a_key_that_lost_a_user_is_noticed(
    standings: Standings, raw: RawRedis, board_id: BoardId
) -> None:
    (key,) = await raw.keys("*order")
    await raw.zpopmin(key)
    await expect_refusal(standings, board_id)


async def test_a_flushed_redis_is_noticed_also_when_its_scripts_are_gone(
    standings: Standings, raw: RawRedis, board_id: BoardId
) -> None:
    await raw.flushdb()
    await raw.script_flush()
    await expect_refusal(standings, board_id)


async def test_standings_from_another_start_of_redis_are_not_trusted(
    standings: Standings, raw: RawRedis, board_id: BoardId
) -> None:
    (key,) = await raw.keys("*meta")
    await raw.hset(key, "run_id", "another start")
    assert not await standings.examine(board_id)
    await open_board(standings, total(board_id, user(1), 1))
    assert await standings.examine(board_id)


async def test_a_process_that_knows_an_older_epoch_asks_again(
    standings: Standings, others: Standings, board_id: BoardId
) -> None:
    assert await others.read_top(board_id, 1) == [(user(3), 3)]
    rebuilt = [total(board_id, user(number), -number) for number in (1, 2)]
    await open_board(standings, *rebuilt)
    await Model(rebuilt).check(others, board_id)
    await open_board(standings, *rebuilt)
    change = total(board_id, user(2), 7, version=2)
    assert await others.apply(board_id, [change]) == [1]
    await Model([*rebuilt, change]).check(standings, board_id)


async def test_a_key_of_another_type_makes_the_standings_unavailable(
    standings: Standings, raw: RawRedis, redis_prefix: str
) -> None:
    board_id = new_board_id()
    await raw.set(f"{redis_prefix}:{{{board_id}}}:meta", "text")
    with pytest.raises(StandingsUnavailable):
        await standings.read_top(board_id, 10)
