"""How the outbox is relayed: whole rows, each user's in order, together under load."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import asyncpg
import pytest

from benchmarks.ledger_rows import fill
from scoreboard.bus.choose import open_bus
from scoreboard.bus.protocol import Bus, Wake
from scoreboard.domain.acts import Act, ActKind
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.outbox import EVENTS_MAX, Outbox
from scoreboard.ledger.writer import APPLY, LedgerWriter
from scoreboard.relay.outbox import OutboxRelay
from scoreboard.settings import Settings
from scoreboard.stores import Stores, open_stores
from scoreboard.telemetry.metrics import Metrics
from tests.bus.conftest import running
from tests.checker import connect, until
from tests.harness import Backends, new_user
from tests.ledger.acts import MODERATOR, WHY
from tests.ledger.increments import Draft, apply_one, columns
from tests.ledger.test_query_plans import explain, index_names
from tests.relay.watching import consuming

FOR_EVER_MS = 3_600_000
LIST = """INSERT INTO outbox (event_ids)
          SELECT array_agg(e) FROM generate_series($1::bigint, $2) AS e"""

Execute = Callable[..., object]
T = TypeVar("T")


@pytest.fixture
async def stores(backends: Backends) -> AsyncIterator[Stores]:
    """Return the stores of a process that serves nobody."""
    async with open_stores(backends.settings(), Metrics()) as opened:
        yield opened


@pytest.fixture
def writer(stores: Stores) -> LedgerWriter:
    """Return an instance that is killed after each commit: it tells nobody."""
    return LedgerWriter(stores.database)


@asynccontextmanager
async def relaying(
    stores: Stores,
    settings: Settings,
    bus: Bus,
    on_relayed: Callable[[Wake], None] = lambda _: None,
) -> AsyncIterator[OutboxRelay]:
    """A relay of the outbox that runs inside."""
    relay = OutboxRelay(stores.outbox, stores.gaps, stores.ranking, bus, Metrics(), settings)
    task = asyncio.create_task(relay.run(on_relayed))
    try:
        yield relay
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait((task,))


@contextmanager
def stranger(database_url: str) -> Iterator[Execute]:
    """Executes statements of a session of its own, also from within a callback of this loop."""
    runner = asyncio.Runner()
    with ThreadPoolExecutor(1) as thread:

        def wait_for(work: Callable[[], T]) -> T:
            return thread.submit(work).result()

        connection = wait_for(lambda: runner.run(asyncpg.connect(database_url)))
        try:
            yield lambda *statement: wait_for(lambda: runner.run(connection.execute(*statement)))
        finally:
            wait_for(lambda: runner.run(connection.close()))
            wait_for(runner.close)


async def until_empty(outbox: Outbox) -> None:
    """Returns once nothing waits."""

    async def is_empty() -> bool:
        return (await outbox.read_state()).depth == 0

    await until(is_empty)


async def test_rows_are_read_until_they_list_enough_events_and_never_in_part(
    stores: Stores, database_url: str
) -> None:
    await fill(database_url, 4 * EVENTS_MAX, 100)
    async with connect(database_url) as owner:
        start = 1
        for count in (EVENTS_MAX - 2, 1, 3, 1, 2 * EVENTS_MAX, 1):
            await owner.execute(LIST, start, start + count - 1)
            start += count
    taken = []
    while events := await stores.outbox.read(10):
        rows = list(dict.fromkeys(event.outbox_id for event in events))
        taken.append((len(rows), len(events)))
        await stores.outbox.delete(rows)
    assert taken == [(3, EVENTS_MAX + 2), (2, 2 * EVENTS_MAX + 1), (1, 1)]


async def test_what_commits_late_comes_before_its_users_next_behind_rows_in_hand(
    stores: Stores, writer: LedgerWriter, database_url: str
) -> None:
    late = new_user()
    with stranger(database_url) as execute:
        execute("BEGIN")
        execute(APPLY, *columns(Draft(user_id=late)))
        await apply_one(writer, Draft())
        (in_hand,) = await stores.outbox.read(1)
        execute("COMMIT")
    await apply_one(writer, Draft(user_id=late))
    events = await stores.outbox.read(9, in_hand=[in_hand.outbox_id])
    assert [(each.total.user_id, each.total.version) for each in events] == [(late, 1), (late, 2)]


async def test_a_user_whose_row_commits_while_others_are_in_hand_is_published_in_order(
    backends: Backends, amqp_url: str, stores: Stores, writer: LedgerWriter
) -> None:
    settings = dataclasses.replace(backends, amqp_url=amqp_url).settings(relay_batch_max=1)
    late, bus = new_user(), open_bus(settings)
    with stranger(backends.database_url) as execute:
        execute("BEGIN")
        execute(APPLY, *columns(Draft(user_id=late)))
        await apply_one(writer, Draft())
        shown: list[Wake] = []

        def on_relayed(wake: Wake) -> None:
            """The first batch is read; what follows is read behind it."""
            if not shown:
                execute("COMMIT")
                execute(APPLY, *columns(Draft(user_id=late)))
            shown.append(wake)

        async with (
            consuming(amqp_url) as consumer,
            running(bus),
            relaying(stores, settings, bus, on_relayed),
        ):
            first, *messages = await consumer.take(3)
            await until_empty(stores.outbox)
    assert late not in (first.routing_key or "")
    assert [message.headers["version"] for message in messages] == [1, 2]


async def test_what_comes_within_a_tick_waits_for_its_end(
    backends: Backends, stores: Stores, writer: LedgerWriter
) -> None:
    settings = backends.settings(tick_ms=FOR_EVER_MS, relay_poll_ms=1)
    await apply_one(writer, Draft())
    async with relaying(stores, settings, open_bus(settings)) as relay:
        await until_empty(stores.outbox)
        for waiting in range(1, 20):
            await apply_one(writer, Draft())
            relay.wake()
            assert (await stores.outbox.read_state()).depth == waiting


async def test_a_backlog_waits_for_no_tick(
    backends: Backends, stores: Stores, writer: LedgerWriter
) -> None:
    settings = backends.settings(tick_ms=FOR_EVER_MS, relay_batch_max=2)
    for _ in range(7):
        await apply_one(writer, Draft())
    async with relaying(stores, settings, open_bus(settings)):
        await until_empty(stores.outbox)


async def test_where_no_updates_are_carried_nobody_needs_a_rank(
    backends: Backends, database_url: str
) -> None:
    away = dataclasses.replace(backends, redis_url="redis://127.0.0.1:1")
    settings = away.settings()
    async with open_stores(settings, Metrics()) as stores, connect(database_url) as owner:
        await apply_one(LedgerWriter(stores.database), Draft())
        await owner.execute("DELETE FROM user_scores")
        async with relaying(stores, settings, open_bus(settings)):
            await until_empty(stores.outbox)
        assert await stores.gaps.read()


@pytest.mark.parametrize("has_standings", [True, False])
async def test_what_a_suspended_user_earned_before_is_published_without_a_rank_and_holds_up_nobody(
    backends: Backends,
    amqp_url: str,
    stores: Stores,
    writer: LedgerWriter,
    has_standings: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    settings = dataclasses.replace(backends, amqp_url=amqp_url).settings()
    alice, bob, bus = new_user(), new_user(), open_bus(settings)
    await apply_one(writer, Draft(user_id=alice))
    suspension = Act(ActKind.SUSPENSION, MAIN_BOARD, WHY, alice)
    await ActLedger(stores.database.write).apply(suspension, MODERATOR)
    await apply_one(writer, Draft(user_id=bob))
    if has_standings:
        scan = stores.ledger.scan_totals(MAIN_BOARD, 10)
        await stores.standings.rebuild(MAIN_BOARD, scan, discard_live=True)
    async with (
        consuming(amqp_url) as consumer,
        running(bus),
        relaying(stores, settings, bus),
    ):
        messages = await consumer.take(3)
        await until_empty(stores.outbox)
    told = [(json.loads(each.body)["userId"], json.loads(each.body)["rank"]) for each in messages]
    assert told == [(alice, None), (alice, None), (bob, 1)]


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_a_backlog_is_looked_up_by_event_ids(database_url: str, mode: str) -> None:
    await fill(database_url, 20_000, 100)
    async with connect(database_url) as owner:
        for row in range(300):
            await owner.execute(LIST, row * 64 + 1, row * 64 + 64)
        await owner.execute("ANALYZE outbox")
        nodes = await explain(owner, mode, "read_outbox", 256, 0, [1, 2], EVENTS_MAX)
    assert "score_events_pkey" in index_names(nodes)
    scanned = {node.get("Relation Name") for node in nodes if node["Node Type"] == "Seq Scan"}
    assert "score_events" not in scanned
