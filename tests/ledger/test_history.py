"""Reads of the history that miss nothing, and imports that bring in the same or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from benchmarks.ledger_rows import fill
from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.history import Event, EventRange, History, StoredEvent
from scoreboard.ledger.imports import EventImport, ImportRefused
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.settling import Settling, wait_until_settled
from scoreboard.ledger.tailing import MISSING_MAX, EventTail
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection, check_invariants, connect
from tests.cli.histories import empty_database
from tests.harness import new_user
from tests.ledger.increments import Draft, apply, apply_one, columns, new_nonce
from tests.ledger.test_query_plans import explain, index_names

TABLES = {
    "score_events": "SELECT * FROM score_events ORDER BY event_id",
    "user_scores": "SELECT * FROM user_scores ORDER BY board_id, user_id",
    "action_nonces": "SELECT nonce, event_id FROM action_nonces ORDER BY nonce",
}


@pytest.fixture
async def session(database_url: str) -> AsyncIterator[Session]:
    """Return the session of an operator."""
    async with open_session(database_url, "test") as opened:
        yield opened


@pytest.fixture
async def tail(session: Session) -> EventTail:
    """Return a tail that has begun."""
    tail = EventTail()
    await tail.attach(session)
    return tail


async def test_a_tail_shows_each_event_once(writer: LedgerWriter, tail: EventTail) -> None:
    assert await tail.read() == []
    verdicts = await apply(writer, Draft(delta=5), Draft(delta=7))
    events = await tail.read()
    assert [event.event_id for event in events] == [each.event_id for each in verdicts]
    assert [event.delta for event in events] == [5, 7]
    assert await tail.read() == []


async def test_an_event_that_commits_late_is_shown_after_those_with_higher_ids(
    writer: LedgerWriter, tail: EventTail, stranger: Connection
) -> None:
    transaction = stranger.transaction()
    await transaction.start()
    (late,) = await stranger.fetch(APPLY, *columns(Draft()))
    early = await apply_one(writer, Draft())
    assert ids(await tail.read()) == [early.event_id]
    assert late["event_id"] < (early.event_id or 0)
    more = await apply_one(writer, Draft())
    assert ids(await tail.read()) == [more.event_id]
    assert await tail.read() == []
    await transaction.commit()
    assert ids(await tail.read()) == [late["event_id"]]
    assert await tail.read() == []


async def test_an_event_under_way_when_the_tail_begins_is_shown(
    writer: LedgerWriter, session: Session, stranger: Connection
) -> None:
    transaction = stranger.transaction()
    await transaction.start()
    (late,) = await stranger.fetch(APPLY, *columns(Draft()))
    shown_before = await apply_one(writer, Draft())
    tail = EventTail()
    await tail.attach(session)
    assert tail.seen_id == shown_before.event_id
    assert tail.is_awaited(late["event_id"])
    assert await tail.read() == []
    await transaction.commit()
    assert ids(await tail.read()) == [late["event_id"]]


async def test_ids_that_nobody_can_use_any_more_are_not_remembered(
    writer: LedgerWriter, tail: EventTail
) -> None:
    spent = Draft()
    await apply_one(writer, spent)
    for _ in range(5):
        await writer.apply([spent.make()])  # draws an id and leaves it unused
    await apply_one(writer, Draft())
    assert len(await tail.read()) == 2
    assert not tail._missing


async def test_what_cannot_be_remembered_is_waited_for(
    writer: LedgerWriter, tail: EventTail, owner: Connection, stranger: Connection
) -> None:
    transaction = stranger.transaction()
    await transaction.start()
    (late,) = await stranger.fetch(APPLY, *columns(Draft()))
    await owner.execute("SELECT setval('score_event_ids', $1::bigint)", 2 * MISSING_MAX)
    far = await apply_one(writer, Draft())
    assert await tail.read() == []
    assert tail.is_held_up
    await transaction.commit()
    assert ids(await tail.read()) == [late["event_id"], far.event_id]
    assert not tail.is_held_up


async def test_ids_that_a_crash_gave_back_are_awaited_again(
    writer: LedgerWriter, tail: EventTail, session: Session, owner: Connection
) -> None:
    await apply_one(writer, Draft())
    await owner.execute("SELECT nextval('score_event_ids') FROM generate_series(1, 10)")
    assert len(await tail.read()) == 1
    assert await tail.read() == []
    # What a crash does to numbers that no commit has made durable.
    await owner.execute("SELECT setval('score_event_ids', 1)")
    await tail.attach(session)
    async with owner.transaction():
        (late,) = await owner.fetch(APPLY, *columns(Draft()))
        early = await apply_one(writer, Draft())
        assert ids(await tail.read()) == [early.event_id]
    assert ids(await tail.read()) == [late["event_id"]]


async def test_an_id_is_settled_once_those_who_wrote_then_have_ended(
    writer: LedgerWriter, session: Session, stranger: Connection, owner: Connection
) -> None:
    first = await apply_one(writer, Draft())
    settling_ = Settling(session)
    assert await settling_.look() == first.event_id
    transaction = stranger.transaction()
    await transaction.start()
    (late,) = await stranger.fetch(APPLY, *columns(Draft()))
    second = await apply_one(writer, Draft())
    assert await settling_.look() == first.event_id
    async with owner.transaction():
        await owner.fetch(APPLY, *columns(Draft()))
        await transaction.commit()
        # Another writes meanwhile, but not one that could have drawn those ids.
        assert await settling_.look() == second.event_id
        assert late["event_id"] < (second.event_id or 0)


async def test_a_transaction_that_only_reads_holds_nothing_up(
    writer: LedgerWriter, session: Session, stranger: Connection
) -> None:
    async with stranger.transaction(isolation="repeatable_read"):
        await stranger.fetch("SELECT * FROM user_scores")
        applied = await apply_one(writer, Draft())
        assert await wait_until_settled(session) == applied.event_id


async def test_a_writer_that_never_ends_is_told(session: Session, stranger: Connection) -> None:
    async with stranger.transaction():
        await stranger.fetch(APPLY, *columns(Draft()))
        with pytest.raises(StorageUnavailable, match="pg_stat_activity"):
            await wait_until_settled(session, patience_s=0.2)


async def test_a_range_is_read_from_end_to_end_in_batches(
    writer: LedgerWriter, session: Session
) -> None:
    await apply(writer, *(Draft(delta=delta) for delta in range(1, 12)))
    history = History(session)
    batches = [batch async for batch in history.scan(EventRange(after_id=2, last_id=9), 3)]
    assert [[event.delta for event in batch] for batch in batches] == [[3, 4, 5], [6, 7, 8], [9]]
    assert await history.count(EventRange(after_id=2, last_id=9)) == 7


async def test_a_range_may_be_of_a_time_and_a_board(
    writer: LedgerWriter, session: Session, owner: Connection
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ('other')")
    for delta, board in ((1, "main"), (2, "other"), (3, "main"), (4, "other")):
        await apply_one(writer, Draft(delta=delta, board_id=BoardId(board)))
    history = History(session)
    (events,) = [batch async for batch in history.scan(EventRange(), 100)]
    since, until = events[1].created_at, events[2].created_at
    wanted = EventRange(since=since, until=until)
    assert await deltas(history, wanted) == [2, 3]
    assert await deltas(history, replace(wanted, board_id=BoardId("other"))) == [2]
    assert await history.count(replace(wanted, board_id=BoardId("other"))) == 1


async def test_a_search_back_ends_with_the_last_that_is_wanted(
    writer: LedgerWriter, session: Session
) -> None:
    user_id = new_user()
    for delta in range(1, 5):
        await apply(writer, Draft(), Draft(user_id=user_id, delta=delta), Draft())
    found = [
        [event.delta for event in part.events]
        async for part in History(session).search_back(2**62, None, user_id, 3)
    ]
    assert found == [[4, 3, 2]]


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_ranges_are_read_along_the_primary_key(
    database_url: str, owner: Connection, mode: str
) -> None:
    await fill(database_url, 10_000, 100)
    wanted = EventRange(board_id=BoardId("main"), until=datetime.now(UTC))
    for query, arguments in (
        ("history/scan_events", (*wanted.arguments, 10)),
        ("history/read_newest_events", (1, 100, "main", new_user(), 10)),
        ("history/find_events_below", (100, 10)),
    ):
        nodes = await explain(owner, mode, query, *arguments)
        # An act is looked up where one led to the event.
        assert index_names(nodes) - {"acts_pkey"} == {"score_events_pkey"}, query
        assert "Sort" not in {node["Node Type"] for node in nodes}, query


async def test_what_is_imported_is_the_same_in_every_table(
    history: list[StoredEvent], empty_ledger: str, database_url: str
) -> None:
    assert await import_all(empty_ledger, history[:7], history[7:]) == (len(history), 0)
    assert await tables(empty_ledger) == await tables(database_url)
    await check_invariants(empty_ledger)
    async with connect(empty_ledger) as connection:
        assert await connection.fetchval("SELECT board_id FROM standings_gaps") == "main"
        assert await connection.fetchval("SELECT nextval('score_event_ids')") == len(history) + 1


async def test_a_second_import_finds_everything_there(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    await import_all(empty_ledger, history)
    before = await tables(empty_ledger)
    assert await import_all(empty_ledger, history[:9], history[9:]) == (0, len(history))
    assert await tables(empty_ledger) == before


async def test_an_import_that_ended_half_way_is_repeated_to_the_same_end(
    history: list[StoredEvent], empty_ledger: str, database_url: str
) -> None:
    async with open_session(empty_ledger, "import", as_owner=True) as session:
        work = await staged(session, history[:7], history[7:12], history[12:])
        async for _ in work.write():
            break
    await check_invariants(empty_ledger)
    assert await import_all(empty_ledger, history[:10], history[10:]) == (len(history) - 7, 7)
    assert await tables(empty_ledger) == await tables(database_url)


async def test_nonces_are_held_only_where_their_tokens_may_be_asked_about(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)

    def expiry(event: StoredEvent) -> datetime | None:
        return at if event.event_id > 10 else None

    async with open_session(empty_ledger, "import", as_owner=True) as session:
        work = EventImport(session, expiry)
        await work.prepare()
        await work.stage(history)
        _ = [count async for count in work.write()]
    async with connect(empty_ledger) as connection:
        rows = await connection.fetch("SELECT * FROM action_nonces ORDER BY event_id")
    assert [(row["event_id"], row["expires_at"]) for row in rows] == [
        (event.event_id, at) for event in history if event.event_id > 10
    ]


async def test_other_content_under_the_same_id_is_refused_before_anything_is_written(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    await import_all(empty_ledger, history[:5])
    before = await tables(empty_ledger)
    other = [*history[:2], replace(history[2], actor="somebody else"), *history[3:]]
    with pytest.raises(ImportRefused, match=r"Event 3 .* other content.*Nothing was imported"):
        await import_all(empty_ledger, other)
    assert await tables(empty_ledger) == before


async def test_later_writes_of_the_same_user_are_refused(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    await import_all(empty_ledger, history[:5])
    async with connect(empty_ledger) as connection:
        await connection.fetch("SELECT setval('score_event_ids', 1000)")
        own = Draft(user_id=history[0].user_id)
        await connection.fetch(APPLY, *columns(own))
    before = await tables(empty_ledger)
    with pytest.raises(ImportRefused, match="the database has others of this user"):
        await import_all(empty_ledger, history[:12], history[12:])
    assert await tables(empty_ledger) == before


async def test_a_write_between_check_and_import_is_refused_without_a_trace(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with open_session(empty_ledger, "import", as_owner=True) as session:
        work = await staged(session, history)
        async with connect(empty_ledger) as connection:
            await connection.fetch("SELECT setval('score_event_ids', 1000)")
            await connection.fetch(APPLY, *columns(Draft(user_id=history[0].user_id)))
        before = await tables(empty_ledger)
        with pytest.raises(ImportRefused, match="meanwhile"):
            _ = [count async for count in work.write()]
    assert await tables(empty_ledger) == before
    await check_invariants(empty_ledger)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"version": 3}, "is due"),
        ({"score": 7}, "is due"),
        ({"event_id": 1}, "must ascend"),
        ({"board_id": "No Board"}, "a board that cannot be"),
        ({"delta": 0}, "cannot be stored"),
        ({"user_id": "nobody"}, "cannot be stored"),
        ({"source": "a\0b"}, "cannot be stored"),
        ({"event_id": 2**64}, "cannot be stored"),
    ],
    ids=["version", "score", "order", "board", "delta", "user", "nul", "id"],
)
async def test_events_that_cannot_be_are_refused(
    history: list[StoredEvent], empty_ledger: str, changes: dict[str, Any], sentence: str
) -> None:
    events = [*history[:-1], replace(history[-1], **changes)]
    with pytest.raises(ImportRefused, match=sentence) as refused:
        await import_all(empty_ledger, events)
    assert "a token" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert await tables(empty_ledger) == {name: [] for name in TABLES}


async def test_a_nonce_of_another_event_is_refused(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    await import_all(empty_ledger, history[:5])
    events = [*history[:-1], replace(history[-1], nonce=history[0].nonce)]
    with pytest.raises(ImportRefused, match="has the nonce of event 1"):
        await import_all(empty_ledger, events)
    with pytest.raises(ImportRefused, match="cannot be stored"):
        await import_all(
            empty_ledger,
            [*history[:-2], replace(history[-2], nonce=new_nonce())],
            [replace(history[-1], nonce=history[7].nonce)],
        )


async def test_two_imports_at_once_are_one_too_many(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with open_session(empty_ledger, "import", as_owner=True) as session:
        await staged(session, history)
        with pytest.raises(ImportRefused, match="Another import"):
            await import_all(empty_ledger, history)


async def test_nothing_is_settled_while_an_import_is_under_way(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with (
        open_session(empty_ledger, "import", as_owner=True) as importing,
        open_session(empty_ledger, "test") as session,
    ):
        work = await staged(importing, history[:7], history[7:])
        slices = work.write()
        assert await anext(slices) == 7
        with pytest.raises(StorageUnavailable, match="import is under way"):
            await wait_until_settled(session)
        tail = EventTail()
        await tail.attach(session)
        async with connect(empty_ledger) as writing:
            await writing.fetch(APPLY, *columns(Draft()))
        assert ids(await tail.read()) == [len(history) + 1]
        assert await anext(slices) == len(history) - 7
        assert ids(await tail.read()) == [event.event_id for event in history[7:]]
    async with open_session(empty_ledger, "test") as session:
        assert await wait_until_settled(session) == len(history) + 1


async def test_whoever_relies_on_settled_ids_keeps_imports_out(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with open_session(empty_ledger, "test") as session:
        await wait_until_settled(session)
        with pytest.raises(ImportRefused, match="or an export"):
            await import_all(empty_ledger, history)
    assert await import_all(empty_ledger, history) == (len(history), 0)


async def test_an_import_does_not_wait_for_a_writer_that_never_ends(
    history: list[StoredEvent], empty_ledger: str
) -> None:
    async with (
        open_session(empty_ledger, "import", as_owner=True) as session,
        connect(empty_ledger) as writing,
    ):
        work = EventImport(session, lambda event: event.created_at, patience_s=0.1)
        await work.prepare()
        await work.stage(history)
        async with writing.transaction():
            await writing.fetch(APPLY, *columns(Draft()))
            with pytest.raises(ImportRefused, match=r"stays open.*Nothing was imported"):
                await anext(work.write())


async def test_an_import_needs_the_owner(history: list[StoredEvent], empty_ledger: str) -> None:
    async with open_session(empty_ledger, "import") as session:
        with pytest.raises(ImportRefused, match="owner"):
            await staged(session, history)


@pytest.fixture
async def history(writer: LedgerWriter, session: Session) -> list[StoredEvent]:
    """Return twenty events of three users, the last of which are each user's own batch."""
    users = [new_user() for _ in range(3)]
    await apply(writer, *(Draft(user_id=users[i % 3], delta=i - 20) for i in range(10)))
    for i in range(10):
        await apply_one(writer, Draft(user_id=users[i % 3], delta=i + 1))
    (events,) = [batch async for batch in History(session).scan(EventRange(), 100)]
    return events


@pytest.fixture
async def empty_ledger(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """Return the owner's URL of a second database, with a schema and nothing in it."""
    async with empty_database(postgres_url, template_database) as url:
        yield url


def ids(events: list[Event]) -> list[int]:
    """Their ids."""
    return [event.event_id for event in events]


async def deltas(history: History, wanted: EventRange) -> list[int]:
    """The deltas of a range."""
    return [event.delta async for batch in history.scan(wanted, 100) for event in batch]


async def staged(session: Session, *batches: list[StoredEvent]) -> EventImport:
    """An import of these, checked and not yet written."""
    work = EventImport(session, lambda event: event.created_at)
    await work.prepare()
    for batch in batches:
        await work.stage(batch)
    return work


async def import_all(url: str, *batches: list[StoredEvent]) -> tuple[int, int]:
    """Imports these; how many were new, and how many known."""
    async with open_session(url, "import", as_owner=True) as session:
        work = await staged(session, *batches)
        written = [count async for count in work.write()]
    assert sum(written) == work.events
    return work.events, work.known


async def tables(url: str) -> dict[str, list[asyncpg.Record]]:
    """Every row of the tables that an import fills."""
    async with connect(url) as connection:
        return {name: await connection.fetch(query) for name, query in TABLES.items()}
