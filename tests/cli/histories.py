"""Histories for the commands that read and move them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.checker import connect
from tests.conftest import url_of

EVENTS = "SELECT * FROM score_events ORDER BY event_id"
TOTALS = "SELECT * FROM user_scores ORDER BY board_id, user_id"


@asynccontextmanager
async def empty_database(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """The owner's URL of one more database, with a schema and nothing in it."""
    name = f"copy_{uuid.uuid4().hex}"
    async with connect(postgres_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
        yield url_of(postgres_url, name)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def read_history(database_url: str) -> list[list[Any]]:
    """Every event and every total."""
    async with connect(database_url) as connection:
        return [await connection.fetch(query) for query in (EVENTS, TOTALS)]
