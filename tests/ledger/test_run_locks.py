"""Runs lock as every writer does, and two who carry out one act take turns."""

from __future__ import annotations

import asyncio

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.domain.windows import ManyAct, Window
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.previews import Previews
from scoreboard.ledger.runs import Runs
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.moderation.undoing import Undoing
from tests.checker import Connection, check_invariants
from tests.harness import Backends, new_user
from tests.ledger.acts import MODERATOR, WHY
from tests.ledger.conftest import LOCK_USER, until_somebody_waits
from tests.ledger.increments import Draft, apply

FLOOR = BoardId("floor")
EVENTS = 60
FREE = "SELECT user_id::text FROM user_scores FOR UPDATE SKIP LOCKED"


async def begin(database: Database, backends: Backends, window: Window) -> int:
    """The void of a window; the act's id."""
    undoing = Undoing(
        Previews(backends.settings()).preview, ActLedger(database.write), Runs(database.write)
    )
    begun, _ = await undoing.begin(ManyAct(window, WHY), MODERATOR)
    return begun.act_id


async def test_a_slice_locks_its_totals_in_the_order_of_every_writer(
    backends: Backends,
    database: Database,
    writer: LedgerWriter,
    owner: Connection,
    stranger: Connection,
) -> None:
    users = sorted(new_user() for _ in range(5))
    await apply(writer, *(Draft(user_id=user) for user in users))
    act_id = await begin(database, backends, Window(MAIN_BOARD))
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, users[2])
        running = asyncio.create_task(Runs(database.write).run_slice(act_id))
        await until_somebody_waits(owner)
        assert [row["user_id"] for row in await owner.fetch(FREE)] == users[3:]
    part = await running
    assert part is not None
    assert part.done == 5


async def test_what_is_refused_is_counted_once_however_many_carry_it_out(
    backends: Backends, database: Database, writer: LedgerWriter, owner: Connection
) -> None:
    await owner.execute("INSERT INTO boards VALUES ($1, 1000, 0, 1000)", FLOOR)
    alice = new_user()
    for delta in (*[1] * EVENTS, -EVENTS):
        await apply(writer, Draft(user_id=alice, delta=delta, board_id=FLOOR))
    act_id = await begin(database, backends, Window(FLOOR, last_id=EVENTS))
    runs = Runs(database.write)

    async def carry_out() -> None:
        while (state := await runs.read(act_id)) and state.finished_at is None:
            await runs.run_slice(act_id, 3)

    await asyncio.gather(*(carry_out() for _ in range(4)))
    state = await runs.read(act_id)
    assert state is not None
    assert (state.done, state.refused) == (0, EVENTS)
    await check_invariants(backends.database_url)
