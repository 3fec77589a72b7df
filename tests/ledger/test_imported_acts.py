"""Acts come along with their events, wherever somebody has looked or been refused before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from scoreboard.domain.acts import ActKind
from scoreboard.ledger.acts import ActFilter, ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.history import EventRange, History, StoredEvent
from scoreboard.ledger.imports import EventImport, ImportRefused
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import check_invariants, connect, until
from tests.cli.histories import empty_database
from tests.harness import new_user
from tests.ledger.acts import MODERATOR, add, undo
from tests.ledger.increments import Draft, apply_one

APPLIED = "SELECT * FROM acts WHERE outcome = 'applied' AND act_id % 2 = 0 ORDER BY act_id"
OTHER_ACT = """INSERT INTO acts (kind, outcome, parameters, actor, scopes, origin, created_at)
               VALUES ('bonus', 'applied', '{}', 'somebody', '{}', 'cli', now())"""
WAITING = """SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'acts'::regclass
                                                  AND mode = 'ShareLock' AND NOT granted)"""


@pytest.fixture
async def history(database: Database, writer: LedgerWriter, database_url: str) -> list[StoredEvent]:
    """Return an increment, its void, the restore and a bonus, with a read and a refusal between."""
    alice = new_user()
    earned = await apply_one(writer, Draft(user_id=alice, delta=5))
    ledger = ActLedger(database.write)
    await undo(ledger, ActKind.VOID, earned.event_id)
    await look_and_be_refused(ledger)
    await undo(ledger, ActKind.RESTORE, earned.event_id)
    await add(ledger, alice, 3)
    async with open_session(database_url, "test") as session:
        (events,) = [batch async for batch in History(session).scan(EventRange(), 100)]
    return events


@pytest.fixture
async def empty_ledger(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """Return the owner's URL of a second database, with a schema and nothing in it."""
    async with empty_database(postgres_url, template_database) as url:
        yield url


async def staged(session: Session, *batches: list[StoredEvent]) -> EventImport:
    """An import of these, checked and not yet written."""
    work = EventImport(session, lambda _: None)
    await work.prepare()
    for batch in batches:
        await work.stage(batch)
    return work


async def write(work: EventImport) -> int:
    """Writes what is staged; how many events that were."""
    return sum([count async for count in work.write()])


async def import_all(url: str, *batches: list[StoredEvent]) -> tuple[int, int]:
    """Imports these; how many were new, and how many known."""
    async with open_session(url, "import", as_owner=True) as session:
        work = await staged(session, *batches)
        return await write(work), work.known


async def look_and_be_refused(ledger: ActLedger) -> None:
    """What the trail holds beside acts that led to events."""
    await ledger.record(ActKind.READ_ACTS, MODERATOR, outcome="applied")
    refused = await undo(ledger, ActKind.VOID, 4711)
    assert refused.outcome == "not_found"


async def test_numbers_grow_and_are_even_where_an_act_led_to_an_event(
    history: list[StoredEvent], database: Database
) -> None:
    recorded = (await ActLedger(database.write).find(ActFilter(), 10))[::-1]
    assert [(act.kind, act.act_id % 2) for act in recorded] == [
        ("void", 0), ("read_acts", 1), ("void", 1), ("restore", 0), ("bonus", 0),
    ]  # fmt: skip
    assert [event.act_id for event in history] == [
        None, *(act.act_id for act in recorded if act.act_id % 2 == 0),
    ]  # fmt: skip


async def test_an_import_does_not_mind_reads_and_refusals(
    history: list[StoredEvent], empty_ledger: str, database_url: str
) -> None:
    async with open_session(empty_ledger, "test") as session:
        for _ in range(3):
            await look_and_be_refused(ActLedger(session.fetch))
    assert await import_all(empty_ledger, history[:2], history[2:]) == (4, 0)
    async with open_session(empty_ledger, "test") as session:
        await look_and_be_refused(ActLedger(session.fetch))
    assert await import_all(empty_ledger, history) == (0, 4)
    await check_invariants(empty_ledger, is_purged=True)
    async with connect(empty_ledger) as target, connect(database_url) as source:
        assert await target.fetch(APPLIED) == await source.fetch(APPLIED)
        highest = max(event.act_id or 0 for event in history)
        assert await target.fetchval("SELECT nextval('act_ids')") > highest


async def test_another_act_of_the_same_number_is_refused(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with connect(empty_ledger) as connection:
        await connection.execute(OTHER_ACT)
    with pytest.raises(ImportRefused, match=r"Event 2 .* stored already with other content"):
        await import_all(empty_ledger, history)


async def test_an_odd_number_is_refused(history: list[StoredEvent], empty_ledger: str) -> None:
    act = history[1].act
    assert act is not None
    odd = replace(history[1], act_id=3, act=replace(act, act_id=3))
    with pytest.raises(ImportRefused, match=r"Event 2 .* number is odd.*Nothing was imported"):
        await import_all(empty_ledger, [history[0], odd, *history[2:]])


async def test_another_act_between_check_and_import_is_not_passed_over(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with open_session(empty_ledger, "import", as_owner=True) as session:
        work = await staged(session, history)
        async with connect(empty_ledger) as connection:
            await connection.execute(OTHER_ACT)
        with pytest.raises(ImportRefused, match="another act 2 meanwhile"):
            await write(work)
    async with connect(empty_ledger) as connection:
        assert await connection.fetchval("SELECT count(*) FROM score_events") == 0


async def test_an_import_waits_for_whoever_has_drawn_a_number(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with (
        open_session(empty_ledger, "import", as_owner=True) as session,
        connect(empty_ledger) as writing,
        connect(empty_ledger) as looking,
    ):
        work = await staged(session, history)
        transaction = writing.transaction()
        await transaction.start()
        await ActLedger(writing.fetch).record(ActKind.READ_ACTS, MODERATOR, outcome="applied")
        importing = asyncio.create_task(write(work))

        async def is_waiting() -> bool:
            return bool(await looking.fetchval(WAITING))

        await until(is_waiting)
        await transaction.commit()
        assert await importing == len(history)
    await check_invariants(empty_ledger, is_purged=True)
