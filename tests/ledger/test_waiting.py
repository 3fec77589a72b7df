"""What a transaction under way decides for those that wait for it."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from scoreboard.domain.increments import Outcome, Verdict
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection, check_invariants, until
from tests.harness import new_user
from tests.ledger.conftest import until_somebody_waits
from tests.ledger.increments import Draft, apply_one, columns

HAS_EXPIRED = "SELECT to_timestamp($1) <= clock_timestamp()"


@pytest.mark.parametrize("is_same_user", [True, False])
@pytest.mark.parametrize("commits", [True, False])
async def test_a_token_that_expires_while_its_nonce_is_held_is_judged_by_the_holders_fate(
    writer: LedgerWriter,
    owner: Connection,
    stranger: Connection,
    database_url: str,
    *,
    commits: bool,
    is_same_user: bool,
) -> None:
    held = Draft(delta=5)
    waiting = dataclasses.replace(
        held, life_s=1, user_id=held.user_id if is_same_user else new_user()
    )
    transaction = stranger.transaction()
    await transaction.start()
    (stored,) = await stranger.fetch(APPLY, *columns(held))
    waiter = asyncio.create_task(apply_one(writer, waiting))
    await until_somebody_waits(owner)
    await _until_expired(owner, waiting)
    await (transaction.commit() if commits else transaction.rollback())
    verdict = await waiter
    if not commits:
        assert verdict == Verdict(Outcome.ACTION_TOKEN_EXPIRED, None, None, None, None)
    elif is_same_user:
        assert verdict == Verdict(Outcome.NONCE_REUSED, *tuple(stored)[1:])
    else:
        assert verdict == Verdict(Outcome.NONCE_REUSED, None, None, None, None)
    await check_invariants(database_url)


async def test_a_nonce_let_go_by_a_rollback_is_applied_by_the_one_who_waited(
    writer: LedgerWriter, owner: Connection, stranger: Connection, database_url: str
) -> None:
    draft = Draft(delta=5)
    transaction = stranger.transaction()
    await transaction.start()
    await stranger.fetch(APPLY, *columns(draft))
    waiter = asyncio.create_task(apply_one(writer, draft))
    await until_somebody_waits(owner)
    await transaction.rollback()
    assert (await waiter).outcome is Outcome.APPLIED
    await check_invariants(database_url)


async def test_an_expected_version_is_compared_after_the_wait(
    writer: LedgerWriter, owner: Connection, stranger: Connection, database_url: str
) -> None:
    user_id = new_user()
    transaction = stranger.transaction()
    await transaction.start()
    await stranger.fetch(APPLY, *columns(Draft(user_id=user_id, delta=5)))
    waiter = asyncio.create_task(apply_one(writer, Draft(user_id=user_id, expected_version=0)))
    await until_somebody_waits(owner)
    await transaction.commit()
    verdict = await waiter
    assert verdict == Verdict(Outcome.VERSION_CONFLICT, None, 5, 1, None)
    await check_invariants(database_url)


async def test_a_first_increment_waits_for_another_first_increment_that_is_refused(
    writer: LedgerWriter, owner: Connection, stranger: Connection, database_url: str
) -> None:
    user_id = new_user()
    transaction = stranger.transaction()
    await transaction.start()
    await stranger.fetch(APPLY, *columns(Draft(user_id=user_id, expected_version=8)))
    waiter = asyncio.create_task(apply_one(writer, Draft(user_id=user_id)))
    await until_somebody_waits(owner)
    await transaction.commit()
    assert (await waiter).version == 1
    await check_invariants(database_url)


async def _until_expired(owner: Connection, draft: Draft) -> None:
    expires_at_s = draft.make().expires_at_s

    async def has_expired() -> bool:
        return bool(await owner.fetchval(HAS_EXPIRED, expires_at_s))

    await until(has_expired)
