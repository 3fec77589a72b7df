"""A database that is away or hangs: what is told in time, and that it is true."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.domain.errors import OutcomeUnknown, StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.domain.increments import Outcome
from scoreboard.ledger.database import open_database
from scoreboard.ledger.reader import LedgerReader
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import Backends, new_user
from tests.ledger.conftest import LOCK_USER, until_somebody_waits
from tests.ledger.increments import Draft, apply_one
from tests.ledger.outages import IN_TIME_S, Link

COUNT = "SELECT count(*) FROM score_events"


async def test_a_stopped_database_is_told_at_once_and_comes_back(
    link: Link, database_url: str
) -> None:
    draft = Draft()
    await link.proxy.cut()
    assert isinstance(await link.answer_in_time(draft), StorageUnavailable | OutcomeUnknown)
    assert isinstance(await link.answer_in_time(draft), StorageUnavailable)
    assert not link.database.is_up
    with pytest.raises(StorageUnavailable):
        await link.reader.read_top(MAIN_BOARD, 10)
    await link.proxy.restore()
    assert (await apply_one(link.writer, draft)).outcome is Outcome.APPLIED
    assert link.database.is_up
    await check_invariants(database_url)


async def test_a_hanging_database_is_given_up_in_time_and_comes_back(
    link: Link, database_url: str
) -> None:
    link.proxy.pause()
    async with asyncio.timeout(IN_TIME_S):
        with pytest.raises(StorageUnavailable):
            await link.reader.read_top(MAIN_BOARD, 10)
    draft = Draft()
    # The connection hung, so another is opened, which hangs before anything is sent.
    assert isinstance(await link.answer_in_time(draft), StorageUnavailable)
    link.proxy.resume()
    assert (await apply_one(link.writer, draft)).outcome is Outcome.APPLIED
    await check_invariants(database_url)


async def test_an_increment_sent_into_a_hang_has_an_unknown_outcome_that_a_retry_resolves(
    link: Link, database_url: str
) -> None:
    draft = Draft()
    link.proxy.pause()
    assert isinstance(await link.answer_in_time(draft), OutcomeUnknown)
    link.proxy.resume()
    verdict = await apply_one(link.writer, draft)
    assert (verdict.score, verdict.version) == (1, 1)
    await check_invariants(database_url)


async def test_a_statement_that_waits_too_long_is_certainly_not_applied(
    link: Link, stranger: Connection, database_url: str
) -> None:
    user_id = new_user()
    await apply_one(link.writer, Draft(user_id=user_id))
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, user_id)
        answer = await link.answer_in_time(Draft(user_id=user_id))
        assert isinstance(answer, StorageUnavailable)
    assert await stranger.fetchval(COUNT) == 1
    await check_invariants(database_url)


async def test_an_exhausted_pool_is_told_in_time(link: Link, stranger: Connection) -> None:
    user_id = new_user()
    await apply_one(link.writer, Draft(user_id=user_id))
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, user_id)
        waiting = [
            asyncio.create_task(link.answer_in_time(Draft(user_id=user_id))) for _ in range(2)
        ]
        await until_somebody_waits(stranger, sessions=2)
        assert isinstance(await link.answer_in_time(Draft()), StorageUnavailable)
        assert all(isinstance(each, StorageUnavailable) for each in await asyncio.gather(*waiting))


async def test_a_read_only_database_is_unavailable(
    patient_link: Link, stranger: Connection, backends: Backends
) -> None:
    name = await stranger.fetchval("SELECT current_database()")
    await stranger.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    async with open_database(backends.settings()) as database:
        (answer,) = await LedgerWriter(database).apply([Draft().make()])
        assert isinstance(answer, StorageUnavailable)
        assert await LedgerReader(database).read_top(MAIN_BOARD, 10) == []
    assert patient_link.database.is_up
