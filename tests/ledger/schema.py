"""The schema as one text: `python -m tests.ledger.schema` writes it to sql/schema.sql."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from cli.embedded.binaries import find_postgres
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.process import run
from scoreboard.ledger.migrations import migrate
from tests.checker import connect

SNAPSHOT = Path(__file__).parents[2] / "sql" / "schema.sql"
HEAD = """\
-- What the migrations lead to, for readers and reviewers; a test compares the two. Nothing reads it
-- when the service runs: `scoreboard db migrate` does.
-- Regenerate it (PostgreSQL 18) after a change of a migration: python -m tests.ledger.schema

"""
# Comments, session settings, and the guards that pg_dump puts around its text.
_NOISE = re.compile(r"^(--.*|SET .*;|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$")


def dump_schema(database_url: str) -> str:
    """The text of pg_dump less what differs from run to run."""
    options = ("--schema-only", "--no-owner", "--dbname", database_url)
    dumped = run([str(find_postgres() / "pg_dump"), *options])
    assert dumped.returncode == 0, dumped.stderr
    kept = [line for line in dumped.stdout.splitlines() if not is_noise(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


def is_noise(line: str) -> bool:
    """Whether a line says nothing about the schema; comments inside functions are indented."""
    return _NOISE.match(line) is not None


def read_snapshot() -> str:
    """The text in the repository, less its head."""
    text = SNAPSHOT.read_text("utf-8")
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD)


async def build_from_snapshot(database_url: str) -> None:
    """Makes the schema from the text alone."""
    async with connect(database_url) as connection:
        # pg_dump lists functions before the tables that they name.
        await connection.execute("SET check_function_bodies = off")
        await connection.execute(read_snapshot())


def main() -> None:
    """Write the snapshot anew."""
    with (
        tempfile.TemporaryDirectory(prefix="scoreboard-schema-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        asyncio.run(migrate(server.url()))
        SNAPSHOT.write_text(HEAD + dump_schema(server.url()), "utf-8")


if __name__ == "__main__":
    main()
