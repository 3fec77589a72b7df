"""Windows of events are undone in slices, once each, and restored as they were."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from benchmarks.ledger_rows import fill
from scoreboard.domain.acts import Act, ActKind, Actor
from scoreboard.domain.errors import (
    ConfirmationRequired,
    IdempotencyKeyReused,
    InsufficientScope,
    NotFound,
    NotVoided,
    WindowTooLarge,
)
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.domain.windows import Extent, ManyAct, Preview, RunState, VoidedBy, Window
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.previews import Previews
from scoreboard.ledger.reader import LedgerReader
from scoreboard.ledger.runs import SLICE_EVENTS, Runs
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.moderation.undoing import Undoing
from tests.checker import Connection, check_invariants, connect, until
from tests.harness import Backends, new_user
from tests.ledger.acts import MODERATOR, WHY, undo
from tests.ledger.increments import Draft, apply

Look = Callable[[Extent], Awaitable[Preview]]
CarryOut = Callable[..., Awaitable[RunState]]

PREVIEWING = """SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'scoreboard-preview'"""
WINDOW = Window(MAIN_BOARD)
USERS = [new_user() for _ in range(3)]


@pytest.fixture
def runs(database: Database) -> Runs:
    """Return the one that carries out acts about many events."""
    return Runs(database.write)


@pytest.fixture
async def history(writer: LedgerWriter) -> None:
    """Have 30 events: of three users in turn, each worth its number."""
    drafts = [
        Draft(user_id=USERS[number % 3], delta=number, actor="a player") for number in range(1, 31)
    ]
    for draft in drafts:
        await apply(writer, draft)


@pytest.fixture
def undoing(database: Database, backends: Backends, runs: Runs) -> Undoing:
    """Return the one that begins them."""
    previews = Previews(backends.settings())
    return Undoing(previews.preview, ActLedger(database.write), runs)


@pytest.fixture
def look(backends: Backends) -> Look:
    """Return what previews an act."""
    return Previews(backends.settings()).preview


@pytest.fixture
def carry_out(undoing: Undoing, runs: Runs) -> CarryOut:
    """Return what runs an act from begin to end."""

    async def carry_out(extent: Extent, slice_events: int = SLICE_EVENTS) -> RunState:
        begun, _ = await undoing.begin(asked(extent), MODERATOR)
        assert await runs.run(begun.act_id, lambda _: None, slice_events)
        state = await runs.read(begun.act_id)
        assert state is not None
        return state

    return carry_out


def asked(extent: Extent, key: str | None = None, confirm: int | None = None) -> ManyAct:
    """An act about many events."""
    return ManyAct(extent, WHY, confirm, key)


async def scores_of(database_url: str) -> set[tuple[str, int]]:
    """The same as pairs."""
    async with connect(database_url) as connection:
        return set((await scores(connection)).items())


async def scores(owner: Connection) -> dict[str, int]:
    """Everybody's score."""
    rows = await owner.fetch("SELECT user_id::text, score FROM user_scores")
    return {row["user_id"]: row["score"] for row in rows}


@pytest.mark.usefixtures("history")
async def test_a_preview_tells_what_would_change_and_changes_nothing(
    look: Look, owner: Connection
) -> None:
    before = await scores(owner)
    previewed = await look(replace(WINDOW, first_id=28))
    assert (previewed.events, previewed.users) == (3, 3)
    assert (previewed.first_id, previewed.below_id) == (28, 31)
    assert [(each.user_id, each.points) for each in previewed.changes] == [
        (USERS[30 % 3], 30), (USERS[29 % 3], 29), (USERS[28 % 3], 28),
    ]  # fmt: skip
    assert all(each.score_after == before[each.user_id] - each.points for each in previewed.changes)
    assert await scores(owner) == before


@pytest.mark.usefixtures("history")
async def test_a_preview_shows_the_top_that_the_act_would_leave(
    look: Look, carry_out: CarryOut, database: Database, backends: Backends, writer: LedgerWriter
) -> None:
    others = [new_user() for _ in range(12)]
    for points, user in enumerate(others, start=100):
        await apply(writer, Draft(user_id=user, delta=points))
    await apply(writer, Draft(user_id=others[0], delta=-100))
    away = Act(ActKind.SUSPENSION, MAIN_BOARD, WHY, others[-1])
    await ActLedger(database.write).apply(away, MODERATOR)
    for extent in (replace(WINDOW, first_id=20, last_id=32), VoidedBy(MAIN_BOARD, 4)):
        previewed = await look(extent)
        assert previewed.events
        await carry_out(extent)
        after = await LedgerReader(database).read_top(MAIN_BOARD, 10)
        assert [(each.user_id, each.score) for each in previewed.top] == after
        assert [each.rank for each in previewed.top] == [
            1 + sum(score > each.score for _, score in after) for each in previewed.top
        ]
        found = await scores_of(backends.database_url)
        assert {each.user_id: each.score_after for each in previewed.changes}.items() <= found


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("slice_events", [1, 7, 250])
async def test_a_window_is_voided_and_restored_in_slices(
    look: Look,
    carry_out: CarryOut,
    owner: Connection,
    database_url: str,
    slice_events: int,
) -> None:
    before = await scores(owner)
    voided = await carry_out(WINDOW, slice_events)
    assert (voided.done, voided.refused, voided.events) == (30, 0, 30)
    assert voided.finished_at is not None
    assert set((await scores(owner)).values()) == {0}
    await check_invariants(database_url)
    assert (await look(WINDOW)).events == 0
    restored = await carry_out(VoidedBy(MAIN_BOARD, voided.act_id), slice_events)
    assert (restored.done, restored.kind) == (30, "restore")
    assert await scores(owner) == before
    await check_invariants(database_url)
    assert (await look(WINDOW)).events == 30
    assert (await carry_out(WINDOW)).done == 30


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("window", "events"),
    [
        (replace(WINDOW, user_id=USERS[0]), 10),
        (replace(WINDOW, user_id=new_user()), 0),
        (replace(WINDOW, action="win"), 30),
        (replace(WINDOW, action="lose"), 0),
        (replace(WINDOW, kid="a key"), 30),
        (replace(WINDOW, kid="another"), 0),
        (replace(WINDOW, first_id=5, last_id=9), 5),
        (replace(WINDOW, until=datetime(2026, 1, 1, tzinfo=UTC)), 0),
        (replace(WINDOW, since=datetime(2026, 1, 1, tzinfo=UTC)), 30),
        (replace(WINDOW, board_id=BoardId("other")), 0),
    ],
)
async def test_a_window_has_the_sides_that_are_named(
    look: Look,
    carry_out: CarryOut,
    owner: Connection,
    window: Window,
    events: int,
    database_url: str,
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ('other')")
    assert (await look(window)).events == events
    if events:
        assert (await carry_out(window)).done == events
    else:
        with pytest.raises(NotFound):
            await carry_out(window)
    await check_invariants(database_url)


@pytest.mark.usefixtures("history")
async def test_what_is_void_or_restored_already_is_passed_over(
    look: Look, carry_out: CarryOut, database: Database, owner: Connection, database_url: str
) -> None:
    ledger = ActLedger(database.write)
    await undo(ledger, ActKind.VOID, 30)
    await undo(ledger, ActKind.VOID, 29)
    await undo(ledger, ActKind.RESTORE, 29)
    assert (await look(WINDOW)).events == 29
    voided = await carry_out(WINDOW)
    assert voided.done == 29
    await undo(ledger, ActKind.RESTORE, 28)
    whole = VoidedBy(MAIN_BOARD, voided.act_id)
    assert (await look(whole)).events == 28
    assert (await carry_out(whole)).done == 28
    assert sum((await scores(owner)).values()) == sum(range(1, 30))
    await check_invariants(database_url)


async def test_what_would_lead_beyond_the_limits_is_refused_and_the_rest_done(
    look: Look, carry_out: CarryOut, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards VALUES ('floor', 100, 0, 100)")
    board_id, alice = BoardId("floor"), new_user()
    for delta in (10, 5, -12, 1):
        await apply(writer, Draft(user_id=alice, delta=delta, board_id=board_id))
    previewed = await look(Window(board_id, last_id=2))
    assert [each.score_after for each in previewed.changes] == [0]
    voided = await carry_out(Window(board_id, last_id=2))
    assert (voided.done, voided.refused) == (0, 2)
    assert (await scores(owner))[alice] == 4
    everything = await carry_out(Window(board_id))
    assert (everything.done, everything.refused) == (4, 0)
    assert (await scores(owner))[alice] == 0
    await check_invariants(database_url)


async def test_a_restore_that_would_lead_beyond_the_limits_is_refused_and_counted(
    carry_out: CarryOut, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards VALUES ('roof', 100, 0, 100)")
    board_id, alice = BoardId("roof"), new_user()
    for delta in (60, 30):
        await apply(writer, Draft(user_id=alice, delta=delta, board_id=board_id))
    voided = await carry_out(Window(board_id))
    await apply(writer, Draft(user_id=alice, delta=50, board_id=board_id))
    restored = await carry_out(VoidedBy(board_id, voided.act_id))
    assert (restored.events, restored.done, restored.refused) == (2, 1, 1)
    assert (await scores(owner))[alice] == 80
    await check_invariants(database_url)


@pytest.mark.usefixtures("history")
async def test_a_run_that_was_cut_off_is_gone_on_with(
    undoing: Undoing, runs: Runs, database_url: str
) -> None:
    begun, is_repeated = await undoing.begin(asked(WINDOW, "k"), MODERATOR)
    assert not is_repeated
    part = await runs.run_slice(begun.act_id, 4)
    assert part is not None
    assert (part.done, part.is_finished) == (4, False)
    assert await runs.unfinished() == [begun.act_id]
    again, is_repeated = await undoing.begin(asked(WINDOW, "k"), MODERATOR)
    assert (again.act_id, again.done, is_repeated) == (begun.act_id, 4, True)
    assert await runs.run(begun.act_id, lambda _: None)
    assert not await runs.run(begun.act_id, lambda _: None)
    state, _ = await undoing.begin(asked(WINDOW, "k"), MODERATOR)
    assert (state.done, await runs.unfinished()) == (30, [])
    await check_invariants(database_url)


@pytest.mark.usefixtures("history")
async def test_a_key_begins_one_act_however_often_and_at_once_it_is_used(
    undoing: Undoing, owner: Connection
) -> None:
    begun = await asyncio.gather(
        *(undoing.begin(asked(WINDOW, "k"), MODERATOR) for _ in range(2)),
    )
    assert len({state.act_id for state, _ in begun}) == 1
    assert sorted(is_repeated for _, is_repeated in begun) == [False, True]
    for other in (replace(WINDOW, kid="x"), VoidedBy(MAIN_BOARD, 1)):
        with pytest.raises(IdempotencyKeyReused):
            await undoing.begin(asked(other, "k"), MODERATOR)
    assert await owner.fetchval("SELECT count(*) FROM act_runs") == 1
    outcomes = await owner.fetch("SELECT outcome FROM acts ORDER BY act_id DESC LIMIT 2")
    assert [row["outcome"] for row in outcomes] == ["idempotency_key_reused"] * 2


async def test_many_events_are_undone_only_if_their_number_is_said(
    undoing: Undoing, database_url: str
) -> None:
    await fill(database_url, 1_001, 10)
    for confirm in (None, 1_000, 1_002):
        with pytest.raises(ConfirmationRequired) as caught:
            await undoing.begin(asked(WINDOW, None, confirm), MODERATOR)
        assert caught.value.members == {"events": 1_001, "belowId": 1_002}
    few = replace(WINDOW, last_id=1_000)
    with pytest.raises(ConfirmationRequired):
        await undoing.begin(asked(few, None, 7), MODERATOR)
    assert (await undoing.begin(asked(few), MODERATOR))[0].events == 1_000
    assert (await undoing.begin(asked(WINDOW, None, 1_001), MODERATOR))[0].events == 1_001


async def test_two_who_carry_out_the_same_act_undo_nothing_twice(
    undoing: Undoing, runs: Runs, database_url: str
) -> None:
    await fill(database_url, 2_000, 20)
    begun, _ = await undoing.begin(asked(WINDOW, None, 2_000), MODERATOR)
    await asyncio.gather(*(runs.run(begun.act_id, lambda _: None) for _ in range(3)))
    state = await undoing.state(begun.act_id)
    assert state is not None
    assert state.done == 2_000
    await check_invariants(database_url, is_purged=True)


async def test_increments_go_on_while_a_window_is_voided(
    undoing: Undoing, runs: Runs, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await fill(database_url, 3_000, 10)
    rows = await owner.fetch("SELECT user_id FROM user_scores")
    users = [UserId(str(row["user_id"])) for row in rows]
    begun, _ = await undoing.begin(asked(WINDOW, None, 3_000), MODERATOR)
    running = asyncio.create_task(runs.run(begun.act_id, lambda _: None))
    served = 0
    while not running.done():
        await apply(writer, *(Draft(user_id=each, delta=2) for each in users))
        served += 1
    assert await running
    assert set((await scores(owner)).values()) == {2 * served}
    await check_invariants(database_url, is_purged=True)


@pytest.mark.usefixtures("history")
async def test_an_act_that_voided_nothing_or_is_restored_cannot_be_restored(
    carry_out: CarryOut,
) -> None:
    with pytest.raises(NotFound):
        await carry_out(VoidedBy(MAIN_BOARD, 99))
    voided = await carry_out(WINDOW)
    with pytest.raises(NotFound):
        await carry_out(VoidedBy(BoardId("other"), voided.act_id))
    restored = await carry_out(VoidedBy(MAIN_BOARD, voided.act_id))
    with pytest.raises(NotVoided):
        await carry_out(VoidedBy(MAIN_BOARD, voided.act_id))
    with pytest.raises(NotFound):
        await carry_out(VoidedBy(MAIN_BOARD, restored.act_id))


@pytest.mark.usefixtures("history")
async def test_an_act_that_still_voids_cannot_be_restored(undoing: Undoing, runs: Runs) -> None:
    begun, _ = await undoing.begin(asked(WINDOW), MODERATOR)
    assert await runs.run_slice(begun.act_id, 2) is not None
    restore = asked(VoidedBy(MAIN_BOARD, begun.act_id))
    with pytest.raises(NotVoided, match="still being carried out"):
        await undoing.begin(restore, MODERATOR)
    assert await runs.run(begun.act_id, lambda _: None)
    assert (await undoing.begin(restore, MODERATOR))[0].events == begun.events


@pytest.mark.usefixtures("history")
async def test_a_preview_that_takes_too_long_is_cut_off_and_says_so(
    backends: Backends, database: Database, runs: Runs, owner: Connection, stranger: Connection
) -> None:
    previews = Previews(backends.settings(preview_timeout_ms=300))
    undoing = Undoing(previews.preview, ActLedger(database.write), runs)
    async with stranger.transaction():
        await stranger.execute("LOCK TABLE score_events IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(WindowTooLarge):
            await undoing.preview(WINDOW, MODERATOR)
        with pytest.raises(WindowTooLarge):
            await undoing.begin(asked(WINDOW), MODERATOR)

        async def is_gone() -> bool:
            return not await owner.fetchval(PREVIEWING)

        await until(is_gone)
    kinds = await owner.fetch("SELECT kind, outcome FROM acts ORDER BY act_id")
    assert [tuple(row) for row in kinds] == [
        ("preview", "window_too_large"), ("void", "window_too_large"),
    ]  # fmt: skip


async def test_only_moderators_and_the_command_line_undo_many_events(
    undoing: Undoing, owner: Connection
) -> None:
    nobody = Actor("somebody", "rest", frozenset({"scores:bonus"}))
    with pytest.raises(InsufficientScope):
        await undoing.preview(WINDOW, nobody)
    with pytest.raises(InsufficientScope):
        await undoing.begin(asked(WINDOW), nobody)
    assert (await undoing.preview(WINDOW, Actor("operator", "cli"))).events == 0
    kinds = await owner.fetch("SELECT kind, outcome, actor FROM acts ORDER BY act_id")
    assert [tuple(row) for row in kinds] == [
        ("preview", "insufficient_scope", "somebody"),
        ("void", "insufficient_scope", "somebody"),
        ("preview", "applied", "operator"),
    ]
