"""The outbox: nothing that commits late is missed, and each user's events stay in order."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.ledger.database import Database
from scoreboard.ledger.outbox import Outbox, OutboxEvent
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import new_user
from tests.ledger.increments import Draft, apply, apply_one, columns


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Return the outbox."""
    return Outbox(database)


async def forget(outbox: Outbox, events: list[OutboxEvent]) -> None:
    """Deletes the rows of these events."""
    await outbox.delete(sorted({event.outbox_id for event in events}))


async def test_an_event_waits_with_everything_that_is_published(
    outbox: Outbox, writer: LedgerWriter
) -> None:
    draft = Draft(delta=5)
    verdict = await apply_one(writer, draft)
    (event,) = await outbox.read(10)
    assert (event.event_id, event.delta, event.source) == (verdict.event_id, 5, "win")
    total = event.total
    assert (total.board_id, total.user_id) == (draft.board_id, draft.user_id)
    assert (total.score, total.version, total.reached) == (5, 1, verdict.event_id)
    assert total.updated_us == verdict.updated_us


async def test_rows_are_read_whole_and_oldest_first(outbox: Outbox, writer: LedgerWriter) -> None:
    first = await apply(writer, *(Draft() for _ in range(3)))
    second = await apply(writer, *(Draft() for _ in range(3)))
    assert [each.event_id for each in await outbox.read(1)] == [each.event_id for each in first]
    found = await outbox.read(2)
    assert [each.event_id for each in found] == [each.event_id for each in (*first, *second)]
    behind = await outbox.read(9, found[0].outbox_id)
    assert [each.event_id for each in behind] == [each.event_id for each in second]
    await forget(outbox, await outbox.read(1))
    assert [each.event_id for each in await outbox.read(9)] == [each.event_id for each in second]


async def test_a_batch_that_commits_late_is_still_read(
    outbox: Outbox, writer: LedgerWriter, stranger: Connection, database_url: str
) -> None:
    late, early = Draft(), Draft()
    async with stranger.transaction():
        await stranger.fetch(APPLY, *columns(late))
        await apply_one(writer, early)
        (event,) = await outbox.read(10)
        assert event.total.user_id == early.user_id
        await forget(outbox, [event])
    (event,) = await outbox.read(10)
    assert event.total.user_id == late.user_id
    await check_invariants(database_url)


async def test_one_users_events_are_read_in_the_order_of_versions(
    outbox: Outbox, writer: LedgerWriter, database_url: str
) -> None:
    users = [new_user() for _ in range(3)]

    async def write(round_number: int) -> None:
        drafts = [Draft(user_id=user_id) for user_id in users * 2]
        await apply(writer, *(drafts if round_number % 2 else reversed(drafts)))

    writes = asyncio.gather(*(write(number) for number in range(30)))
    relayed: list[OutboxEvent] = []
    while not writes.done() or await outbox.read(1):
        events = await outbox.read(4)
        relayed += events
        await forget(outbox, events)
    await writes
    for user_id in users:
        versions = [each.total.version for each in relayed if each.total.user_id == user_id]
        assert versions == list(range(1, 61))
    await check_invariants(database_url, is_relayed=True)


async def test_the_state_tells_how_many_rows_wait_and_for_how_long(
    outbox: Outbox, writer: LedgerWriter, owner: Connection
) -> None:
    empty = await outbox.read_state()
    assert (empty.depth, empty.age_s) == (0, 0.0)
    await apply_one(writer, Draft())
    await apply_one(writer, Draft())
    await owner.execute("UPDATE outbox SET created_at = created_at - interval '1 minute'")
    state = await outbox.read_state()
    assert state.depth == 2
    assert 60 <= state.age_s < 120
