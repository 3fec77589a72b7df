"""The snapshot, the migrations and a database made from either agree."""

from __future__ import annotations

import asyncio

from tests.ledger.schema import build_from_snapshot, dump_schema, read_snapshot


async def test_the_snapshot_is_what_the_migrations_lead_to(database_url: str) -> None:
    dumped = await asyncio.to_thread(dump_schema, database_url)
    assert dumped == read_snapshot(), "run: python -m tests.ledger.schema"


async def test_a_database_built_from_the_snapshot_is_the_same(
    template_database: str, empty_database_url: str
) -> None:
    assert template_database  # its migration made the role that the snapshot grants rights to
    await build_from_snapshot(empty_database_url)
    assert await asyncio.to_thread(dump_schema, empty_database_url) == read_snapshot()
