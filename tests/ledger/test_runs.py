"""Windows of events are undone in slices, once each, and restored as they were."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from benchmarks.ledger_rows import fill
from scoreboard.domain.acts import ActKind
from scoreboard.domain.errors import IdempotencyKeyReused, NotFound
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.domain.windows import RunState, Window
from scoreboard.ledger import runs as runs_module
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.runs import RUN, Many, Runs, preview_window, restore_of, void_of
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import new_user
from tests.ledger.acts import MODERATOR, WHY, undo
from tests.ledger.increments import Draft, apply

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


async def carry_out(database: Database, many: Many, key: str | None = None) -> RunState:
    """A run from begin to end."""
    runs = Runs(database.write)
    act_id = await runs.begin(many, WHY, MODERATOR, key)
    assert await runs.run(act_id, lambda _: None)
    state = await runs.read(act_id)
    assert state is not None
    return state


async def void(database: Database, window: Window) -> RunState:
    """The void of a window."""
    return await carry_out(database, void_of(window, await preview_window(database.fetch, window)))


async def scores(owner: Connection) -> dict[str, int]:
    """Everybody's score."""
    rows = await owner.fetch("SELECT user_id::text, score FROM user_scores")
    return {row["user_id"]: row["score"] for row in rows}


@pytest.mark.usefixtures("history")
async def test_a_preview_tells_what_would_change_and_changes_nothing(
    database: Database, owner: Connection
) -> None:
    before = await scores(owner)
    previewed = await preview_window(database.fetch, replace(WINDOW, first_id=28))
    assert previewed.events == 3
    assert [(each.user_id, each.points) for each in previewed.changes] == [
        (USERS[30 % 3], 30), (USERS[29 % 3], 29), (USERS[28 % 3], 28),
    ]  # fmt: skip
    assert all(each.score_after == before[each.user_id] - each.points for each in previewed.changes)
    assert await scores(owner) == before


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("slice_events", [1, 7, 250])
async def test_a_window_is_voided_and_restored_in_slices(
    database: Database,
    owner: Connection,
    database_url: str,
    slice_events: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs_module, "SLICE_EVENTS", slice_events)
    before = await scores(owner)
    voided = await void(database, WINDOW)
    assert (voided.done, voided.refused, voided.events) == (30, 0, 30)
    assert voided.finished_at is not None
    assert set((await scores(owner)).values()) == {0}
    await check_invariants(database_url)
    assert (await preview_window(database.fetch, WINDOW)).events == 0
    restored = await carry_out(
        database, await restore_of(database.fetch, MAIN_BOARD, voided.act_id)
    )
    assert (restored.done, restored.kind) == (30, "restore")
    assert await scores(owner) == before
    await check_invariants(database_url)
    again = await void(database, WINDOW)
    assert again.done == 30


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
    database: Database, owner: Connection, window: Window, events: int, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ('other')")
    assert (await preview_window(database.fetch, window)).events == events
    assert (await void(database, window)).done == events
    await check_invariants(database_url)


@pytest.mark.usefixtures("history")
async def test_what_is_void_or_restored_already_is_passed_over(
    database: Database, owner: Connection, database_url: str
) -> None:
    ledger = ActLedger(database.write)
    await undo(ledger, ActKind.VOID, 30)
    await undo(ledger, ActKind.VOID, 29)
    await undo(ledger, ActKind.RESTORE, 29)
    assert (await preview_window(database.fetch, WINDOW)).events == 29
    voided = await void(database, WINDOW)
    assert voided.done == 29
    await undo(ledger, ActKind.RESTORE, 28)
    restored = await carry_out(
        database, await restore_of(database.fetch, MAIN_BOARD, voided.act_id)
    )
    assert restored.done == 28
    assert sum((await scores(owner)).values()) == sum(range(1, 30))
    await check_invariants(database_url)


async def test_what_would_lead_beyond_the_limits_is_refused_and_the_rest_done(
    database: Database, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards VALUES ('floor', 100, 0, 100)")
    board_id, alice = BoardId("floor"), new_user()
    for delta in (10, 5, -12, 1):
        await apply(writer, Draft(user_id=alice, delta=delta, board_id=board_id))
    voided = await void(database, Window(board_id, last_id=2))
    assert (voided.done, voided.refused) == (0, 2)
    assert (await scores(owner))[alice] == 4
    everything = await void(database, Window(board_id))
    assert (everything.done, everything.refused) == (4, 0)
    assert (await scores(owner))[alice] == 0
    await check_invariants(database_url)


@pytest.mark.usefixtures("history")
async def test_a_run_that_was_cut_off_is_gone_on_with(
    database: Database, runs: Runs, database_url: str
) -> None:
    many = void_of(WINDOW, await preview_window(database.fetch, WINDOW))
    act_id = await runs.begin(many, WHY, MODERATOR, "k")
    await database.write(RUN, act_id, 4, 10_000)
    assert await runs.unfinished() == [act_id]
    assert await runs.begin(many, WHY, MODERATOR, "k") == act_id
    with pytest.raises(IdempotencyKeyReused):
        await runs.begin(replace(many, parameters={"kid": "x"}), WHY, MODERATOR, "k")
    assert await runs.run(act_id, lambda _: None)
    assert not await runs.run(act_id, lambda _: None)
    state = await runs.read(act_id)
    assert state is not None
    assert (state.done, await runs.unfinished()) == (30, [])
    await check_invariants(database_url)


async def test_two_who_carry_out_the_same_act_undo_nothing_twice(
    database: Database, runs: Runs, database_url: str
) -> None:
    await fill(database_url, 2_000, 20)
    many = void_of(WINDOW, await preview_window(database.fetch, WINDOW))
    act_id = await runs.begin(many, WHY, MODERATOR, None)
    await asyncio.gather(*(runs.run(act_id, lambda _: None) for _ in range(3)))
    state = await runs.read(act_id)
    assert state is not None
    assert state.done == 2_000
    await check_invariants(database_url, is_purged=True)


async def test_increments_go_on_while_a_window_is_voided(
    database: Database, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await fill(database_url, 3_000, 10)
    rows = await owner.fetch("SELECT user_id FROM user_scores")
    users = [UserId(str(row["user_id"])) for row in rows]
    many = void_of(WINDOW, await preview_window(database.fetch, WINDOW))
    act_id = await Runs(database.write).begin(many, WHY, MODERATOR, None)
    running = asyncio.create_task(Runs(database.write).run(act_id, lambda _: None))
    served = 0
    while not running.done():
        await apply(writer, *(Draft(user_id=each, delta=2) for each in users))
        served += 1
    assert await running
    assert set((await scores(owner)).values()) == {2 * served}
    await check_invariants(database_url, is_purged=True)


@pytest.mark.usefixtures("history")
async def test_an_act_that_voided_nothing_cannot_be_restored(database: Database) -> None:
    with pytest.raises(NotFound):
        await restore_of(database.fetch, MAIN_BOARD, 99)
    voided = await void(database, WINDOW)
    with pytest.raises(NotFound):
        await restore_of(database.fetch, BoardId("other"), voided.act_id)
