"""Nonces are forgotten once no token can need them, and never earlier."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.domain.increments import Outcome
from scoreboard.ledger.database import Database
from scoreboard.ledger.nonces import PURGE, NoncePurge
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection, check_invariants
from tests.ledger.increments import Draft, apply, apply_one, columns, new_nonce

KEEP_S = 90_000
AGE = """UPDATE action_nonces
         SET expires_at = clock_timestamp() - make_interval(secs => $1) WHERE nonce = $2"""
KEPT = "SELECT nonce FROM action_nonces"


@pytest.fixture
def purge(database: Database) -> NoncePurge:
    """Return the one that purges, keeping nonces for a day and an hour."""
    return NoncePurge(database, KEEP_S)


async def test_nonces_are_kept_for_as_long_as_promised(
    writer: LedgerWriter, purge: NoncePurge, owner: Connection, database_url: str
) -> None:
    old, young, living = Draft(), Draft(), Draft()
    await apply(writer, old, young, living)
    await owner.execute(AGE, KEEP_S + 60, old.nonce)
    await owner.execute(AGE, KEEP_S - 60, young.nonce)
    assert await purge.purge_slice() == 1
    assert {row["nonce"] for row in await owner.fetch(KEPT)} == {young.nonce, living.nonce}
    await check_invariants(database_url, is_purged=True)


async def test_a_token_whose_nonce_is_forgotten_stays_refused_as_expired(
    writer: LedgerWriter, purge: NoncePurge, owner: Connection, database_url: str
) -> None:
    draft = Draft(delta=5)
    await apply_one(writer, draft)
    await owner.execute(AGE, KEEP_S + 60, draft.nonce)
    await purge.purge_slice()
    old = Draft(user_id=draft.user_id, delta=5, nonce=draft.nonce, life_s=-KEEP_S - 60)
    assert (await apply_one(writer, old)).outcome is Outcome.ACTION_TOKEN_EXPIRED
    await check_invariants(database_url, is_purged=True)


async def test_a_slice_is_the_oldest_of_bounded_size(
    database: Database, writer: LedgerWriter, owner: Connection
) -> None:
    drafts = [Draft() for _ in range(5)]
    await apply(writer, *drafts)
    for number, draft in enumerate(drafts):
        await owner.execute(AGE, KEEP_S + 60 + number, draft.nonce)
    rows = await database.fetch(PURGE, NoncePurge(database, KEEP_S)._keep, 3)
    assert rows[0][0] == 3
    assert {row["nonce"] for row in await owner.fetch(KEPT)} == {each.nonce for each in drafts[:2]}


async def test_purging_does_not_wait_for_a_nonce_that_somebody_holds(
    writer: LedgerWriter, purge: NoncePurge, owner: Connection, stranger: Connection
) -> None:
    held, free = Draft(), Draft()
    await apply(writer, held, free)
    await owner.execute(AGE, KEEP_S + 60, held.nonce)
    await owner.execute(AGE, KEEP_S + 60, free.nonce)
    async with stranger.transaction():
        await stranger.execute(f"{KEPT} WHERE nonce = $1 FOR UPDATE", held.nonce)
        assert await purge.purge_slice() == 1
    assert await purge.purge_slice() == 1


async def test_purging_under_writes_with_the_same_nonces_does_not_deadlock(
    database: Database,
    writer: LedgerWriter,
    purge: NoncePurge,
    owner: Connection,
    database_url: str,
) -> None:
    for _ in range(20):
        nonces = sorted(new_nonce() for _ in range(10))
        await apply(writer, *(Draft(nonce=nonce) for nonce in nonces))
        for age, nonce in enumerate(reversed(nonces)):
            await owner.execute(AGE, KEEP_S + 60 + age, nonce)
        stale = [Draft(nonce=nonce, life_s=-KEEP_S - 60) for nonce in nonces]
        await asyncio.gather(
            database.write(APPLY, *columns(*stale)),
            purge.purge_slice(),
            database.write(APPLY, *columns(*reversed(stale))),
            purge.purge_slice(),
        )
    await check_invariants(database_url, is_purged=True)
