"""Runs lock as every writer does, and two who carry out one act take turns."""

from __future__ import annotations

import asyncio

from scoreboard.domain.identifiers import MAIN_BOARD
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


async def test_whoever_finds_another_at_it_leaves_him_to_it(
    backends: Backends,
    database: Database,
    writer: LedgerWriter,
    owner: Connection,
    stranger: Connection,
) -> None:
    alice = new_user()
    await apply(writer, Draft(user_id=alice))
    act_id = await begin(database, backends, Window(MAIN_BOARD))
    async with stranger.transaction():
        await stranger.execute(LOCK_USER, alice)
        running = asyncio.create_task(Runs(database.write).run_slice(act_id))
        await until_somebody_waits(owner)
        # It would fail where it waited, as the first one does at last.
        assert await Runs(database.write).run_slice(act_id) is None
    part = await running
    assert part is not None
    assert (part.done, part.is_finished) == (1, True)
    await check_invariants(backends.database_url)
