"""A connection that breaks off while it writes, and what the retry learns."""

from __future__ import annotations

import asyncio

from scoreboard.domain.errors import OutcomeUnknown
from scoreboard.domain.increments import Outcome, Verdict
from scoreboard.ledger.database import open_database
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants, connect, until
from tests.harness import Backends, new_user
from tests.ledger.conftest import LOCK_USER, until_somebody_waits
from tests.ledger.increments import Draft, apply_one
from tests.ledger.outages import Link

COUNT = "SELECT count(*) FROM score_events"
END_WAITING = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def test_a_connection_cut_during_the_commit_is_resolved_by_the_retry(
    patient_link: Link, stranger: Connection, database_url: str
) -> None:
    user_id = new_user()
    await apply_one(patient_link.writer, Draft(user_id=user_id))
    draft = Draft(user_id=user_id, delta=5)
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, user_id)
        answer = asyncio.create_task(patient_link.answer(draft))
        await until_somebody_waits(stranger)
        patient_link.proxy.pause()
    await _until_counted(database_url, 2)
    await patient_link.proxy.cut()
    assert isinstance(await answer, OutcomeUnknown)
    await patient_link.proxy.restore()
    verdict = await apply_one(patient_link.writer, draft)
    assert (verdict.outcome, verdict.score, verdict.version) == (Outcome.NONCE_REUSED, 6, 2)
    await check_invariants(database_url)


async def test_a_session_ended_before_the_commit_is_resolved_by_the_retry(
    patient_link: Link, stranger: Connection, database_url: str
) -> None:
    user_id = new_user()
    await apply_one(patient_link.writer, Draft(user_id=user_id))
    draft = Draft(user_id=user_id, delta=5)
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, user_id)
        answer = asyncio.create_task(patient_link.answer(draft))
        await until_somebody_waits(stranger)
        await stranger.execute(END_WAITING)
        assert isinstance(await answer, OutcomeUnknown)
    verdict = await apply_one(patient_link.writer, draft)
    assert (verdict.outcome, verdict.score, verdict.version) == (Outcome.APPLIED, 6, 2)
    await check_invariants(database_url)


async def test_a_retry_waits_for_the_fate_of_the_statement_it_repeats(
    patient_link: Link, stranger: Connection, database_url: str
) -> None:
    user_id = new_user()
    await apply_one(patient_link.writer, Draft(user_id=user_id))
    draft = Draft(user_id=user_id, delta=5)
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, user_id)
        answer = asyncio.create_task(patient_link.answer(draft))
        await until_somebody_waits(stranger)
        await patient_link.proxy.cut()
        assert isinstance(await answer, OutcomeUnknown)
        await patient_link.proxy.restore()
        retry = asyncio.create_task(apply_one(patient_link.writer, draft))
        await until_somebody_waits(stranger, sessions=2)
    verdict = await retry
    assert (verdict.outcome, verdict.score, verdict.version) == (Outcome.NONCE_REUSED, 6, 2)
    await check_invariants(database_url)


async def test_what_a_deadlock_rolled_back_is_repeated(
    patient_link: Link, stranger: Connection, database_url: str
) -> None:
    first, second = sorted(new_user() for _ in range(2))
    await apply_one(patient_link.writer, Draft(user_id=first))
    await apply_one(patient_link.writer, Draft(user_id=second))
    async with stranger.transaction():
        # Against the order that the function promises, as nobody but a person would.
        await stranger.execute(LOCK_USER, second)
        batch = [Draft(user_id=first).make(), Draft(user_id=second).make()]
        answers = asyncio.create_task(patient_link.writer.apply(batch))
        await until_somebody_waits(stranger)
        await stranger.execute(LOCK_USER, first)
    assert [each.version for each in await answers if isinstance(each, Verdict)] == [2, 2]
    await check_invariants(database_url)


async def test_the_services_transactions_are_read_committed_whatever_the_servers_default(
    stranger: Connection, backends: Backends, database_url: str
) -> None:
    name = await stranger.fetchval("SELECT current_database()")
    setting = "default_transaction_isolation = 'serializable'"
    await stranger.execute(f'ALTER DATABASE "{name}" SET {setting}')
    user_id = new_user()
    async with open_database(backends.settings(database_pool_size=16)) as database:
        writer = LedgerWriter(database)
        verdicts = await asyncio.gather(
            *(apply_one(writer, Draft(user_id=user_id)) for _ in range(16))
        )
    assert [verdict.outcome for verdict in verdicts] == [Outcome.APPLIED] * 16
    await check_invariants(database_url)


async def _until_counted(database_url: str, count: int) -> None:
    async with connect(database_url) as connection:

        async def is_counted() -> bool:
            return bool(await connection.fetchval(COUNT) == count)

        await until(is_counted)
