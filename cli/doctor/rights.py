"""The schema, and who may do what with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cli.doctor.examination import Report
from cli.doctor.verdicts import Verdict, from_error, ok, problem, warning
from scoreboard.domain.errors import ConfigurationError
from scoreboard.ledger.database import APP_ROLE
from scoreboard.ledger.migrations import find_pending
from scoreboard.ledger.session import Session
from scoreboard.ledger.statements import load_migrations, load_query

CHECKS = ("schema", "role", "rights", "append-only")

MIGRATE = "scoreboard db migrate"
APPEND_ONLY = {
    "score_events": "refuse_change_of_events",
    "acts": "refuse_change_of_acts",
    "compensations": "refuse_change_of_acts",
}
"""The function of each table's trigger."""

Row = Any
"""An asyncpg Record."""


async def look(session: Session, report: Report) -> None:
    """Adds every check of this module; `session` is of the URL's own user."""
    await report.ask("schema", check_schema(session))
    await report.ask("role", check_role(session))
    await report.ask("rights", check_rights(session))
    await report.ask("append-only", check_append_only(session))


async def check_schema(session: Session) -> Verdict:
    """Whether every migration of this release is applied, and none was edited."""
    if not await session.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL"):
        return problem("there is no scoreboard schema", MIGRATE)
    if not await session.fetchval(
        "SELECT has_table_privilege(to_regclass('schema_migrations'), 'SELECT')"
    ):
        return warning(
            "this user may not read which migrations are applied",
            "Run doctor with the schema's owner in SCOREBOARD_DATABASE_URL.",
        )
    rows = await session.fetch("SELECT name, checksum, applied_at FROM schema_migrations")
    known = load_migrations()
    try:
        pending = find_pending(known, {row["name"]: row for row in rows})
    except ConfigurationError as error:
        return from_error(str(error))
    if pending:
        return problem(f"{', '.join(name for name, _ in pending)} is not applied", MIGRATE)
    return ok(f"{known[-1][0]} is applied, the newest of this release")


async def check_role(session: Session) -> Verdict:
    """Whether the service's role is bound by rights."""
    role = await session.fetchrow(load_query("doctor/read_role"), APP_ROLE)
    if role is None:
        return problem(f"there is no role {APP_ROLE}", MIGRATE)
    if role["is_superuser"]:
        return problem(
            f"{APP_ROLE} is a superuser, whom no rights bind",
            f"ALTER ROLE {APP_ROLE} NOSUPERUSER;",
        )
    if role["owned"]:
        return problem(
            f"{APP_ROLE} owns {', '.join(role['owned'])} and could change what was written",
            f"REASSIGN OWNED BY {APP_ROLE} TO CURRENT_USER;",
        )
    if role["member_of"]:
        names = ", ".join(f'"{name}"' for name in role["member_of"])
        return problem(
            f"{APP_ROLE} is a member of {names} and has the rights of it",
            f"REVOKE {names} FROM {APP_ROLE};",
        )
    return ok(f"{APP_ROLE} is bound by its rights")


async def check_rights(session: Session) -> Verdict:
    """Whether the role may do what the service needs, and nothing else."""
    schema = await session.fetchrow(load_query("doctor/read_schema_rights"), APP_ROLE)
    if schema is None:
        return problem("there are no tables", MIGRATE)
    rows = await session.fetch(load_query("doctor/read_wrong_rights"), APP_ROLE)
    wrong = [row for row in rows if row["rights"]]
    missing = [row for row in wrong if row["is_missing"]]
    extra = [row for row in wrong if not row["is_missing"]]
    name = schema["schema_name"]
    remedies = [f"GRANT {_describe(row)} TO {APP_ROLE};" for row in missing]
    remedies += [f"REVOKE {_describe(row)} FROM {APP_ROLE}, PUBLIC;" for row in extra]
    found = _join("may not", missing) + _join("may", extra)
    if not schema["can_use"]:
        found.append(f"may not use schema {name}")
        remedies.append(f"GRANT USAGE ON SCHEMA {name} TO {APP_ROLE};")
    if found:
        return problem(f"{APP_ROLE} {' and '.join(found)}", " ".join(remedies))
    if schema["can_create"]:
        return warning(
            f"{APP_ROLE} may put tables and functions of its own into schema {name}",
            f"REVOKE CREATE ON SCHEMA {name} FROM {APP_ROLE}, PUBLIC;",
        )
    strangers = ", ".join(row["name"] for row in rows if not row["is_listed"])
    if strangers:
        return warning(
            f"schema {name} holds what this release does not know: {strangers}",
            "Keep what is yours in a schema of its own: ALTER TABLE … SET SCHEMA …; otherwise "
            "install the release whose migration made it.",
        )
    return ok(f"{APP_ROLE} has exactly the rights of this release")


async def check_append_only(session: Session) -> Verdict:
    """Whether the triggers stand that keep the owner, too, from changing what has happened."""
    for table, function in APPEND_ONLY.items():
        create = (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        )
        trigger = await session.fetchrow(load_query("doctor/read_append_only"), table)
        if trigger is None:
            return problem(f"{table} has no append-only trigger", create)
        if not trigger["covers_all"] or trigger["function_name"] != function:
            return problem(
                f"the append-only trigger of {table} is not the one of this release",
                f"DROP TRIGGER {table}_append_only ON {table}; {create}",
            )
        if not trigger["is_enabled"]:
            return problem(
                f"the append-only trigger of {table} is disabled",
                f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only;",
            )
        if not trigger["binds_erasures"]:
            bind = f"refuse_all_but_erasure_of_{table.removeprefix('score_')}"
            return problem(
                f"no trigger binds what an erasure changes in {table}",
                f"CREATE OR REPLACE TRIGGER {table}_erasure_only BEFORE UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {bind}(); "
                f"ALTER TABLE {table} ENABLE TRIGGER {table}_erasure_only;",
            )
    names = ", ".join(APPEND_ONLY)
    return ok(f"{names} refuse UPDATE, DELETE and TRUNCATE, also of their owner")


def _describe(row: Row) -> str:
    kind = "SEQUENCE " if row["is_sequence"] else ""
    return f"{', '.join(row['rights'])} ON {kind}{row['name']}"


def _join(verb: str, rows: Iterable[Row]) -> list[str]:
    return [f"{verb} {_describe(row)}" for row in rows]
