"""Totals are rebuilt from the events alone, compared, and corrected while increments go on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.ledger_rows import fill
from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.domain.times import iso_utc
from scoreboard.ledger.findings import Finding, TotalExample, Value
from scoreboard.ledger.replay import CORRECTED_AT_ONCE, Correction, Replay, open_replay
from scoreboard.ledger.slices import read_slices
from scoreboard.ledger.statements import load_query
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection, check_invariants, until
from tests.harness import new_user
from tests.ledger.conftest import LOCK_USER, until_somebody_waits
from tests.ledger.increments import Draft, apply, columns
from tests.ledger.test_query_plans import explain

SEASON = BoardId("season")
ALICE, BOB = UserId("00000000-0000-4000-8000-00000000000a"), new_user()
WAITS = """
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'scoreboard-replay'
                   AND (wait_event_type = 'Lock' OR query LIKE '%pg_locks%'))"""
EVERY_SUM_IS_RIGHT = """
    SELECT count(*) = 0 FROM user_scores AS t FULL JOIN (
        SELECT board_id, user_id, sum(delta) AS score, count(*) AS version, max(event_id) AS reached
        FROM score_events GROUP BY board_id, user_id
    ) AS e USING (board_id, user_id)
    WHERE (t.score::numeric, t.version, t.reached)
        IS DISTINCT FROM (e.score, e.version, e.reached)"""
LAST_AT = "SELECT max(created_at) FROM score_events WHERE user_id = $1"
NOTED = "SELECT board_id FROM standings_gaps"


def unseen(_count: int) -> None:
    """Nobody watches how far it is."""


@pytest.fixture
async def replay(database_url: str, owner: Connection) -> AsyncIterator[Replay]:
    """Return a replay of all boards, of which there are two."""
    await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", SEASON)
    async with open_replay(database_url, None) as opened:
        yield opened


async def test_totals_that_the_service_wrote_are_those_that_the_events_make(
    replay: Replay, writer: LedgerWriter
) -> None:
    for delta in (5, -2, 7):
        await apply(writer, Draft(user_id=ALICE, delta=delta), Draft(user_id=BOB, delta=delta))
        await apply(writer, Draft(user_id=ALICE, delta=delta, board_id=SEASON))
    compared = await replay.compare(unseen)
    assert (compared.events, compared.totals, compared.differing) == (9, 3, 0)
    assert compared.differences == []


CORRUPTIONS: dict[str, tuple[str, Value, Value]] = {
    "missing": ("DELETE FROM user_scores WHERE user_id = $1", None, 12),
    "score": ("UPDATE user_scores SET score = score + 30 WHERE user_id = $1", 42, 12),
    "version": ("UPDATE user_scores SET version = 9 WHERE user_id = $1", 9, 2),
    "reached": ("UPDATE user_scores SET reached = 1 WHERE user_id = $1", 1, 2),
    "updated_at": (
        "UPDATE user_scores SET updated_at = '2026-01-31 12:00:00.000001Z' WHERE user_id = $1",
        "2026-01-31T12:00:00.000001Z",
        "as its last event",
    ),
}


@pytest.mark.parametrize("kind", CORRUPTIONS)
async def test_a_total_that_differs_is_found_and_corrected(
    replay: Replay, writer: LedgerWriter, owner: Connection, database_url: str, kind: str
) -> None:
    await apply(writer, Draft(user_id=ALICE, delta=5, board_id=SEASON))
    await apply(writer, Draft(user_id=ALICE, delta=7, board_id=SEASON), Draft())
    statement, stored, replayed = CORRUPTIONS[kind]
    if kind == "updated_at":
        replayed = iso_utc(await owner.fetchval(LAST_AT, ALICE))
    await owner.execute(statement, ALICE)
    (found,) = (await replay.compare(unseen, to_correct=True)).differences
    assert (found.kind, found.count) == (kind, 1)
    (example,) = found.examples
    assert example == TotalExample(SEASON, ALICE, stored, replayed)
    assert await replay.correct(unseen) == Correction(1, 0)
    await check_invariants(database_url)
    assert [row[0] for row in await owner.fetch(NOTED)] == [SEASON]


async def test_a_total_without_events_is_removed(
    replay: Replay, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await apply(writer, Draft())
    await owner.execute("INSERT INTO user_scores VALUES ('main', $1, 30, 4, 1, now())", ALICE)
    compared = await replay.compare(unseen, to_correct=True)
    assert compared.differences == [Finding("extra", 1, [TotalExample("main", ALICE, 30, None)])]
    assert await replay.correct(unseen) == Correction(1, 0)
    await check_invariants(database_url)


async def test_corrected_boards_are_noted_once_more_after_what_was_in_the_outbox(
    replay: Replay, writer: LedgerWriter, owner: Connection
) -> None:
    await apply(writer, Draft(board_id=SEASON), Draft())
    await owner.execute("UPDATE user_scores SET version = 9 WHERE board_id = $1", SEASON)
    await replay.compare(unseen, to_correct=True)
    await replay.correct(unseen)
    await owner.execute("DELETE FROM standings_gaps")  # as after a rebuild
    assert await replay.outlast_outbox(patience_s=0.2) == [SEASON]
    assert await owner.fetch(NOTED) == []
    await owner.execute("DELETE FROM outbox")
    assert await replay.outlast_outbox() == []
    assert [row[0] for row in await owner.fetch(NOTED)] == [SEASON]


async def test_nothing_is_waited_for_where_nothing_was_corrected(
    replay: Replay, writer: LedgerWriter, owner: Connection
) -> None:
    await apply(writer, Draft())
    await replay.compare(unseen, to_correct=True)
    await replay.correct(unseen)
    assert await replay.outlast_outbox() == []
    assert await owner.fetch(NOTED) == []


async def test_one_board_alone_is_compared(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", SEASON)
    await apply(writer, Draft(user_id=ALICE), Draft(user_id=ALICE, board_id=SEASON))
    await owner.execute("UPDATE user_scores SET score = 4 WHERE board_id = 'main'")
    async with open_replay(database_url, SEASON) as of_season:
        compared = await of_season.compare(unseen)
    assert (compared.events, compared.totals, compared.differing) == (1, 1, 0)


async def test_a_total_whose_board_is_gone_is_left(
    replay: Replay, writer: LedgerWriter, owner: Connection
) -> None:
    await apply(writer, Draft(board_id=SEASON))
    await owner.execute("DELETE FROM user_scores")
    await owner.execute("DELETE FROM boards WHERE board_id = $1", SEASON)
    assert (await replay.compare(unseen, to_correct=True)).differing == 1
    assert await replay.correct(unseen) == Correction(0, 1)


async def test_what_is_committed_during_a_comparison_makes_no_difference(
    replay: Replay, writer: LedgerWriter, owner: Connection, stranger: Connection
) -> None:
    draft = Draft()
    await apply(writer, draft)
    async with stranger.transaction():
        await stranger.execute("LOCK TABLE user_scores")
        comparing = asyncio.create_task(replay.compare(unseen))
        await until_somebody_waits(owner)  # it has read the events, but not yet the totals
        await stranger.fetch(APPLY, *columns(Draft(user_id=draft.user_id), Draft()))
    compared = await comparing
    assert (compared.events, compared.differing) == (1, 0)


async def test_what_is_committed_after_a_comparison_is_not_lost(
    replay: Replay, writer: LedgerWriter, owner: Connection
) -> None:
    drafts = [Draft(delta=delta) for delta in range(1, 6)]
    await apply(writer, *drafts)
    await owner.execute("UPDATE user_scores SET score = score + 100, version = 7")
    await owner.execute("INSERT INTO user_scores VALUES ('main', $1, 30, 4, 1, now())", ALICE)
    assert (await replay.compare(unseen, to_correct=True)).differing == 6
    for draft in (*drafts, Draft(user_id=ALICE)):
        await apply(writer, *(Draft(user_id=draft.user_id, delta=delta) for delta in (10, 20)))
    assert await replay.correct(unseen) == Correction(6, 0)
    assert await owner.fetchval(EVERY_SUM_IS_RIGHT)


async def test_an_event_that_commits_late_is_not_lost(
    replay: Replay, writer: LedgerWriter, owner: Connection, stranger: Connection
) -> None:
    early, late = Draft(), Draft()
    await apply(writer, early, late)
    await owner.execute("UPDATE user_scores SET score = 9")
    await replay.compare(unseen, to_correct=True)
    async with stranger.transaction():
        await stranger.fetch(APPLY, *columns(Draft(user_id=late.user_id, delta=20)))
        await apply(writer, Draft(user_id=early.user_id, delta=10))  # a higher id, seen before
        correcting = asyncio.create_task(replay.correct(unseen))
        await until_it_waits(owner, correcting)
    assert await correcting == Correction(2, 0)
    assert await owner.fetchval(EVERY_SUM_IS_RIGHT)


async def test_an_event_under_way_before_a_comparison_is_not_lost(
    replay: Replay, writer: LedgerWriter, owner: Connection, stranger: Connection
) -> None:
    early, late = Draft(), Draft()
    await apply(writer, early, late)
    await owner.execute("UPDATE user_scores SET score = 9")
    async with stranger.transaction():
        await stranger.fetch(APPLY, *columns(Draft(user_id=late.user_id, delta=20)))
        await apply(writer, Draft(user_id=early.user_id, delta=10))
        comparing = asyncio.create_task(replay.compare(unseen, to_correct=True))
        await until_it_waits(owner, comparing)
    await comparing
    assert await replay.correct(unseen) == Correction(2, 0)
    assert await owner.fetchval(EVERY_SUM_IS_RIGHT)


async def test_what_a_comparison_has_seen_is_not_added_twice(
    replay: Replay, writer: LedgerWriter, owner: Connection, stranger: Connection
) -> None:
    draft = Draft()
    await apply(writer, draft)
    async with stranger.transaction():
        await stranger.execute("UPDATE user_scores SET score = 9")
        comparing = asyncio.create_task(replay.compare(unseen, to_correct=True))
        await until(
            lambda: owner.fetchval(WAITS)
        )  # it knows the last id, and waits for this writer
        await stranger.fetch(APPLY, *columns(Draft(user_id=draft.user_id, delta=20)))
    assert (await comparing).events == 2
    assert await replay.correct(unseen) == Correction(1, 0)
    assert await owner.fetchval(EVERY_SUM_IS_RIGHT)


async def test_what_is_committed_while_locks_are_awaited_is_not_lost(
    replay: Replay, writer: LedgerWriter, owner: Connection, stranger: Connection
) -> None:
    draft = Draft()
    await apply(writer, draft)
    await owner.execute("UPDATE user_scores SET score = 9")
    await replay.compare(unseen, to_correct=True)
    async with stranger.transaction():
        await stranger.fetch(LOCK_USER, draft.user_id)  # locks a row, and draws no id yet
        correcting = asyncio.create_task(replay.correct(unseen))
        await until_somebody_waits(owner)
        await stranger.fetch(APPLY, *columns(Draft(user_id=draft.user_id, delta=20)))
    assert await correcting == Correction(1, 0)
    assert await owner.fetchval(EVERY_SUM_IS_RIGHT)


async def test_totals_are_locked_in_the_order_of_every_writer(
    replay: Replay, writer: LedgerWriter, owner: Connection, stranger: Connection
) -> None:
    drafts = sorted([Draft() for _ in range(10)], key=lambda draft: draft.user_id)
    await apply(writer, *reversed(drafts))
    await owner.execute("UPDATE user_scores SET score = 9")
    await replay.compare(unseen, to_correct=True)
    async with stranger.transaction():
        await stranger.fetch(LOCK_USER, drafts[0].user_id)
        correcting = asyncio.create_task(replay.correct(unseen))
        await until_somebody_waits(owner)
        for draft in drafts[1:]:
            await owner.fetch(f"{LOCK_USER} NOWAIT", draft.user_id)
    assert await correcting == Correction(10, 0)


async def test_many_are_corrected_while_increments_go_on(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    users = 2 * CORRECTED_AT_ONCE + 100
    await fill(database_url, events=2 * users, users=users)
    names = [UserId(str(row[0])) for row in await owner.fetch("SELECT user_id FROM user_scores")]
    written, idle = names[: users // 2], names[users // 2 :]
    # These do no harm to what a writer adds; with the others history itself would go wrong.
    await owner.execute("UPDATE user_scores SET reached = 0, updated_at = now()")
    await owner.execute("UPDATE user_scores SET score = 0 WHERE user_id = ANY ($1)", idle[::2])
    await owner.execute("DELETE FROM user_scores WHERE user_id = ANY ($1)", idle[1::2])
    is_corrected = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for step in (3, -5, 7):
            tasks.create_task(_write(writer, written[::step], is_corrected))
        async with open_replay(database_url, None) as replay:
            assert (await replay.compare(unseen, to_correct=True)).differing > len(idle)
            assert (await replay.correct(unseen)).left == 0
        is_corrected.set()
    await check_invariants(database_url)


async def _write(writer: LedgerWriter, users: list[UserId], end: asyncio.Event) -> None:
    for start in itertools.cycle(range(0, len(users), 20)):
        if end.is_set():
            return
        await apply(writer, *(Draft(user_id=user) for user in users[start : start + 20]))


async def test_what_was_cut_off_is_finished_by_the_next(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    users = CORRECTED_AT_ONCE + 10
    await fill(database_url, events=users, users=users)
    await owner.execute("UPDATE user_scores SET score = 0")
    async with open_replay(database_url, None) as replay:
        await replay.compare(unseen, to_correct=True)
        with pytest.raises(ConnectionError):
            await replay.correct(_cut)
    async with open_replay(database_url, None) as replay:
        assert (await replay.compare(unseen, to_correct=True)).differing == 10
        assert await replay.correct(unseen) == Correction(10, 0)
    await check_invariants(database_url)


def _cut(_count: int) -> None:
    raise ConnectionError


async def test_a_board_is_shown_as_it_stood(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", SEASON)
    for user_id, delta in ((ALICE, 5), (BOB, 5), (ALICE, 3), (BOB, 9), (ALICE, 6)):
        await apply(writer, Draft(user_id=user_id, delta=delta))
        await apply(writer, Draft(delta=100, board_id=SEASON))
    rows = await owner.fetch(
        "SELECT event_id, created_at FROM score_events WHERE board_id = 'main' ORDER BY event_id"
    )
    expected = [
        [(ALICE, 5, 1)],
        [(ALICE, 5, 1), (BOB, 5, 1)],  # as many points; she was the first
        [(ALICE, 8, 1), (BOB, 5, 2)],
        [(BOB, 14, 1), (ALICE, 8, 2)],
        [(BOB, 14, 1), (ALICE, 14, 1)],
    ]
    for (event_id, created_at), shown in zip(rows, expected, strict=True):
        assert await top(database_url, event_id, None) == shown
        assert await top(database_url, None, created_at) == shown
    assert await top(database_url, rows[-1][0], None, limit=1) == expected[-1][:1]
    assert await top(database_url, None, datetime(2020, 1, 1, tzinfo=UTC)) == []


async def test_slices_hold_every_event_once(database_url: str, owner: Connection) -> None:
    await fill(database_url, events=5000, users=300)
    async with open_replay(database_url, None) as opened:
        slices = await read_slices(opened._session, 1)
        assert len(slices) >= 3
        compared = await Replay(opened._session, slices, None).compare(unseen)
    assert (compared.events, compared.totals, compared.differing) == (5000, 300, 0)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_a_slice_reads_its_own_blocks_only(
    owner: Connection, database_url: str, mode: str
) -> None:
    await fill(database_url, events=20_000, users=300)
    await owner.execute(load_query("replay/create"))
    nodes = await explain(owner, mode, "replay/add_part", (0, 0), (9, 0), None, None, None)
    assert {node["Node Type"] for node in nodes if node.get("Relation Name") == "score_events"} == {
        "Tid Range Scan"
    }


async def test_a_role_that_may_not_make_temporary_tables_is_told_what_to_grant(
    owner: Connection, database_url: str
) -> None:
    database = await owner.fetchval("SELECT quote_ident(current_database())")
    await owner.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    with pytest.raises(StorageUnavailable) as refused:
        async with open_replay(database_url, None):
            pass
    grant = str(refused.value).split("`")[1]
    await owner.execute(grant)
    async with open_replay(database_url, None) as opened:
        assert (await opened.compare(unseen)).differing == 0


async def until_it_waits(owner: Connection, task: asyncio.Task[Any]) -> None:
    """Returns when the replay waits for a lock, or looks who else writes, or is done already."""

    async def waits() -> bool:
        return task.done() or bool(await owner.fetchval(WAITS))

    await until(waits)


async def top(
    database_url: str, event_id: int | None, at: datetime | None, limit: int = 10
) -> list[tuple[str, int, int]]:
    """(user, score, rank) of the first on the main board as it stood then."""
    async with open_replay(database_url, MAIN_BOARD) as opened:
        entries = await opened.read_top(event_id, at, limit, unseen)
    return [(each.user_id, each.score, each.rank) for each in entries]
