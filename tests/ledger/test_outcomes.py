"""What the ledger decides about each increment, and what that leaves behind."""

from __future__ import annotations

import time

from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.increments import MAX_SCORE, Outcome
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.harness import new_user
from tests.ledger.increments import Draft, apply, apply_one, new_nonce, outcomes, scores

ROWS = """SELECT (SELECT count(*) FROM user_scores), (SELECT count(*) FROM score_events),
                 (SELECT count(*) FROM action_nonces), (SELECT count(*) FROM outbox)"""


async def count_rows(owner: Connection) -> tuple[int, ...]:
    """Rows of totals, events, nonces and outbox."""
    return tuple(await owner.fetchrow(ROWS))


async def test_an_applied_increment_is_stored_whole(
    writer: LedgerWriter, owner: Connection
) -> None:
    draft = Draft(delta=-7, token=b"\x00\xffbytes", actor="somebody")
    verdict = await apply_one(writer, draft)
    assert verdict.outcome is Outcome.APPLIED
    assert (verdict.score, verdict.version) == (-7, 1)
    event = await owner.fetchrow("SELECT * FROM score_events")
    assert event["event_id"] == verdict.event_id
    assert (event["board_id"], str(event["user_id"])) == ("main", draft.user_id)
    assert (event["delta"], event["score_after"], event["version_after"]) == (-7, -7, 1)
    assert (event["nonce"], event["token"]) == (draft.nonce, draft.token)
    assert (event["kid"], event["source"], event["actor"]) == ("a key", "win", "somebody")
    assert verdict.updated_us is not None
    assert abs(verdict.updated_us / 1e6 - time.time()) < 10
    assert await owner.fetchval("SELECT event_ids FROM outbox") == [verdict.event_id]


async def test_a_batch_leaves_one_outbox_row(writer: LedgerWriter, owner: Connection) -> None:
    verdicts = await apply(writer, *(Draft() for _ in range(5)))
    rows = await owner.fetch("SELECT event_ids FROM outbox")
    assert [row["event_ids"] for row in rows] == [[verdict.event_id for verdict in verdicts]]


async def test_an_empty_batch_changes_nothing(writer: LedgerWriter, owner: Connection) -> None:
    assert await apply(writer) == []
    assert await count_rows(owner) == (0, 0, 0, 0)


async def test_items_of_one_user_are_judged_in_the_order_of_arrival(
    writer: LedgerWriter, database_url: str
) -> None:
    alice, bob = new_user(), new_user()
    verdicts = await apply(
        writer,
        Draft(user_id=alice, delta=5),
        Draft(user_id=bob, delta=100),
        Draft(user_id=alice, delta=-3, expected_version=1),
        Draft(user_id=alice, delta=50, expected_version=1),
        Draft(user_id=bob, delta=1),
        Draft(user_id=alice, delta=7, expected_version=2),
    )
    applied, conflict = Outcome.APPLIED, Outcome.VERSION_CONFLICT
    assert outcomes(verdicts) == [applied, applied, applied, conflict, applied, applied]
    assert scores(verdicts) == [(5, 1), (100, 1), (2, 2), (2, 2), (101, 2), (9, 3)]
    await check_invariants(database_url)


async def test_a_stale_version_is_refused_with_the_present_total_and_its_nonce_stays_free(
    writer: LedgerWriter, database_url: str
) -> None:
    user_id, nonce = new_user(), new_nonce()
    await apply(writer, Draft(user_id=user_id, delta=10), Draft(user_id=user_id, delta=10))
    refused = await apply_one(writer, Draft(user_id=user_id, nonce=nonce, expected_version=1))
    assert refused.outcome is Outcome.VERSION_CONFLICT
    assert (refused.score, refused.version, refused.event_id) == (20, 2, None)
    again = await apply_one(writer, Draft(user_id=user_id, nonce=nonce, expected_version=2))
    assert again.outcome is Outcome.APPLIED
    await check_invariants(database_url)


async def test_version_zero_is_expected_of_a_user_without_a_score(writer: LedgerWriter) -> None:
    first = await apply_one(writer, Draft(expected_version=0))
    assert first.outcome is Outcome.APPLIED


async def test_a_score_beyond_the_boards_limits_is_refused_with_the_present_total(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards (board_id, min_score, max_score) VALUES ('b', -5, 9)")
    board_id, user_id = BoardId("b"), new_user()

    def draft(delta: int) -> Draft:
        return Draft(board_id=board_id, user_id=user_id, delta=delta)

    verdicts = await apply(writer, *map(draft, (9, 1, -14, -1, 3)))
    applied, limit = Outcome.APPLIED, Outcome.SCORE_LIMIT
    assert outcomes(verdicts) == [applied, limit, applied, limit, applied]
    assert scores(verdicts) == [(9, 1), (9, 1), (-5, 2), (-5, 2), (-2, 3)]
    await check_invariants(database_url)


async def test_scores_reach_the_largest_exact_integers_and_not_one_further(
    writer: LedgerWriter, database_url: str
) -> None:
    high, low = new_user(), new_user()
    verdicts = await apply(
        writer,
        Draft(user_id=high, delta=MAX_SCORE),
        Draft(user_id=high, delta=1),
        Draft(user_id=low, delta=-MAX_SCORE),
        Draft(user_id=low, delta=-1),
    )
    applied, limit = Outcome.APPLIED, Outcome.SCORE_LIMIT
    assert outcomes(verdicts) == [applied, limit, applied, limit]
    assert [verdict.score for verdict in verdicts] == [MAX_SCORE, MAX_SCORE, -MAX_SCORE, -MAX_SCORE]
    await check_invariants(database_url)


async def test_an_expired_token_is_refused_and_leaves_nothing(
    writer: LedgerWriter, owner: Connection
) -> None:
    verdict = await apply_one(writer, Draft(life_s=-1))
    assert verdict.outcome is Outcome.ACTION_TOKEN_EXPIRED
    assert (verdict.event_id, verdict.score, verdict.version) == (None, None, None)
    assert await count_rows(owner) == (0, 0, 0, 0)


async def test_a_new_user_whose_increment_is_refused_leaves_no_row(
    writer: LedgerWriter, owner: Connection
) -> None:
    await owner.execute("UPDATE boards SET max_score = 10")
    verdicts = await apply(writer, Draft(life_s=-1), Draft(expected_version=3), Draft(delta=11))
    assert outcomes(verdicts) == [
        Outcome.ACTION_TOKEN_EXPIRED,
        Outcome.VERSION_CONFLICT,
        Outcome.SCORE_LIMIT,
    ]
    assert await count_rows(owner) == (0, 0, 0, 0)


async def test_refused_items_leave_no_trace_beside_applied_ones(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    known = new_user()
    await apply_one(writer, Draft(user_id=known))
    await apply(
        writer,
        Draft(life_s=-1),
        Draft(user_id=known, expected_version=9),
        Draft(),
        Draft(user_id=known, delta=2 * MAX_SCORE),
    )
    assert await count_rows(owner) == (2, 2, 2, 2)
    await check_invariants(database_url)


async def test_boards_have_totals_of_their_own(
    writer: LedgerWriter, owner: Connection, database_url: str
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ('b')")
    user_id = new_user()
    verdicts = await apply(
        writer,
        Draft(user_id=user_id, delta=5),
        Draft(user_id=user_id, delta=7, board_id=BoardId("b")),
        Draft(user_id=user_id, delta=5),
    )
    assert scores(verdicts) == [(5, 1), (7, 1), (10, 2)]
    await check_invariants(database_url)
