"""What was written down stays: grants bind the service, a trigger reminds the owner."""

from __future__ import annotations

import asyncpg
import pytest

from scoreboard.ledger.database import APP_ROLE, Database
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import Connection, check_invariants
from tests.ledger.increments import Draft, apply_one

CHANGES = [
    "UPDATE score_events SET delta = 1000000",
    "UPDATE score_events SET delta = delta WHERE false",
    "DELETE FROM score_events",
    "TRUNCATE score_events",
    "UPDATE acts SET reason = 'another'",
    "DELETE FROM acts",
    "TRUNCATE acts",
    "UPDATE compensations SET act_id = 1",
    "DELETE FROM compensations",
    "TRUNCATE compensations",
]
OTHER_RIGHTS = [
    "INSERT INTO boards (board_id) VALUES ('mine')",
    "UPDATE boards SET max_delta = 1",
    "TRUNCATE user_scores",
    "TRUNCATE action_nonces",
    "ALTER TABLE score_events DISABLE TRIGGER ALL",
    "DROP TRIGGER score_events_append_only ON score_events",
    "DROP FUNCTION apply_increments_v2",
    "UPDATE schema_migrations SET checksum = ''",
    "SELECT setval('score_event_ids', 1)",
    "CREATE TABLE mine (id int)",
]


@pytest.mark.parametrize("statement", [*CHANGES, *OTHER_RIGHTS])
async def test_the_services_role_may_not(
    writer: LedgerWriter, owner: Connection, statement: str
) -> None:
    await apply_one(writer, Draft())
    await owner.execute(f"SET ROLE {APP_ROLE}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_owner_is_stopped_by_the_trigger(
    writer: LedgerWriter, owner: Connection, statement: str, database_url: str
) -> None:
    await apply_one(writer, Draft(delta=5))
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await owner.execute(statement)
    await check_invariants(database_url)


async def test_the_pool_runs_as_the_services_role(database: Database) -> None:
    rows = await database.fetch("SELECT current_user AS role")
    assert rows[0]["role"] == APP_ROLE
