"""What is wrong in a history is found, named by its kind, and shown by its events."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.ledger_rows import fill
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.audit import Audited, open_audit
from scoreboard.ledger.findings import Finding
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection
from tests.harness import new_user
from tests.ledger.conftest import until_somebody_waits
from tests.ledger.increments import Draft, apply, columns

KEEP_S = 90_000
SEASON = BoardId("season")
USER, OTHER = new_user(), new_user()


async def audit(database_url: str, board_id: BoardId | None = None) -> Audited:
    """What an audit finds."""
    async with open_audit(database_url, board_id, KEEP_S) as opened:
        return await opened.check(lambda _size_mb: None)


@pytest.fixture
async def history(writer: LedgerWriter, owner: Connection) -> Connection:
    """Return the owner's connection to a ledger of five events that its owner can falsify.

    Events 1, 3 and 5 are of one user, 2 and 4 of another; the nonces are called as the events.
    """
    await owner.execute("ALTER TABLE score_events DISABLE TRIGGER ALL")
    await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", SEASON)
    for user_id in (USER, OTHER, USER, OTHER, USER):
        await apply(writer, Draft(user_id=user_id, delta=10))
    await owner.execute("UPDATE score_events SET nonce = event_id")
    await owner.execute("UPDATE action_nonces SET nonce = event_id")
    return owner


async def test_nothing_is_wrong_with_what_the_service_wrote(
    history: Connection, database_url: str
) -> None:
    assert await audit(database_url) == Audited(5, 2, [])


FALSIFICATIONS = {
    "a version that is left out": (
        "UPDATE score_events SET version_after = version_after + 1 WHERE event_id IN (3, 5)",
        [Finding("version_order", 1, [3])],
    ),
    "a version that comes twice": (
        "UPDATE score_events SET version_after = 1 WHERE event_id = 4",
        [Finding("version_order", 1, [4])],
    ),
    "a first version that is not 1": (
        "UPDATE score_events SET version_after = version_after + 1 WHERE event_id IN (2, 4)",
        [Finding("version_order", 1, [2])],
    ),
    "versions in another order than ids": (
        "UPDATE score_events SET version_after = 5 - version_after WHERE event_id IN (3, 5)",
        [Finding("version_order", 2, [3, 5])],
    ),
    "a score that does not follow": (
        "UPDATE score_events SET score_after = score_after + 1 WHERE event_id = 1",
        [Finding("running_score", 2, [1, 3])],
    ),
    "a score beyond all limits": (
        "UPDATE score_events SET score_after = -9223372036854775808 WHERE event_id = 5",
        [Finding("running_score", 1, [5])],
    ),
    "a nonce of two events": (
        "UPDATE score_events SET nonce = '1' WHERE event_id = 4",
        [Finding("nonce_differs", 1, [4]), Finding("nonce_reused", 2, [1, 4])],
    ),
    "a nonce that is held for another event": (
        "UPDATE action_nonces SET event_id = 7 - event_id WHERE event_id IN (3, 4)",
        [Finding("nonce_differs", 2, [3, 4])],
    ),
    "a nonce that is held for no event": (
        "INSERT INTO action_nonces VALUES ('6', now(), 6)",
        [Finding("nonce_without_event", 1, [6])],
    ),
    "a nonce that was forgotten too early": (
        "UPDATE score_events SET created_at = now() - interval '89940 s' WHERE event_id = 1;"
        "DELETE FROM action_nonces WHERE event_id = 1",
        [Finding("nonce_missing", 1, [1])],
    ),
    "a nonce that was forgotten in time": (
        "UPDATE score_events SET created_at = now() - interval '90001 s' WHERE event_id = 1;"
        "DELETE FROM action_nonces WHERE event_id = 1",
        [],
    ),
    "a forgotten nonce that was used again": (
        "UPDATE score_events SET nonce = '1', created_at = now() - interval '90001 s'"
        " WHERE event_id IN (1, 2);"
        "DELETE FROM action_nonces WHERE event_id IN (1, 2)",
        [Finding("nonce_reused", 2, [1, 2])],
    ),
}


@pytest.mark.parametrize("falsification", FALSIFICATIONS)
async def test_a_falsified_history_is_found_out(
    history: Connection, database_url: str, falsification: str
) -> None:
    statements, expected = FALSIFICATIONS[falsification]
    await history.execute(statements)
    assert (await audit(database_url)).differences == expected


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("UPDATE user_scores SET score = 9, version = 9", ["score", "version"]),
        ("DELETE FROM score_events WHERE event_id IN (2, 4)", ["extra", "nonce_without_event"]),
        ("UPDATE score_events SET delta = 99 WHERE event_id = 5", ["score", "running_score"]),
    ],
    ids=["falsified totals", "removed events", "a falsified delta"],
)
async def test_totals_are_compared_with_the_history(
    history: Connection, database_url: str, statement: str, kinds: list[str]
) -> None:
    await history.execute(statement)
    found = (await audit(database_url)).differences
    assert [each.kind for each in found] == kinds


async def test_another_board_has_no_say(history: Connection, database_url: str) -> None:
    await history.execute("UPDATE score_events SET version_after = 9, nonce = 'same'")
    await history.execute("UPDATE user_scores SET score = 9")
    assert await audit(database_url, SEASON) == Audited(0, 0, [])


async def test_examples_are_few_and_the_first(owner: Connection, database_url: str) -> None:
    await fill(database_url, events=3000, users=30)
    await owner.execute("DELETE FROM action_nonces")
    await owner.execute("ALTER TABLE score_events DISABLE TRIGGER ALL")
    await owner.execute("UPDATE score_events SET created_at = now()")
    (_, found) = (await audit(database_url)).differences
    assert found == Finding("nonce_missing", 3000, [1, 2, 3, 4, 5])


async def test_what_is_committed_during_an_audit_makes_no_difference(
    history: Connection, stranger: Connection, database_url: str
) -> None:
    async with stranger.transaction():
        await stranger.execute("LOCK TABLE action_nonces")
        auditing = asyncio.create_task(audit(database_url))
        await until_somebody_waits(history)  # it has read events and totals, but not yet nonces
        await stranger.fetch(APPLY, *columns(Draft(user_id=USER), Draft()))
        await stranger.execute("DELETE FROM action_nonces WHERE event_id = 1")
    assert await auditing == Audited(5, 2, [])
