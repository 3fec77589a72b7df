"""Where one user stands: asked of Redis, then of PostgreSQL."""

from __future__ import annotations

import pytest

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD
from tests.harness import new_user
from tests.ledger.increments import Draft
from tests.reads.conftest import Process


async def test_a_user_whom_redis_does_not_know_yet_is_found_in_the_ledger(
    process: Process,
) -> None:
    total = await process.commit(Draft(delta=5))
    standing = await process.stores.standing.read(MAIN_BOARD, total.user_id)
    assert standing is not None
    assert (standing.score, standing.rank, standing.version) == (5, 1, 1)
    assert standing.updated_us == total.updated_us


async def test_a_user_without_a_score_is_in_neither(process: Process) -> None:
    assert await process.stores.standing.read(MAIN_BOARD, new_user()) is None


async def test_both_stores_tell_the_same(process: Process, without_redis: Process) -> None:
    totals = [await process.commit(Draft(delta=delta)) for delta in (5, 9, 5, -2)]
    await process.fill()
    for total, rank in zip(totals, (2, 1, 2, 4), strict=True):
        cached = await process.stores.standing.read(MAIN_BOARD, total.user_id)
        stored = await without_redis.stores.standing.read(MAIN_BOARD, total.user_id)
        assert cached == stored
        assert cached is not None
        assert cached.rank == rank


async def test_without_postgresql_redis_answers(process: Process) -> None:
    total = await process.commit(Draft(delta=5))
    await process.fill()
    await process.proxy.cut()
    standing = await process.stores.standing.read(MAIN_BOARD, total.user_id)
    assert standing is not None
    with pytest.raises(StorageUnavailable):
        await process.stores.standing.read(MAIN_BOARD, new_user())


async def test_without_either_nothing_is_made_up(without_redis: Process) -> None:
    await without_redis.proxy.cut()
    with pytest.raises(StorageUnavailable):
        await without_redis.stores.standing.read(MAIN_BOARD, new_user())
