"""Hot statements read by index, also on tables that grew after their plans were made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scoreboard.ledger.statements import load_query
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.checker import Connection
from tests.harness import new_user
from tests.ledger.increments import Draft, apply, columns

ROWS = 20_000
FILL_TOTALS = """
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT 'main', gen_random_uuid(), n % 5000, 1, n, now() FROM generate_series(1, $1) AS n"""
FILL_NONCES = """
    INSERT INTO action_nonces (nonce, expires_at, event_id)
    SELECT md5(n::text), now(), n FROM generate_series(1, $1) AS n"""
SCANS = """SELECT relname, seq_scan FROM pg_stat_xact_user_tables
           WHERE seq_scan > 0 AND relname <> 'boards'"""


@pytest.fixture
async def filled(owner: Connection) -> Connection:
    """Return a connection to a ledger of many users."""
    await owner.execute(FILL_TOTALS, ROWS)
    await owner.execute("VACUUM (ANALYZE) user_scores")
    return owner


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_the_top_is_read_from_the_index_in_its_order(filled: Connection, mode: str) -> None:
    nodes = await explain(filled, mode, "read_top", "main", 50)
    assert [(node["Node Type"], node.get("Index Name")) for node in nodes] == [
        ("Limit", None),
        ("Index Scan", "user_scores_board_order"),
    ]


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_a_rank_is_counted_in_the_index(filled: Connection, mode: str) -> None:
    nodes = await explain(filled, mode, "read_standing", "main", new_user())
    assert index_names(nodes) == {"user_scores_pkey", "user_scores_board_order"}
    assert "Seq Scan" not in {node["Node Type"] for node in nodes}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_many_ranks_are_counted_in_the_index(filled: Connection, mode: str) -> None:
    users = [new_user() for _ in range(128)]
    nodes = await explain(filled, mode, "read_ranks", ["main"] * 128, users)
    assert index_names(nodes) == {"user_scores_pkey", "user_scores_board_order"}
    assert "Seq Scan" not in {node["Node Type"] for node in nodes}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_totals_are_scanned_along_the_primary_key(filled: Connection, mode: str) -> None:
    first = "00000000-0000-0000-0000-000000000000"
    nodes = await explain(filled, mode, "scan_totals", "main", first, 500)
    assert index_names(nodes) == {"user_scores_pkey"}
    # The page is sorted once it is read, the table never is.
    page = next(index for index, node in enumerate(nodes) if node["Node Type"] == "Limit")
    assert [node["Node Type"] for node in nodes[page + 1 :]][:1] == ["Index Scan"]


async def test_a_batch_scans_no_table_also_when_its_plans_are_older_than_the_rows(
    stranger: Connection, filled: Connection, writer: LedgerWriter
) -> None:
    known = [Draft() for _ in range(20)]
    await apply(writer, *known)
    for _ in range(8):  # as many as it takes until PostgreSQL keeps the plans
        await stranger.fetch(APPLY, *columns(Draft(), Draft()))
    await filled.execute(FILL_NONCES, ROWS)
    await filled.execute("VACUUM (ANALYZE)")
    async with stranger.transaction():
        await stranger.fetch(APPLY, *columns(*known, *(Draft() for _ in range(20))))
        scanned = await stranger.fetch(SCANS)
    assert [tuple(row) for row in scanned] == []


async def explain(
    connection: Connection, mode: str, query: str, *arguments: object
) -> list[dict[str, Any]]:
    """Every node of the query's plan."""
    await connection.execute(f"SET plan_cache_mode = {mode}")
    statement = f"EXPLAIN (FORMAT JSON) {load_query(query)}"
    (plan,) = json.loads(await connection.fetchval(statement, *arguments))
    return list(_walk(plan["Plan"]))


def index_names(nodes: list[dict[str, Any]]) -> set[str]:
    """The indexes that a plan uses."""
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)
