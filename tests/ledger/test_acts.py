"""What acts of moderation lead to, once each, and what is recorded of them."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.domain.acts import ActKind
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.acts import ActFilter, ActLedger
from scoreboard.ledger.database import Database
from scoreboard.ledger.user_events import LOOKED_AT_MAX
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import new_user
from tests.ledger.acts import MODERATOR, WHY, add, undo
from tests.ledger.increments import Draft, apply_one

VOID, RESTORE, CORRECTION = ActKind.VOID, ActKind.RESTORE, ActKind.CORRECTION
LIMITED = BoardId("limited")


@pytest.fixture
def ledger(database: Database) -> ActLedger:
    """Return the one that applies acts."""
    return ActLedger(database.write)


@pytest.fixture
async def limited(owner: Connection) -> BoardId:
    """Return a board with scores from 0 to 20."""
    await owner.execute("INSERT INTO boards VALUES ($1, 100, 0, 20)", LIMITED)
    return LIMITED


async def test_a_bonus_is_an_event_that_names_its_act(
    ledger: ActLedger, owner: Connection, database_url: str
) -> None:
    alice = new_user()
    verdict = await add(ledger, alice, 50)
    assert (verdict.outcome, verdict.is_repeated) == ("applied", False)
    assert (verdict.user_id, verdict.delta, verdict.score, verdict.version) == (alice, 50, 50, 1)
    event = await owner.fetchrow("SELECT * FROM score_events")
    assert (event["event_id"], event["act_id"]) == (verdict.event_id, verdict.act_id)
    assert (event["source"], event["actor"], event["token"]) == ("bonus", "moderator-1", None)
    assert await owner.fetchval("SELECT event_ids FROM outbox") == [verdict.event_id]
    await check_invariants(database_url)


async def test_an_act_is_recorded_with_who_what_and_why(ledger: ActLedger) -> None:
    alice = new_user()
    verdict = await add(ledger, alice, 50, key="k")
    (act,) = await ledger.find(ActFilter(), 10)
    assert (act.act_id, act.kind, act.outcome) == (verdict.act_id, "bonus", "applied")
    assert (act.board_id, act.user_id, act.parameters) == ("main", alice, {"delta": 50})
    assert (act.reason, act.actor, act.scopes) == (WHY, "moderator-1", ["moderator"])
    assert (act.kid, act.origin, act.client_address) == ("a key", "rest", "192.0.2.7")
    assert (act.request_id, act.idempotency_key) == ("request-1", "k")
    assert act.event_id == verdict.event_id


async def test_an_event_is_voided_once_restored_once_and_voided_again(
    ledger: ActLedger, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    alice = new_user()
    earned = await apply_one(writer, Draft(user_id=alice, delta=10))
    await apply_one(writer, Draft(user_id=alice, delta=5))
    outcomes, scores, ids = [], [], []
    for kind in (RESTORE, VOID, VOID, RESTORE, RESTORE, VOID):
        verdict = await undo(ledger, kind, earned.event_id)
        outcomes.append(verdict.outcome)
        if verdict.outcome == "applied":
            scores.append(verdict.score)
            ids.append(verdict.event_id)
    assert outcomes == [
        "not_voided", "applied", "already_voided", "applied", "not_voided", "applied",
    ]  # fmt: skip
    assert scores == [5, 15, 5]
    chain = await owner.fetch("SELECT refers_to, event_id FROM compensations ORDER BY event_id")
    assert [tuple(row) for row in chain] == [
        (earned.event_id, ids[0]), (ids[0], ids[1]), (ids[1], ids[2]),
    ]  # fmt: skip
    found = await ledger.find(ActFilter(kind="void", outcome="already_voided"), 10)
    assert [(act.user_id, act.event_id) for act in found] == [(alice, None)]
    await check_invariants(database_url)


async def test_what_undoes_an_event_cannot_be_undone_itself(
    ledger: ActLedger, writer: LedgerWriter
) -> None:
    earned = await apply_one(writer, Draft(delta=10))
    void = await undo(ledger, VOID, earned.event_id)
    for kind in (VOID, RESTORE):
        assert (await undo(ledger, kind, void.event_id)).outcome == "not_voidable"


async def test_a_bonus_and_a_correction_can_be_voided(ledger: ActLedger, database_url: str) -> None:
    alice = new_user()
    bonus = await add(ledger, alice, 50)
    taken = await add(ledger, alice, -20, CORRECTION)
    assert (await undo(ledger, VOID, bonus.event_id)).score == -20
    assert (await undo(ledger, VOID, taken.event_id)).score == 0
    await check_invariants(database_url)


async def test_the_limits_of_the_board_hold_for_acts(
    ledger: ActLedger, writer: LedgerWriter, limited: BoardId, database_url: str
) -> None:
    alice = new_user()
    earned = await apply_one(writer, Draft(user_id=alice, delta=10, board_id=limited))
    below = await add(ledger, alice, -11, CORRECTION, board_id=limited)
    assert (below.outcome, below.score, below.version) == ("score_limit", 10, 1)
    assert (await add(ledger, alice, 11, board_id=limited)).outcome == "score_limit"
    await add(ledger, alice, -5, CORRECTION, board_id=limited)
    assert (await undo(ledger, VOID, earned.event_id, board_id=limited)).outcome == "score_limit"
    await check_invariants(database_url)


async def test_what_is_not_there_is_not_found_and_leaves_nothing_behind(
    ledger: ActLedger, writer: LedgerWriter, limited: BoardId, owner: Connection
) -> None:
    earned = await apply_one(writer, Draft())
    assert (await undo(ledger, VOID, 4711)).outcome == "not_found"
    assert (await undo(ledger, VOID, earned.event_id, board_id=limited)).outcome == "not_found"
    assert (await add(ledger, new_user(), 5, CORRECTION)).outcome == "not_found"
    assert (await add(ledger, new_user(), 5, board_id=BoardId("gone"))).outcome == "not_found"
    assert await owner.fetchval("SELECT count(*) FROM user_scores") == 1
    assert len(await ledger.find(ActFilter(outcome="not_found"), 10)) == 4


async def test_an_act_with_a_key_happens_once(ledger: ActLedger, database_url: str) -> None:
    alice = new_user()
    first = await add(ledger, alice, 50, key="contest-7")
    await add(ledger, alice, 1)
    again = await add(ledger, alice, 50, key="contest-7")
    assert again.is_repeated
    assert (again.act_id, again.event_id, again.score) == (first.act_id, first.event_id, 50)
    other = await add(ledger, alice, 51, key="contest-7")
    assert other.outcome == "idempotency_key_reused"
    void = await undo(ledger, VOID, first.event_id, key="v")
    repeated = await undo(ledger, VOID, first.event_id, key="v")
    assert (repeated.is_repeated, repeated.event_id) == (True, void.event_id)
    await check_invariants(database_url)


async def test_a_refused_act_may_be_tried_again_with_its_key(
    ledger: ActLedger, writer: LedgerWriter
) -> None:
    alice = new_user()
    assert (await add(ledger, alice, 5, CORRECTION, key="k")).outcome == "not_found"
    await apply_one(writer, Draft(user_id=alice))
    assert (await add(ledger, alice, 5, CORRECTION, key="k")).outcome == "applied"


async def test_the_same_act_at_the_same_moment_happens_once(
    ledger: ActLedger, writer: LedgerWriter, database_url: str
) -> None:
    earned = await apply_one(writer, Draft(delta=10))
    voids = await asyncio.gather(*(undo(ledger, VOID, earned.event_id) for _ in range(12)))
    assert sorted(each.outcome for each in voids) == ["already_voided"] * 11 + ["applied"]
    users = [new_user() for _ in range(12)]
    bonuses = await asyncio.gather(*(add(ledger, each, 5, key="one") for each in users))
    outcomes = sorted(each.outcome for each in bonuses)
    assert outcomes == ["applied"] + ["idempotency_key_reused"] * 11
    await check_invariants(database_url)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE acts SET reason = ''", "DELETE FROM acts", "TRUNCATE acts",
     "UPDATE compensations SET act_id = 1", "DELETE FROM compensations"],
)  # fmt: skip
async def test_what_was_recorded_stays(
    ledger: ActLedger, owner: Connection, statement: str
) -> None:
    await add(ledger, new_user(), 5)
    with pytest.raises(Exception, match="append-only"):
        await owner.execute(statement)
    await owner.execute("SET ROLE scoreboard_app")
    with pytest.raises(Exception, match="permission denied"):
        await owner.execute(statement)


async def test_an_event_comes_from_a_token_or_from_an_act(
    ledger: ActLedger, owner: Connection
) -> None:
    await add(ledger, new_user(), 5)
    copy = """INSERT INTO score_events
              SELECT event_id + 1, board_id, user_id, delta, score_after, version_after + 1, {},
                     kid, source, actor, token, created_at, {}, refers_to FROM score_events"""
    for nonce, act_id in (("nonce", "NULL"), ("'n'", "act_id")):
        with pytest.raises(Exception, match="score_events_origin"):
            await owner.execute(copy.format(nonce, act_id))


async def test_a_restore_stays_within_the_boards_limits(
    ledger: ActLedger, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards VALUES ('roof', 100, 0, 100)")
    roof, alice = BoardId("roof"), new_user()
    earned = await apply_one(writer, Draft(user_id=alice, delta=60, board_id=roof))
    await undo(ledger, VOID, earned.event_id, board_id=roof)
    await apply_one(writer, Draft(user_id=alice, delta=50, board_id=roof))
    refused = await undo(ledger, ActKind.RESTORE, earned.event_id, board_id=roof)
    assert (refused.outcome, refused.score, refused.event_id) == ("score_limit", 50, None)
    await apply_one(writer, Draft(user_id=alice, delta=-10, board_id=roof))
    restored = await undo(ledger, ActKind.RESTORE, earned.event_id, board_id=roof)
    assert (restored.outcome, restored.score) == ("applied", 100)
    await check_invariants(database_url)


async def test_a_users_events_come_page_by_page_with_what_undoes_them(
    ledger: ActLedger, writer: LedgerWriter, owner: Connection
) -> None:
    alice = new_user()
    earned = [await apply_one(writer, Draft(user_id=alice, delta=10)) for _ in range(3)]
    await apply_one(writer, Draft())
    void = await undo(ledger, VOID, earned[1].event_id)
    page = await ledger.read_user_events(BoardId("main"), alice, 2**63 - 1, 3)
    ids = [event.event_id for event in page.events]
    assert ids == [void.event_id, earned[2].event_id, earned[1].event_id]
    assert (page.events[0].refers_to, page.events[0].act_id) == (ids[2], void.act_id)
    assert [event.undone_by for event in page.events] == [None, None, void.event_id]
    assert page.following == ids[-1]
    rest = await ledger.read_user_events(BoardId("main"), alice, page.following, 3)
    assert [event.event_id for event in rest.events] == [earned[0].event_id]
    assert rest.following is None
    nobody = await ledger.read_user_events(BoardId("main"), new_user(), 2**63 - 1, 3)
    assert (nobody.events, nobody.following) == ([], None)


async def test_a_page_begins_at_the_last_event_and_says_where_to_go_on(
    ledger: ActLedger, writer: LedgerWriter, owner: Connection
) -> None:
    alice = new_user()
    first = await apply_one(writer, Draft(user_id=alice))
    await add_strangers(owner, 100)
    last = await apply_one(writer, Draft(user_id=alice))
    await add_strangers(owner, 100_000)
    page = await ledger.read_user_events(BoardId("main"), alice, 2**63 - 1, 3)
    assert [event.event_id for event in page.events] == [last.event_id]
    assert page.following == 102  # the lowest of those that were looked through
    rest = await ledger.read_user_events(BoardId("main"), alice, page.following, 3)
    assert [event.event_id for event in rest.events] == [first.event_id]
    assert rest.following is None


async def test_a_page_may_find_nothing_and_yet_say_where_to_go_on(
    ledger: ActLedger, writer: LedgerWriter, owner: Connection
) -> None:
    alice = new_user()
    first = await apply_one(writer, Draft(user_id=alice))
    await add_strangers(owner, 100, 2 * LOOKED_AT_MAX)
    last = await apply_one(writer, Draft(user_id=alice))
    assert last.event_id is not None
    page = await ledger.read_user_events(BoardId("main"), alice, last.event_id, 3)
    assert page.events == []
    assert page.following == last.event_id - LOOKED_AT_MAX
    empty = await ledger.read_user_events(BoardId("main"), alice, page.following, 3)
    assert (empty.events, empty.following) == ([], 101)
    rest = await ledger.read_user_events(BoardId("main"), alice, 101, 3)
    assert [event.event_id for event in rest.events] == [first.event_id]


async def add_strangers(owner: Connection, above_id: int, count: int = LOOKED_AT_MAX) -> None:
    """Events of others, whose totals nobody looks at, with the next ids above that one."""
    await owner.execute(
        """INSERT INTO score_events (event_id, board_id, user_id, delta, score_after,
                                     version_after, nonce, kid, source, actor, token, created_at)
           SELECT $1 + i, 'main', gen_random_uuid(), 1, 1, 1, i::text, 'k', 'win', 'a', 't', now()
           FROM generate_series(1, $2) AS i""",
        above_id,
        count,
    )
    await owner.execute("SELECT setval('score_event_ids', $1)", above_id + count)


async def test_the_trail_is_searched_by_all_that_is_named(ledger: ActLedger) -> None:
    alice, bob = new_user(), new_user()
    await add(ledger, alice, 5)
    await add(ledger, bob, 5)
    await ledger.record("read_acts", MODERATOR, outcome="applied")
    assert [act.user_id for act in await ledger.find(ActFilter(user_id=bob), 10)] == [bob]
    assert len(await ledger.find(ActFilter(kind="read_acts"), 10)) == 1
    assert len(await ledger.find(ActFilter(board_id=BoardId("main")), 10)) == 2
    newest = await ledger.find(ActFilter(), 1)
    assert [act.kind for act in newest] == ["read_acts"]
    assert len(await ledger.find(ActFilter(below_id=newest[0].act_id), 10)) == 2
    assert await ledger.find(ActFilter(actor="somebody else"), 10) == []
