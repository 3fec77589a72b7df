"""Many callers and many totals at once are no outage."""

from __future__ import annotations

import asyncio

from scoreboard.standings.connection import RedisConnection
from scoreboard.standings.store import SLICE, Standings
from tests.standings.boards import open_board, total, user
from tests.standings.conftest import opened

CALLERS = 300


async def test_callers_beyond_the_pool_wait_for_their_turn(
    redis_url: str, redis_prefix: str
) -> None:
    async with opened(redis_url, redis_pool_size=4) as connection:
        standings = Standings(connection, redis_prefix)
        board_id = await open_board(standings)
        await standings.apply(board_id, [total(board_id, user(1), 5)])
        found = await asyncio.gather(*(standings.read(board_id, [user(1)]) for _ in range(CALLERS)))
        assert connection.is_up
    assert all(each is not None and each.score == 5 for (each,) in found)


async def test_no_script_holds_redis_for_more_than_a_slice(
    standings: Standings, connection: RedisConnection
) -> None:
    board_id = await open_board(standings)
    count = 3 * SLICE + 1
    totals = [total(board_id, user(number), number) for number in range(count)]
    ranks = await standings.apply(board_id, totals)
    assert len(ranks) == count
    # Each slice is ranked when it is written: its last user leads then.
    assert [ranks[end - 1] for end in (SLICE, 2 * SLICE, 3 * SLICE, count)] == [1, 1, 1, 1]
    assert connection.is_up
