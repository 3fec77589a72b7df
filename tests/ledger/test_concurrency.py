"""Batches at the same time: nobody deadlocks, nothing is lost, one order for each user."""

from __future__ import annotations

import asyncio
import random

from scoreboard.domain.increments import Outcome
from scoreboard.ledger.database import Database
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import new_user
from tests.ledger.increments import Draft, apply, apply_one, columns, new_nonce, outcomes

ROUNDS = 25
BATCH = 128


async def test_the_same_nonces_in_opposite_order_do_not_deadlock(
    database: Database, database_url: str
) -> None:
    for _ in range(ROUNDS):
        drafts = [Draft(nonce=new_nonce()) for _ in range(BATCH)]
        mirrored = [Draft(nonce=draft.nonce) for draft in reversed(drafts)]
        # Not through the writer: it would repeat what a deadlock rolled back.
        here, there = await asyncio.gather(
            database.write(APPLY, *columns(*drafts)), database.write(APPLY, *columns(*mirrored))
        )
        for mine, theirs in zip(here, reversed(there), strict=True):
            assert {mine["outcome"], theirs["outcome"]} == {"applied", "nonce_reused"}
    await check_invariants(database_url)


async def test_the_same_users_in_opposite_order_do_not_deadlock(
    database: Database, database_url: str
) -> None:
    for _ in range(ROUNDS):
        users = [new_user() for _ in range(BATCH)]
        drafts = [Draft(user_id=user_id) for user_id in users]
        mirrored = [Draft(user_id=user_id) for user_id in reversed(users)]
        await asyncio.gather(
            database.write(APPLY, *columns(*drafts)), database.write(APPLY, *columns(*mirrored))
        )
    await check_invariants(database_url)


async def test_users_and_nonces_shared_crosswise_do_not_deadlock(
    database: Database, database_url: str
) -> None:
    users = [new_user() for _ in range(6)]
    for _ in range(ROUNDS):
        nonces = [new_nonce() for _ in range(6)]
        batches = []
        for _ in range(4):
            random.shuffle(users)
            random.shuffle(nonces)
            batches.append([Draft(user_id=u, nonce=n) for u, n in zip(users, nonces, strict=True)])
        await asyncio.gather(*(database.write(APPLY, *columns(*batch)) for batch in batches))
    await check_invariants(database_url)


async def test_sixteen_increments_of_one_user_at_once_all_succeed(
    writer: LedgerWriter, database_url: str
) -> None:
    user_id = new_user()
    verdicts = await asyncio.gather(
        *(apply_one(writer, Draft(user_id=user_id, delta=delta)) for delta in range(1, 17))
    )
    assert outcomes(list(verdicts)) == [Outcome.APPLIED] * 16
    assert sorted(verdict.version or 0 for verdict in verdicts) == list(range(1, 17))
    assert max(verdict.score or 0 for verdict in verdicts) == sum(range(1, 17))
    await check_invariants(database_url)


async def test_a_thousand_tokens_of_one_user_in_parallel_add_up_exactly(
    writer: LedgerWriter, database_url: str
) -> None:
    user_id = new_user()
    batches = [[Draft(user_id=user_id, delta=3) for _ in range(50)] for _ in range(20)]
    verdicts = await asyncio.gather(*(apply(writer, *batch) for batch in batches))
    assert max(verdict.score or 0 for each in verdicts for verdict in each) == 3000
    await check_invariants(database_url)


async def test_a_first_increment_twenty_times_in_parallel_makes_one_row(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    for _ in range(5):
        user_id = new_user()
        await asyncio.gather(*(apply_one(writer, Draft(user_id=user_id)) for _ in range(20)))
        rows = await owner.fetch("SELECT version FROM user_scores WHERE user_id = $1", user_id)
        assert [row["version"] for row in rows] == [20]
    await check_invariants(database_url)


async def test_of_two_writers_on_one_version_one_gets_a_conflict(
    writer: LedgerWriter, database_url: str
) -> None:
    user_id = new_user()
    for version in range(20):
        verdicts = await asyncio.gather(
            *(apply_one(writer, Draft(user_id=user_id, expected_version=version)) for _ in "ab")
        )
        assert sorted(outcomes(list(verdicts))) == [Outcome.APPLIED, Outcome.VERSION_CONFLICT]
    await check_invariants(database_url)


async def test_refused_first_increments_beside_applied_ones_lose_nothing(
    writer: LedgerWriter, database_url: str
) -> None:
    for _ in range(20):
        user_id = new_user()
        drafts = [Draft(user_id=user_id, life_s=life_s) for life_s in (-1, 60) * 4]
        verdicts = await asyncio.gather(*(apply_one(writer, draft) for draft in drafts))
        assert outcomes(list(verdicts)).count(Outcome.APPLIED) == 4
    await check_invariants(database_url)
