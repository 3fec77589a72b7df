"""Who is erased is off every board at once; then nothing names him, and all else is as it was."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from scoreboard.domain.acts import Act, ActKind
from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.domain.increments import Outcome
from scoreboard.domain.windows import ManyAct, Window
from scoreboard.ledger.acts import ActFilter, ActLedger
from scoreboard.ledger.audit import open_audit
from scoreboard.ledger.database import APP_ROLE, Database
from scoreboard.ledger.erasures import Begun, Erased, Erasures, carry_out
from scoreboard.ledger.outbox import Outbox
from scoreboard.ledger.previews import preview
from scoreboard.ledger.replay import open_replay
from scoreboard.ledger.runs import Runs
from scoreboard.ledger.session import open_session
from scoreboard.ledger.settling import ERASURE_LOCK
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import new_user
from tests.ledger.acts import MODERATOR, WHY, add, undo
from tests.ledger.conftest import until_somebody_waits
from tests.ledger.increments import Draft, apply, apply_one

ALICE, BOB = (UserId(f"{digit * 8}-0000-4000-8000-00000000000a") for digit in "ab")
OTHER = BoardId("other")

TABLES = """SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind = 'r'"""


@pytest.fixture
def ledger(database: Database) -> ActLedger:
    """Return the one that applies acts."""
    return ActLedger(database.write)


@pytest.fixture
async def boards(writer: LedgerWriter, owner: Connection) -> None:
    """Have two boards; Alice is on both, has redeemed for Bob, and leads the first."""
    await owner.execute("INSERT INTO boards (board_id) VALUES ('other')")
    for draft in (
        Draft(user_id=BOB, delta=20, actor=BOB),
        Draft(user_id=ALICE, delta=30, actor=ALICE, token=b"a token of hers"),
        Draft(user_id=ALICE, delta=7, actor="game-server", board_id=OTHER),
        Draft(user_id=BOB, delta=1, actor=ALICE),
    ):
        await apply_one(writer, draft)


async def begin(database: Database, user_id: UserId = ALICE, wait_s: float = 0) -> Begun:
    """He is off the boards."""
    return await Erasures(database.write).begin(user_id, wait_s, f"asked by {user_id}", MODERATOR)


async def erase(database: Database, database_url: str, user_id: UserId = ALICE) -> Erased:
    """From begin to end."""
    begun = await begin(database, user_id)
    erased = await carry_out(database_url, begun.act_id)
    assert erased is not None
    return erased


async def begin_void(database: Database, database_url: str, window: Window) -> int:
    """An act about many events, of which nothing is done yet."""
    async with open_session(database_url, "preview") as session:
        previewed = await preview(session, window)
    return await Runs(database.write).begin(ManyAct(window, WHY), previewed, MODERATOR)


async def named(owner: Connection, user_id: UserId) -> list[str]:
    """The tables of which some row names the user, however it is written."""
    tables = [row["relname"] for row in await owner.fetch(TABLES)]
    forms = f"{user_id}|{user_id.replace('-', '')}"
    query = "SELECT EXISTS (SELECT FROM {} AS t WHERE t::text ~* $1)"
    return [each for each in tables if await owner.fetchval(query.format(each), forms)]


async def only_tombstone(owner: Connection) -> UserId:
    """Whom the one erasure left behind."""
    return UserId(
        await owner.fetchval("SELECT DISTINCT user_id::text FROM acts WHERE kind = 'erasure'")
    )


SUMS = """SELECT board_id, sum(delta) AS points, count(*) AS events, max(version_after) AS version
          FROM score_events WHERE source <> 'erasure' GROUP BY board_id ORDER BY board_id"""
BOARD = """SELECT board_id, user_id, score, version, reached, suspended_until
           FROM user_scores ORDER BY board_id, user_id"""
WHOLE = """SELECT event_id, board_id, delta, score_after, version_after, nonce, kid, source, act_id,
                  refers_to, created_at FROM score_events ORDER BY event_id"""


@pytest.mark.usefixtures("boards")
async def test_nothing_names_the_erased_and_the_history_adds_up(
    database: Database, owner: Connection, ledger: ActLedger, database_url: str
) -> None:
    await add(ledger, BOB, 5, actor=MODERATOR)
    own = Act(ActKind.BONUS, MAIN_BOARD, f"from {ALICE.upper()}", BOB, 1, None, f"a:{ALICE}")
    await ledger.apply(own, type(MODERATOR)(ALICE, "rest", client_address="192.0.2.9"))
    bare = Act(ActKind.CORRECTION, MAIN_BOARD, f"see {ALICE.replace('-', '')}", BOB, 1)
    await ledger.apply(bare, MODERATOR)
    void = await undo(ledger, ActKind.VOID, 2)
    sums, whole = await owner.fetch(SUMS), await owner.fetch(WHOLE)
    erased = await erase(database, database_url)
    assert (erased.events, erased.boards) == (7, 2)
    assert await named(owner, ALICE) == []
    assert await owner.fetch(SUMS) == sums
    assert (await owner.fetch(WHOLE))[: len(whole)] == whole
    tombstone = await only_tombstone(owner)
    assert uuid.UUID(tombstone).version == 8
    rows = await owner.fetch(
        "SELECT board_id, score, version, suspended_until FROM user_scores "
        "WHERE user_id = $1 ORDER BY board_id",
        tombstone,
    )
    assert [(row["board_id"], row["score"], row["version"]) for row in rows] == [
        ("main", 0, 3),
        ("other", 7, 2),
    ]
    tokens = await owner.fetch("SELECT user_id::text, token FROM score_events WHERE act_id IS NULL")
    assert all((row["token"] is None) == (row["user_id"] == tombstone) for row in tokens)
    found = await ledger.find(ActFilter(), 10)
    assert found[0].reason == f"asked by {tombstone}"
    assert (found[3].actor, found[3].client_address) == (tombstone, None)
    assert found[1].act_id == void.act_id
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_the_erased_are_off_every_board_at_once_and_their_tokens_are_refused(
    database: Database,
    writer: LedgerWriter,
    owner: Connection,
    ledger: ActLedger,
    database_url: str,
) -> None:
    begun = await begin(database, wait_s=60)
    assert begun.boards == ["main", "other"]
    shown = "SELECT user_id::text FROM user_scores WHERE suspended_until IS NULL"
    assert [row["user_id"] for row in await owner.fetch(shown)] == [BOB]
    assert (await apply_one(writer, Draft(user_id=ALICE))).outcome is Outcome.USER_SUSPENDED
    assert await carry_out(database_url, begun.act_id) is None
    again = await begin(database, wait_s=60)
    assert (again.act_id, again.is_new, again.boards) == (begun.act_id, False, [])
    for kind in (ActKind.LIFT, ActKind.SUSPENSION):
        verdict = await ledger.apply(Act(kind, MAIN_BOARD, WHY, ALICE), MODERATOR)
        assert verdict.outcome == "user_erased"
    assert await Erasures(database.write).due() == []
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_nobody_brings_a_tombstone_back(
    database: Database, owner: Connection, ledger: ActLedger, database_url: str
) -> None:
    await erase(database, database_url)
    tombstone = await only_tombstone(owner)
    for kind in (ActKind.LIFT, ActKind.SUSPENSION):
        verdict = await ledger.apply(Act(kind, MAIN_BOARD, WHY, tombstone), MODERATOR)
        assert verdict.outcome == "user_erased"
    # What he did can still be undone, and leaves him where he is.
    assert (await undo(ledger, ActKind.VOID, 2)).is_suspended
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_who_plays_on_later_begins_anew(
    database: Database, writer: LedgerWriter, database_url: str
) -> None:
    await erase(database, database_url)
    verdict = await apply_one(writer, Draft(user_id=ALICE, delta=3))
    assert (verdict.outcome, verdict.score, verdict.version) == (Outcome.APPLIED, 3, 1)
    second = await erase(database, database_url)
    assert (second.events, second.boards) == (2, 1)
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_a_spent_token_stays_spent_and_brings_nobody_back(
    database: Database, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    draft = Draft(user_id=ALICE, delta=3)
    await apply_one(writer, draft)
    await erase(database, database_url)
    verdict = await apply_one(writer, draft)
    assert (verdict.outcome, verdict.event_id) == (Outcome.NONCE_REUSED, None)
    assert await named(owner, ALICE) == []
    await check_invariants(database_url)


async def test_only_who_is_held_is_known(
    database: Database, ledger: ActLedger, writer: LedgerWriter
) -> None:
    erasures = Erasures(database.write)
    assert not await erasures.knows(ALICE)
    await apply_one(writer, Draft(user_id=BOB, actor=ALICE))
    assert await erasures.knows(ALICE)
    reader = new_user()
    await ledger.record("read_acts", type(MODERATOR)(reader, "rest"), outcome="applied")
    assert await erasures.knows(reader)


@pytest.mark.usefixtures("boards")
async def test_an_act_about_nobodys_total_is_erased_as_well(
    database: Database, owner: Connection, ledger: ActLedger, database_url: str
) -> None:
    stranger = new_user()
    await ledger.record("read_events", MODERATOR, outcome="applied", user_id=stranger)
    erased = await erase(database, database_url, stranger)
    assert (erased.events, erased.boards) == (0, 0)
    assert await named(owner, stranger) == []


@pytest.mark.usefixtures("boards")
async def test_two_who_begin_at_once_begin_one_erasure(
    database: Database, owner: Connection, database_url: str
) -> None:
    begun = await asyncio.gather(*(begin(database) for _ in range(8)))
    assert sorted(each.is_new for each in begun) == [False] * 7 + [True]
    assert len({each.act_id for each in begun}) == 1
    done = await asyncio.gather(*(carry_out(database_url, begun[0].act_id) for _ in range(4)))
    assert len([each for each in done if each is not None]) == 1
    assert await named(owner, ALICE) == []
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_increments_under_way_end_before_the_erasure_or_are_refused(
    database: Database, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    applied = 0

    async def play() -> None:
        nonlocal applied
        while True:
            verdicts = await apply(writer, Draft(user_id=ALICE, delta=1), Draft(user_id=BOB))
            assert verdicts[1].outcome is Outcome.APPLIED
            if verdicts[0].outcome is not Outcome.APPLIED:
                assert verdicts[0].outcome is Outcome.USER_SUSPENDED
                return
            applied += 1

    players = [asyncio.create_task(play()) for _ in range(6)]
    while applied < 30:  # noqa: ASYNC110 - they are many
        await asyncio.sleep(0)
    begun = await begin(database)
    await asyncio.gather(*players)
    assert await carry_out(database_url, begun.act_id) is not None
    assert await named(owner, ALICE) == []
    total = "SELECT score FROM user_scores WHERE board_id = 'main' AND user_id = $1"
    assert await owner.fetchval(total, await only_tombstone(owner)) == 30 + applied
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_an_increment_that_waits_for_the_end_begins_anew(
    database: Database,
    writer: LedgerWriter,
    owner: Connection,
    stranger: Connection,
    database_url: str,
) -> None:
    begun = await begin(database)
    async with stranger.transaction():
        # The act that is still being recorded holds up the end, and that one holds the total.
        await stranger.execute("SELECT FROM acts WHERE kind = 'erasure' FOR UPDATE")
        ending = asyncio.create_task(carry_out(database_url, begun.act_id))
        await until_somebody_waits(owner)
        waiting = asyncio.create_task(apply_one(writer, Draft(user_id=ALICE, delta=4)))
        await until_somebody_waits(owner, 2)
    assert await ending is not None
    verdict = await waiting
    assert (verdict.outcome, verdict.score, verdict.version) == (Outcome.APPLIED, 4, 1)
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_a_board_that_he_came_to_meanwhile_is_left_too(
    database: Database, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ('third')")
    begun = await begin(database)
    await apply_one(writer, Draft(user_id=ALICE, board_id=BoardId("third")))
    erased = await carry_out(database_url, begun.act_id)
    assert erased is not None
    assert erased.boards == 3
    shown = "SELECT DISTINCT user_id::text FROM user_scores WHERE suspended_until IS NULL"
    assert [row["user_id"] for row in await owner.fetch(shown)] == [BOB]
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_a_run_about_the_user_goes_on_with_his_tombstone(
    database: Database, writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    for _ in range(40):
        await apply_one(writer, Draft(user_id=ALICE, delta=2))
    window = Window(MAIN_BOARD, user_id=ALICE)
    runs = Runs(database.write)
    act_id = await begin_void(database, database_url, window)
    await database.write("SELECT * FROM run_act_v1($1, 10, 10000)", act_id)
    begun = await begin(database)
    await database.write("SELECT * FROM run_act_v1($1, 10, 10000)", act_id)
    assert await carry_out(database_url, begun.act_id) is not None
    assert await runs.run(act_id, lambda _: None)
    state = await runs.read(act_id)
    assert state is not None
    assert (state.done, state.refused) == (41, 0)
    assert await named(owner, ALICE) == []
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_an_erasure_waits_for_the_slice_of_a_run_and_takes_its_events_along(
    database: Database, owner: Connection, stranger: Connection, database_url: str
) -> None:
    window = Window(MAIN_BOARD, user_id=ALICE)
    act_id = await begin_void(database, database_url, window)
    begun = await begin(database)
    async with stranger.transaction():
        await stranger.execute("SELECT FROM act_runs FOR UPDATE")
        ending = asyncio.create_task(carry_out(database_url, begun.act_id))
        await until_somebody_waits(owner)
        await stranger.execute("SELECT * FROM run_act_v1($1, 1, 10000)", act_id)
    assert await ending is not None
    assert await named(owner, ALICE) == []
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_who_is_cut_off_leaves_less_to_do_and_the_board_right(
    database: Database, writer: LedgerWriter, owner: Connection, stranger: Connection,
    database_url: str, ledger: ActLedger,
) -> None:  # fmt: skip
    window = Window(MAIN_BOARD)
    runs = Runs(database.write)
    run_id = await begin_void(database, database_url, window)
    begun = await begin(database)
    board = await owner.fetch(BOARD)
    async with stranger.transaction():
        await stranger.execute("SELECT FROM user_scores WHERE user_id = $1 FOR UPDATE", ALICE)
        ending = asyncio.create_task(carry_out(database_url, begun.act_id))
        await until_somebody_waits(owner)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
    tombstone = await owner.fetchval("SELECT tombstone::text FROM erasures")
    events = "SELECT count(*) FROM score_events WHERE user_id = $1"
    assert await owner.fetchval(events, tombstone) == 4
    assert await owner.fetch(BOARD) == board
    # Nothing goes on upon half a history.
    assert not await runs.run(run_id, lambda _: None)
    assert (await undo(ledger, ActKind.VOID, 2)).outcome == "not_found"
    for reading in (open_audit(database_url, None, 90_000), open_replay(database_url, None)):
        with pytest.raises(StorageUnavailable, match="has been interrupted"):
            async with reading:
                pytest.fail("half a history is read")
    assert (await apply_one(writer, Draft(user_id=BOB))).outcome is Outcome.APPLIED
    assert (await apply_one(writer, Draft(user_id=ALICE))).outcome is Outcome.USER_SUSPENDED
    erasures = Erasures(database.write)
    assert await erasures.due() == [begun.act_id]
    assert await carry_out(database_url, begun.act_id) is not None
    assert await erasures.due() == []
    assert await erasures.wait_s(begun.act_id) is None
    assert await named(owner, ALICE) == []
    assert await runs.run(run_id, lambda _: None)
    await check_invariants(database_url)


@pytest.mark.usefixtures("boards")
async def test_an_erasure_and_who_reads_a_history_keep_each_other_out(
    database: Database, owner: Connection, database_url: str
) -> None:
    begun = await begin(database)
    async with open_audit(database_url, None, 90_000):
        assert await carry_out(database_url, begun.act_id) is None
    async with open_session(database_url, "erase") as session:
        await session.execute("SELECT pg_advisory_lock($1)", ERASURE_LOCK)
        with pytest.raises(StorageUnavailable, match="is being erased"):
            async with open_replay(database_url, None):
                pytest.fail("half a history is read")
    assert await carry_out(database_url, begun.act_id) is not None
    assert await named(owner, ALICE) == []


@pytest.mark.usefixtures("boards")
async def test_what_waits_in_the_outbox_leaves_the_erased_off_the_board(
    database: Database, owner: Connection, database_url: str
) -> None:
    await erase(database, database_url)
    events = await Outbox(database).read(100)
    tombstone = await only_tombstone(owner)
    assert {event.total.user_id for event in events} == {BOB, tombstone}
    assert all(event.total.is_suspended == (event.total.user_id == tombstone) for event in events)


@pytest.mark.usefixtures("boards")
async def test_the_index_in_redis_is_made_anew_without_the_id(
    database: Database, owner: Connection, database_url: str
) -> None:
    await erase(database, database_url)
    rows = await owner.fetch("SELECT board_id FROM standings_gaps ORDER BY board_id")
    assert [row["board_id"] for row in rows] == ["main", "other"]


FORBIDDEN = [
    "UPDATE score_events SET user_id = gen_random_uuid() WHERE event_id = 2",
    "UPDATE score_events SET delta = 1 WHERE event_id = 2",
    "UPDATE score_events SET token = NULL WHERE event_id = 1",
    "UPDATE score_events AS e SET user_id = tombstone FROM erasures WHERE event_id = 2",
    "UPDATE score_events AS e SET user_id = tombstone, token = NULL, actor = tombstone::text, "
    "score_after = 0 FROM erasures WHERE event_id = 2",
    "UPDATE acts SET reason = 'another' WHERE act_id = 2",
    "UPDATE acts SET reason = 'another', user_id = tombstone FROM erasures",
    "DELETE FROM acts",
    "DELETE FROM score_events",
    "TRUNCATE score_events",
]


@pytest.mark.usefixtures("boards")
@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_owner_can_take_away_nothing_but_the_erased(
    database: Database, owner: Connection, ledger: ActLedger, statement: str
) -> None:
    await add(ledger, BOB, 5)
    begun = await begin(database)
    await owner.execute("SET scoreboard.erasing = 'on'")
    assert await owner.fetchval("SELECT open_erasure_v1($1)", begun.act_id)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await owner.execute(statement)


@pytest.mark.usefixtures("boards")
async def test_the_services_role_erases_through_the_functions_alone(
    database: Database, owner: Connection
) -> None:
    begun = await begin(database)
    await owner.execute(f"SET ROLE {APP_ROLE}; SET scoreboard.erasing = 'on'")
    for statement in (FORBIDDEN[3], FORBIDDEN[6], "DELETE FROM erasures"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(statement)
    # Nothing before it is due, and events that are not his stay as they are.
    assert await owner.fetchval("SELECT erase_events_v1($1, '{2}')", begun.act_id) == 0
    assert await owner.fetchval("SELECT open_erasure_v1($1)", begun.act_id)
    assert await owner.fetchval("SELECT erase_events_v1($1, '{1,2,3,4}')", begun.act_id) == 3
    assert await owner.fetchval("SELECT user_id::text FROM score_events WHERE event_id = 1") == BOB
