"""The top of a board: read once for all who ask, and never empty or made up in an outage."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.reads.top import TopList
from scoreboard.standings.store import Standings
from tests.checker import until
from tests.harness import Backends
from tests.ledger.increments import Draft
from tests.reads.conftest import NOWHERE, Process, running


def scores(top: TopList) -> list[tuple[int, int]]:
    """(score, rank) of each entry."""
    return [(entry.score, entry.rank) for entry in top.entries]


async def test_both_stores_list_the_same(process: Process, without_redis: Process) -> None:
    for delta in (5, 9, 5, -2):
        await process.commit(Draft(delta=delta))
    await process.fill()
    cached = await process.stores.tops.read(MAIN_BOARD)
    stored = await without_redis.stores.tops.read(MAIN_BOARD)
    assert cached.entries == stored.entries
    assert scores(cached) == [(9, 1), (5, 2), (5, 2), (-2, 4)]
    assert (cached.is_cached, stored.is_cached) == (True, False)


async def test_a_board_that_redis_lost_is_read_from_the_ledger(process: Process) -> None:
    await process.commit(Draft(delta=5))
    lost = Standings(process.stores.redis, "a prefix that holds nothing")
    process.stores.tops._standings = lost
    assert scores(await process.stores.tops.read(MAIN_BOARD)) == [(5, 1)]


async def test_all_who_ask_at_once_share_one_read(without_redis: Process) -> None:
    tops = await asyncio.gather(*(without_redis.stores.tops.read(MAIN_BOARD) for _ in range(50)))
    assert len({id(top) for top in tops}) == 1


async def test_a_caller_that_goes_away_leaves_the_read_to_the_others(
    without_redis: Process,
) -> None:
    await without_redis.commit(Draft(delta=5))
    leaving = asyncio.create_task(without_redis.stores.tops.read(MAIN_BOARD))
    staying = asyncio.create_task(without_redis.stores.tops.read(MAIN_BOARD))
    await asyncio.sleep(0)
    leaving.cancel()
    assert scores(await staying) == [(5, 1)]


async def test_a_fresh_list_is_not_read_again(backends: Backends) -> None:
    async with running(backends, redis_url=NOWHERE, top_fallback_cache_ms=60_000) as process:
        first = await process.stores.tops.read(MAIN_BOARD)
        await process.commit(Draft(delta=5))
        assert await process.stores.tops.read(MAIN_BOARD) is first
        assert scores(await process.stores.tops.read_now(MAIN_BOARD)) == [(5, 1)]


async def test_while_no_store_answers_the_last_list_is_shown_as_stale(
    without_redis: Process,
) -> None:
    await without_redis.commit(Draft(delta=5))
    known = await without_redis.stores.tops.read(MAIN_BOARD)
    await without_redis.proxy.cut()
    await until(lambda: _is_stale(without_redis))
    stale = await without_redis.stores.tops.read(MAIN_BOARD)
    assert (stale.entries, stale.generated_us) == (known.entries, known.generated_us)
    await without_redis.proxy.restore()
    again = await without_redis.stores.tops.read(MAIN_BOARD)
    assert (again.entries, again.is_stale) == (known.entries, False)


async def test_a_list_that_is_too_old_is_not_shown(backends: Backends) -> None:
    async with running(backends, redis_url=NOWHERE, top_stale_max_s=0.05) as process:
        known = await process.stores.tops.read(MAIN_BOARD)
        await process.proxy.cut()

        async def is_old() -> bool:
            return known.age_s > 0.05

        await until(is_old)
        with pytest.raises(StorageUnavailable):
            await process.stores.tops.read(MAIN_BOARD)


async def test_a_list_that_was_never_known_is_not_made_up(without_redis: Process) -> None:
    await without_redis.proxy.cut()
    with pytest.raises(StorageUnavailable):
        await without_redis.stores.tops.read(MAIN_BOARD)


async def test_the_digest_follows_the_entries_that_are_shown(process: Process) -> None:
    await process.commit(Draft(delta=9))
    await process.fill()
    first = await process.stores.tops.read_now(MAIN_BOARD)
    await process.commit(Draft(delta=5))
    await process.fill()
    second = await process.stores.tops.read_now(MAIN_BOARD)
    assert first.encode(1) == second.encode(1)
    assert first.encode(2)[1] != second.encode(2)[1]
    assert len(msgspec.json.decode(second.encode(2)[0])) == 2


async def _is_stale(process: Process) -> bool:
    return (await process.stores.tops.read(MAIN_BOARD)).is_stale
