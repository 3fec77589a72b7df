"""PostgreSQL: first as the URL's user sees the server, then as the service's role the ledger."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from cli.doctor import ledger, rights
from cli.doctor.examination import Examination, Report
from cli.doctor.space import describe_bytes, judge_space
from cli.doctor.verdicts import Verdict, ok, problem, warning
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.statements import load_query
from scoreboard.settings import Settings

VERSION_MIN = 140_000
STATEMENT_MS = 3000
LOCK_MS = 500
TRANSACTION_S = 300.0
IDLE_S = 60.0
DEAD_ROWS = 50_000
TRANSACTION_AGE_WARNING = 1_000_000_000
TRANSACTION_AGE_PROBLEM = 1_900_000_000
"""PostgreSQL stops taking writes at about 2,140 million."""

BACKUPS = ("pg_dump", "pg_dumpall")
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
# Where a setting is wrong decides what mends it.
_RESET = {
    "database": 'ALTER DATABASE "{database}" RESET {name};',
    "user": 'ALTER ROLE "{user_name}" RESET {name};',
    "database user": 'ALTER ROLE "{user_name}" IN DATABASE "{database}" RESET {name};',
    "client": "Take {name} out of SCOREBOARD_DATABASE_URL and PGOPTIONS.",
    "command line": "Take {name} out of the server's command line and restart it.",
}
_SET = "ALTER SYSTEM SET {name} = {wanted}; SELECT pg_reload_conf();"

SERVER_CHECKS = (
    "postgresql",
    "writable",
    "durability",
    "connections",
    "transactions",
    "dead-rows",
    "transaction-ids",
    "database-space",
)

Row = Any
"""An asyncpg Record."""


class Server(Struct, frozen=True):
    """The row of `read_server.sql`."""

    version: str
    version_number: int
    user_name: str
    is_standby: bool
    connections_max: int
    other_sessions: int
    transaction_age: int
    size_bytes: int
    data_directory: str | None


def postgres_examination(settings: Settings) -> Examination:
    """Every check of PostgreSQL and the ledger."""

    async def look(report: Report) -> None:
        async with open_session(settings.database_url, "doctor", as_owner=True) as session:
            # Before this session's own settings hide the server's.
            wrong = await session.fetch(load_query("doctor/read_unsafe_settings"), DURABLE)
            await _prepare(session)
            await _look_at_server(session, report, settings, wrong)
            await rights.look(session, report)
        async with open_session(settings.database_url, "doctor") as session:
            await _prepare(session)
            await ledger.look(session, report, settings)

    return Examination((*SERVER_CHECKS, *rights.CHECKS, *ledger.CHECKS), look)


async def _prepare(session: Session) -> None:
    await session.execute(
        f"SET statement_timeout = {STATEMENT_MS}; SET lock_timeout = {LOCK_MS}; "
        "SET default_transaction_read_only = on"
    )


async def _look_at_server(
    session: Session, report: Report, settings: Settings, wrong: Sequence[Row]
) -> None:
    server = Server(**await session.fetchrow(load_query("doctor/read_server")))
    report.add("postgresql", check_version(server))
    report.add("writable", check_writable(server, wrong))
    report.add("durability", check_durability(wrong, is_accepted=settings.allow_unsafe_database))
    report.add("connections", check_connections(server, settings))
    await report.ask("transactions", check_transactions(session))
    await report.ask("dead-rows", check_dead_rows(session))
    report.add("transaction-ids", check_transaction_ids(server.transaction_age))
    report.add("database-space", check_space(server))


def check_version(server: Server) -> Verdict:
    """Whether the release is supported."""
    found = f"PostgreSQL {server.version} answers, as {server.user_name}"
    if server.version_number < VERSION_MIN:
        return problem(found, "Upgrade it to PostgreSQL 14 or newer.")
    return ok(found)


def check_writable(server: Server, wrong: Sequence[Row]) -> Verdict:
    """Whether increments can be written here."""
    if server.is_standby:
        return problem(
            "this server is a standby and takes no writes",
            "Name the primary in SCOREBOARD_DATABASE_URL.",
        )
    read_only = [row for row in wrong if row["name"] not in DURABLE]
    if read_only:
        return problem("default_transaction_read_only is on", _mend(read_only))
    return ok("it is a primary and takes writes")


def check_durability(wrong: Sequence[Row], *, is_accepted: bool) -> Verdict:
    """Whether what is acknowledged survives a crash."""
    off = [row for row in wrong if row["name"] in DURABLE]
    if not off:
        return ok(f"{', '.join(DURABLE)} are on")
    found = f"{', '.join(row['name'] for row in off)} off: a crash could lose acknowledged scores"
    if is_accepted:
        return warning(f"{found}; SCOREBOARD_ALLOW_UNSAFE_DATABASE accepts it", _mend(off))
    return problem(found, _mend(off))


def _mend(rows: Sequence[Row]) -> str:
    return " ".join(_RESET.get(row["source"], _SET).format(**row) for row in rows)


def check_connections(server: Server, settings: Settings) -> Verdict:
    """Whether every process of every instance can fill its pool."""
    processes = settings.instances * settings.workers
    needed = processes * settings.database_pool_size
    free = max(0, server.connections_max - server.other_sessions)
    found = (
        f"pools may take {needed} of {server.connections_max} connections, "
        f"other programs have {server.other_sessions}"
    )
    remedy = f"{_fewer(free, processes)}, or raise max_connections and restart PostgreSQL."
    if needed > server.connections_max:
        return problem(found, remedy)
    return warning(found, remedy) if needed > free else ok(found)


def _fewer(free: int, processes: int) -> str:
    if free >= processes:
        return f"Lower SCOREBOARD_DATABASE_POOL_SIZE to {free // processes}"
    if not free:
        return "End what other programs do not need"
    return (
        f"Run {free} process{'' if free == 1 else 'es'} at most: lower SCOREBOARD_WORKERS, or run "
        "fewer instances (SCOREBOARD_INSTANCES), with SCOREBOARD_DATABASE_POOL_SIZE=1"
    )


async def check_transactions(
    session: Session, limit_s: float = TRANSACTION_S, idle_s: float = IDLE_S
) -> Verdict:
    """Whether a session holds back VACUUM, so that the outbox and the totals bloat."""
    rows = await session.fetch(load_query("doctor/read_long_transactions"), limit_s, idle_s)
    if not rows:
        return ok(f"none is older than {limit_s:g} s or idle for {idle_s:g} s")
    oldest = rows[0]
    program = oldest["application_name"] or "a program without a name"
    return warning(
        f"{program} (process {oldest['pid']} of {oldest['user_name']}) has been in a transaction "
        f"for {oldest['age_s']:.0f} s ({oldest['state']}): VACUUM removes nothing newer",
        " ".join(_let_go(row["application_name"], row["pid"]) for row in rows),
    )


def _let_go(program: str, pid: int) -> str:
    """Work that has to take its time is waited for, and must not be ended by whoever copies."""
    if program.startswith("scoreboard-"):
        return f"Wait for {program} ({pid}): it is work of this scoreboard."
    if program in BACKUPS:
        return f"Wait for {program} ({pid}): it is a backup."
    return f"SELECT pg_terminate_backend({pid});"


async def check_dead_rows(session: Session, dead_rows: int = DEAD_ROWS) -> Verdict:
    """Whether VACUUM keeps up with the tables that change most."""
    rows = await session.fetch(load_query("doctor/read_dead_rows"), dead_rows)
    if not rows:
        return ok("VACUUM keeps up")
    described = ", ".join(f"{row['dead_rows']} in {row['name']}" for row in rows)
    return warning(
        f"more dead than live rows: {described}",
        " ".join(f"VACUUM {row['name']};" for row in rows),
    )


def check_transaction_ids(age: int) -> Verdict:
    """Whether transaction ids are frozen in time: without them no write is taken."""
    found = f"the oldest is {age:,} transactions old"
    remedy = "VACUUM (FREEZE); in the databases with the highest age(datfrozenxid)."
    if age > TRANSACTION_AGE_PROBLEM:
        return problem(f"{found}, and PostgreSQL stops at 2,140,000,000", remedy)
    return warning(found, remedy) if age > TRANSACTION_AGE_WARNING else ok(found)


def check_space(server: Server) -> Verdict:
    """The database's size, and the free space beside it where the server runs on this machine."""
    size = f"the database holds {describe_bytes(server.size_bytes)}"
    folder = Path(server.data_directory or "/nowhere")
    if not (folder / "PG_VERSION").is_file():
        return ok(f"{size}; its disk cannot be seen from here")
    usage = shutil.disk_usage(folder)
    return judge_space(f"{size}; {folder}", usage.free, usage.total)
