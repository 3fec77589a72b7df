"""A nonce is good for one increment, whoever sends it and however often."""

from __future__ import annotations

import asyncio
import dataclasses

from scoreboard.domain.identifiers import EventId
from scoreboard.domain.increments import Outcome, Verdict
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import check_invariants
from tests.harness import new_user
from tests.ledger.increments import Draft, apply, apply_one, new_nonce, outcomes, scores

APPLIED, REUSED = Outcome.APPLIED, Outcome.NONCE_REUSED
EXPIRED, CONFLICT = Outcome.ACTION_TOKEN_EXPIRED, Outcome.VERSION_CONFLICT
UNTOLD = Verdict(REUSED, None, None, None, None)


def told(verdict: Verdict) -> Verdict:
    """What the sender of the same token is told later."""
    return Verdict(REUSED, verdict.event_id, verdict.score, verdict.version, verdict.updated_us)


async def test_the_same_token_again_is_told_what_was_stored(writer: LedgerWriter) -> None:
    draft = Draft(delta=5)
    first = await apply_one(writer, draft)
    await apply_one(writer, Draft(user_id=draft.user_id, delta=100))
    assert await apply_one(writer, draft) == told(first)


async def test_the_same_token_is_told_so_also_after_it_expired(writer: LedgerWriter) -> None:
    draft = Draft()
    first = await apply_one(writer, draft)
    assert await apply_one(writer, dataclasses.replace(draft, life_s=-60)) == told(first)


async def test_another_user_learns_nothing_about_the_one_who_used_the_nonce(
    writer: LedgerWriter, database_url: str
) -> None:
    draft = Draft()
    await apply_one(writer, draft)
    other = dataclasses.replace(draft, user_id=new_user())
    assert await apply_one(writer, other) == UNTOLD
    await check_invariants(database_url)


async def test_another_token_with_the_nonce_learns_nothing(writer: LedgerWriter) -> None:
    draft = Draft()
    await apply_one(writer, draft)
    assert await apply_one(writer, dataclasses.replace(draft, token=b"another")) == UNTOLD


async def test_a_nonce_twice_in_a_batch_belongs_to_the_first(
    writer: LedgerWriter, database_url: str
) -> None:
    draft = Draft(delta=5)
    other = Draft(nonce=draft.nonce, delta=9)
    verdicts = await apply(writer, draft, draft, other)
    assert verdicts == [verdicts[0], told(verdicts[0]), UNTOLD]
    assert scores(verdicts[:1]) == [(5, 1)]
    await check_invariants(database_url)


async def test_a_nonce_whose_first_item_is_refused_belongs_to_the_next(
    writer: LedgerWriter, database_url: str
) -> None:
    nonce, user_id = new_nonce(), new_user()
    verdicts = await apply(
        writer,
        Draft(nonce=nonce, user_id=user_id, expected_version=7),
        Draft(nonce=nonce, user_id=user_id, life_s=-1),
        Draft(nonce=nonce, user_id=user_id, delta=3),
        Draft(nonce=nonce, user_id=user_id, delta=3),
    )
    assert outcomes(verdicts) == [CONFLICT, EXPIRED, APPLIED, REUSED]
    assert verdicts[3] == told(verdicts[2])
    await check_invariants(database_url)


async def test_event_ids_grow_with_versions_also_behind_a_nonce_that_passed_on(
    writer: LedgerWriter, database_url: str
) -> None:
    nonce, user_id = new_nonce(), new_user()
    verdicts = await apply(
        writer,
        Draft(user_id=user_id, nonce=nonce, life_s=-1),
        Draft(user_id=user_id, nonce=nonce),
        Draft(user_id=user_id),
        Draft(user_id=user_id),
    )
    ids = [verdict.event_id for verdict in verdicts[1:]]
    assert ids == sorted(ids, key=lambda each: each or EventId(0))
    await check_invariants(database_url)


async def test_a_nonce_that_passed_on_is_kept_for_the_token_that_used_it(
    writer: LedgerWriter,
) -> None:
    nonce, user_id = new_nonce(), new_user()
    used = Draft(nonce=nonce, user_id=user_id, token=b"used")
    verdicts = await apply(
        writer, Draft(nonce=nonce, user_id=user_id, token=b"refused", life_s=-1), used
    )
    assert await apply_one(writer, used) == told(verdicts[1])


async def test_one_nonce_in_two_users_tokens_is_applied_once(
    writer: LedgerWriter, database_url: str
) -> None:
    nonce = new_nonce()
    found = await asyncio.gather(*(apply_one(writer, Draft(nonce=nonce)) for _ in range(12)))
    assert sorted(outcomes(list(found))) == [APPLIED] + [REUSED] * 11
    await check_invariants(database_url)


async def test_one_token_fifty_times_in_parallel_is_applied_once(
    writer: LedgerWriter, database_url: str
) -> None:
    draft = Draft(delta=5)
    found = await asyncio.gather(*(apply_one(writer, draft) for _ in range(50)))
    applied = [verdict for verdict in found if verdict.outcome is APPLIED]
    assert len(applied) == 1
    assert [verdict for verdict in found if verdict not in applied] == [told(applied[0])] * 49
    await check_invariants(database_url)
