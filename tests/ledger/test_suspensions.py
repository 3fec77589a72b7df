"""The suspended are off the board, in PostgreSQL and in Redis, and come back as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from scoreboard.domain.acts import Act, ActKind, ActVerdict
from scoreboard.domain.identifiers import MAIN_BOARD, EventId, UserId
from scoreboard.domain.increments import Outcome
from scoreboard.domain.standings import Total
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.writer import APPLY, LedgerWriter
from scoreboard.relay.lifting import SERVICE, SuspensionEnds
from scoreboard.standings.connection import open_redis
from scoreboard.stores import Stores
from scoreboard.telemetry.metrics import Metrics
from tests.checker import Connection, check_invariants
from tests.harness import Backends, new_user
from tests.ledger.acts import MODERATOR, WHY, add, undo
from tests.ledger.increments import Draft, apply, apply_one, columns, outcomes

ALICE, BOB, CAROL = (UserId(f"{digit * 8}-0000-4000-8000-000000000000") for digit in "abc")


@pytest.fixture
def ledger(database: Database) -> ActLedger:
    """Return the one that applies acts."""
    return ActLedger(database.write)


@pytest.fixture
async def stores(backends: Backends, database: Database) -> AsyncIterator[Stores]:
    """Return the stores of one process, without a service around them."""
    values = backends.settings()
    async with open_redis(values) as redis:
        yield Stores(database, redis, Metrics(), values)


async def suspend(ledger: ActLedger, user_id: UserId, until: datetime | None = None) -> ActVerdict:
    """A suspension."""
    act = Act(ActKind.SUSPENSION, MAIN_BOARD, WHY, user_id, until=until)
    return await ledger.apply(act, MODERATOR)


async def lift(ledger: ActLedger, user_id: UserId) -> ActVerdict:
    """Its end."""
    return await ledger.apply(Act(ActKind.LIFT, MAIN_BOARD, WHY, user_id), MODERATOR)


@pytest.fixture
async def board(writer: LedgerWriter) -> None:
    """Have a board of three: 30, 20 and 10."""
    for user_id, delta in ((ALICE, 30), (BOB, 20), (CAROL, 10)):
        await apply_one(writer, Draft(user_id=user_id, delta=delta))


@pytest.mark.usefixtures("board")
async def test_the_suspended_are_in_no_read_of_the_ledger(
    ledger: ActLedger, stores: Stores, database_url: str
) -> None:
    verdict = await suspend(ledger, BOB)
    assert (verdict.outcome, verdict.delta, verdict.score, verdict.version) == ("applied", 0, 20, 2)
    assert verdict.is_suspended
    reader = stores.ledger
    assert await reader.read_top(MAIN_BOARD, 10) == [(ALICE, 30), (CAROL, 10)]
    assert await reader.read_standing(MAIN_BOARD, BOB) is None
    carol = await reader.read_standing(MAIN_BOARD, CAROL)
    assert carol is not None
    assert carol.rank == 2
    placed = await reader.read_standings(MAIN_BOARD, [ALICE, BOB, CAROL])
    assert [each and each.rank for each in placed] == [1, None, 2]
    near, none = await reader.read_neighbours(MAIN_BOARD, [CAROL, BOB], 5)
    assert near is not None
    assert [entry.user_id for entry in near.entries] == [ALICE, CAROL]
    assert ([entry.rank for entry in near.entries], near.of, none) == ([1, 2], 2, None)
    assert await reader.count_users(MAIN_BOARD) == 2
    await check_invariants(database_url)


@pytest.mark.usefixtures("board")
async def test_a_lift_brings_back_the_score_and_the_exact_rank(
    ledger: ActLedger, stores: Stores, database_url: str
) -> None:
    await suspend(ledger, BOB)
    await undo(ledger, ActKind.VOID, 2)
    await undo(ledger, ActKind.RESTORE, 2)
    back = await lift(ledger, BOB)
    assert (back.outcome, back.score, back.version, back.is_suspended) == ("applied", 20, 5, False)
    bob = await stores.ledger.read_standing(MAIN_BOARD, BOB)
    assert bob is not None
    assert (bob.rank, bob.score) == (2, 20)
    assert (await lift(ledger, BOB)).outcome == "not_suspended"
    await check_invariants(database_url)


@pytest.mark.usefixtures("board")
async def test_increments_of_the_suspended_are_refused_and_keep_their_nonces(
    ledger: ActLedger, writer: LedgerWriter, database_url: str
) -> None:
    spent, new = Draft(user_id=BOB), Draft(user_id=BOB)
    await apply_one(writer, spent)
    await suspend(ledger, BOB)
    verdicts = await apply(writer, spent, new, Draft(user_id=ALICE), Draft(user_id=BOB, life_s=-1))
    assert outcomes(verdicts) == [
        Outcome.NONCE_REUSED,
        Outcome.USER_SUSPENDED,
        Outcome.APPLIED,
        Outcome.ACTION_TOKEN_EXPIRED,
    ]
    assert verdicts[0].event_id is not None
    await lift(ledger, BOB)
    assert (await apply_one(writer, new)).outcome is Outcome.APPLIED
    await check_invariants(database_url)


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("function", ["apply_increments_v1", "apply_increments_v2"])
async def test_a_suspension_holds_for_instances_that_know_of_none(
    ledger: ActLedger, database: Database, writer: LedgerWriter, database_url: str, function: str
) -> None:
    statement = APPLY.replace("apply_increments_v3", function)
    spent, kept = Draft(user_id=BOB), Draft(user_id=BOB)
    first = await apply_one(writer, spent)
    await suspend(ledger, BOB)
    drafts = (kept, Draft(user_id=ALICE, delta=5), spent)
    rows = await database.write(statement, *columns(*drafts))
    assert [tuple(row)[:4] for row in rows] == [
        ("score_limit", None, None, None),
        ("applied", rows[1]["event_id"], 35, 2),
        ("nonce_reused", first.event_id, first.score, first.version),
    ]
    await lift(ledger, BOB)
    (row,) = await database.write(statement, *columns(kept))
    assert (row["outcome"], row["score"]) == ("applied", 22)
    await check_invariants(database_url)


async def test_the_unknown_cannot_be_suspended(ledger: ActLedger, owner: Connection) -> None:
    stranger = new_user()
    assert (await suspend(ledger, stranger)).outcome == "not_found"
    assert (await lift(ledger, stranger)).outcome == "not_found"
    assert await owner.fetchval("SELECT count(*) FROM user_scores") == 0


@pytest.mark.usefixtures("board")
async def test_acts_about_the_suspended_leave_them_off_the_board(
    ledger: ActLedger, stores: Stores
) -> None:
    await suspend(ledger, BOB)
    assert (await add(ledger, BOB, 100)).is_suspended
    assert (await add(ledger, BOB, -1, ActKind.CORRECTION)).is_suspended
    suspension = await suspend(ledger, BOB, datetime.now(UTC) + timedelta(days=1))
    assert suspension.outcome == "applied"
    assert await stores.ledger.read_top(MAIN_BOARD, 10) == [(ALICE, 30), (CAROL, 10)]
    refused = await undo(ledger, ActKind.VOID, suspension.event_id)
    assert refused.outcome == "not_voidable"


@pytest.mark.usefixtures("board")
async def test_a_suspension_ends_at_its_time_and_not_before(
    ledger: ActLedger, database: Database, stores: Stores, owner: Connection
) -> None:
    ends = SuspensionEnds(database)
    await suspend(ledger, ALICE)
    await suspend(ledger, BOB, datetime.now(UTC) + timedelta(hours=1))
    assert await ends.lift() == 0
    act = Act(ActKind.LIFT, MAIN_BOARD, WHY, BOB)
    assert (await ledger.apply(act, SERVICE)).outcome == "not_suspended"
    await suspend(ledger, BOB, datetime.now(UTC) - timedelta(seconds=1))
    assert await ends.lift() == 1
    assert await ends.lift() == 0
    assert await stores.ledger.read_top(MAIN_BOARD, 10) == [(BOB, 20), (CAROL, 10)]
    who = await owner.fetchrow("SELECT actor, origin FROM acts ORDER BY act_id DESC LIMIT 1")
    assert tuple(who) == ("scoreboard", "service")


def _total(version: int, event_id: int, *, is_suspended: bool = False) -> Total:
    return Total(MAIN_BOARD, BOB, 20, version, EventId(event_id), 1, is_suspended)


@pytest.mark.usefixtures("board")
async def test_redis_forgets_the_suspended_but_not_their_version(
    ledger: ActLedger, stores: Stores
) -> None:
    standings = stores.standings
    scan = stores.ledger.scan_totals
    await standings.rebuild(MAIN_BOARD, scan(MAIN_BOARD, 10), discard_live=True)
    verdict = await suspend(ledger, BOB)
    assert verdict.event_id is not None
    assert await standings.apply(MAIN_BOARD, [_total(2, verdict.event_id, is_suspended=True)]) == [
        0
    ]
    assert await standings.read_top(MAIN_BOARD, 10) == [(ALICE, 30), (CAROL, 10)]
    # What was on its way, and what is told twice, brings nobody back.
    assert await standings.apply(MAIN_BOARD, [_total(1, 2)]) == [0]
    assert await standings.apply(MAIN_BOARD, [_total(2, verdict.event_id)]) == [0]
    near, none = await standings.read_neighbours(MAIN_BOARD, [CAROL, BOB], 5)
    assert near is not None
    assert ([entry.rank for entry in near.entries], near.of, none) == ([1, 2], 2, None)
    assert await standings.read(MAIN_BOARD, [BOB]) == [None]
    assert await standings.count(MAIN_BOARD) == 2
    assert await standings.examine(MAIN_BOARD)
    # Nor does a rebuild, nor what comes late to what it built.
    await standings.rebuild(MAIN_BOARD, scan(MAIN_BOARD, 10), discard_live=False)
    assert await standings.examine(MAIN_BOARD)
    assert await standings.apply(MAIN_BOARD, [_total(1, 2)]) == [0]
    assert await standings.read_top(MAIN_BOARD, 10) == [(ALICE, 30), (CAROL, 10)]
    back = await lift(ledger, BOB)
    assert back.event_id is not None
    assert await standings.apply(MAIN_BOARD, [_total(3, back.event_id)]) == [2]
    assert await standings.examine(MAIN_BOARD)
    assert await standings.read_top(MAIN_BOARD, 10) == [(ALICE, 30), (BOB, 20), (CAROL, 10)]


@pytest.mark.usefixtures("board")
async def test_the_relay_takes_the_suspended_out_of_redis_by_the_outbox(
    ledger: ActLedger, stores: Stores
) -> None:
    scan = stores.ledger.scan_totals
    await stores.standings.rebuild(MAIN_BOARD, scan(MAIN_BOARD, 10), discard_live=True)
    await suspend(ledger, BOB)
    await add(ledger, BOB, 5)
    events = await stores.outbox.read(100)
    assert [event.total.is_suspended for event in events] == [False, False, False, True, True]
    ranked = await stores.ranking.apply([event.total for event in events])
    assert ranked.ranks == {
        (MAIN_BOARD, ALICE): 1, (MAIN_BOARD, BOB): None, (MAIN_BOARD, CAROL): 2,
    }  # fmt: skip
    await lift(ledger, BOB)
    ranked = await stores.ranking.apply(
        [event.total for event in await stores.outbox.read(100) if event.source == "lift"]
    )
    assert ranked.ranks == {(MAIN_BOARD, BOB): 2}


@pytest.mark.usefixtures("board")
async def test_the_suspended_take_no_place_among_neighbours(
    writer: LedgerWriter, ledger: ActLedger, stores: Stores
) -> None:
    """Neither among the ties of somebody, nor above and below: the next ones stand there."""
    gone = [new_user() for _ in range(5)]
    for user_id, delta in zip(gone, (25, 20, 20, 15, 20), strict=True):
        await apply_one(writer, Draft(user_id=user_id, delta=delta))
    for user_id in gone[:2]:
        await suspend(ledger, user_id)
    tied, own = new_user(), new_user()
    await apply_one(writer, Draft(user_id=tied, delta=20))
    await suspend(ledger, gone[2])
    await apply_one(writer, Draft(user_id=own, delta=20))
    for user_id in gone[3:]:
        await suspend(ledger, user_id)
    (near,) = await stores.ledger.read_neighbours(MAIN_BOARD, [own], 1)
    assert near is not None
    assert [entry.user_id for entry in near.entries] == [tied, own, CAROL]
    assert [entry.rank for entry in near.entries] == [2, 2, 5]
    (near,) = await stores.ledger.read_neighbours(MAIN_BOARD, [own], 9)
    assert near is not None
    assert [entry.user_id for entry in near.entries] == [ALICE, BOB, tied, own, CAROL]


async def test_an_act_sent_again_is_the_same_whatever_the_time_zone_of_the_session(
    ledger: ActLedger, writer: LedgerWriter, owner: Connection
) -> None:
    alice = new_user()
    await apply_one(writer, Draft(user_id=alice))
    until = datetime.now(UTC) + timedelta(days=1)
    act = Act(ActKind.SUSPENSION, MAIN_BOARD, WHY, alice, idempotency_key="k", until=until)
    first = await ledger.apply(act, MODERATOR)
    await owner.execute("SET TIME ZONE 'Europe/Berlin'")
    again = await ActLedger(owner.fetch).apply(act, MODERATOR)
    assert (again.outcome, again.is_repeated, again.act_id) == ("applied", True, first.act_id)
