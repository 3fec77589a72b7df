"""Who is off the board is part of what the events make: verified, replayed, corrected."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scoreboard.domain.acts import Act, ActKind
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.audit import open_audit
from scoreboard.ledger.database import Database
from scoreboard.ledger.findings import Finding, TotalExample, Value
from scoreboard.ledger.reader import LedgerReader
from scoreboard.ledger.replay import Correction, open_replay
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.ledger.acts import MODERATOR, WHY
from tests.ledger.increments import Draft, apply_one

ALICE, BOB = (UserId(f"{digit * 8}-0000-4000-8000-000000000000") for digit in "ab")
END = datetime(2099, 1, 31, 12, 0, 0, 1, UTC)
BACK = "UPDATE user_scores SET suspended_until = NULL WHERE user_id = $1"
AWAY = "UPDATE user_scores SET suspended_until = 'infinity' WHERE user_id = $1"
GONE = "DELETE FROM user_scores WHERE user_id = $1"
DAY_S = 86_400


async def act(
    database: Database, kind: ActKind, user_id: UserId, until: datetime | None = None
) -> None:
    """A suspension or its end."""
    wanted = Act(kind, MAIN_BOARD, WHY, user_id, until=until)
    assert (await ActLedger(database.write).apply(wanted, MODERATOR)).outcome == "applied"


@pytest.fixture
async def board(database: Database, writer: LedgerWriter) -> None:
    """Have Alice off the board for good, and Bob on it again."""
    for user_id in (ALICE, BOB):
        await apply_one(writer, Draft(user_id=user_id, delta=5))
        await act(database, ActKind.SUSPENSION, user_id)
    await act(database, ActKind.LIFT, BOB)


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize(
    ("statement", "who", "kind", "stored", "replayed"),
    [
        (BACK, ALICE, "suspended_until", None, "infinity"),
        (AWAY, BOB, "suspended_until", "infinity", None),
        (GONE, ALICE, "missing", None, 5),
    ],
)
async def test_who_is_wrongly_on_or_off_the_board_is_found_and_put_right(  # noqa: PLR0913, PLR0917 - the stores and the case
    database: Database,
    owner: Connection,
    database_url: str,
    statement: str,
    who: UserId,
    kind: str,
    stored: Value,
    replayed: Value,
) -> None:
    await owner.execute(statement, who)
    expected = [Finding(kind, 1, [TotalExample(MAIN_BOARD, who, stored, replayed)])]
    async with open_audit(database_url, None, DAY_S) as audit:
        assert (await audit.check(lambda _: None)).differences == expected
    async with open_replay(database_url, None) as replay:
        compared = await replay.compare(lambda _: None, to_correct=True)
        assert compared.differences == expected
        assert await replay.correct(lambda _: None) == Correction(1, 0)
    await check_invariants(database_url)
    assert await LedgerReader(database).read_top(MAIN_BOARD, 10) == [(BOB, 5)]
    async with open_audit(database_url, None, DAY_S) as audit:
        assert (await audit.check(lambda _: None)).differences == []


@pytest.mark.usefixtures("board")
async def test_suspensions_and_lifts_since_the_comparison_hold_after_the_correction(
    database: Database, owner: Connection, database_url: str
) -> None:
    await owner.execute("UPDATE user_scores SET updated_at = '2026-02-01Z'")
    async with open_replay(database_url, None) as replay:
        await replay.compare(lambda _: None, to_correct=True)
        await act(database, ActKind.LIFT, ALICE)
        await act(database, ActKind.SUSPENSION, BOB, END)
        assert await replay.correct(lambda _: None) == Correction(2, 0)
    await check_invariants(database_url)
    until = await owner.fetch("SELECT user_id::text, suspended_until FROM user_scores")
    assert dict(until) == {ALICE: None, BOB: END}
