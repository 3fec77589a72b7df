"""Hot statements read by index, also on tables that grew after their plans were made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from scoreboard.ledger.statements import load_query
from scoreboard.ledger.writer import APPLY
from tests.checker import Connection
from tests.harness import new_user
from tests.ledger.increments import Draft, columns

ROWS = 20_000
FILL_TOTALS = """
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT 'main', gen_random_uuid(), n % 5000, 1, n, now() FROM generate_series(1, $1) AS n"""
FILL_NONCES = """
    INSERT INTO action_nonces (nonce, expires_at, event_id)
    SELECT md5(n::text), now(), n FROM generate_series(1, $1) AS n"""
SOMEBODY = """
    SELECT user_id FROM user_scores ORDER BY score DESC, reached LIMIT 1 OFFSET $1::bigint - 1"""
READ = """SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows
          FROM pg_stat_xact_user_tables"""


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
    nodes = await explain(filled, mode, "read_standings", ["main"] * 128, users)
    assert index_names(nodes) == {"user_scores_pkey", "user_scores_board_order"}
    assert "Seq Scan" not in {node["Node Type"] for node in nodes}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_neighbours_are_read_and_counted_in_the_index(filled: Connection, mode: str) -> None:
    users = [new_user() for _ in range(128)]
    nodes = await explain(filled, mode, "read_neighbours", "main", users, 5)
    assert index_names(nodes) == {"user_scores_pkey", "user_scores_board_order"}
    kinds = [node["Node Type"] for node in nodes]
    assert "Seq Scan" not in kinds
    # What stands above is counted without looking into the table: the ties and the others.
    assert kinds.count("Index Only Scan") == 2


async def test_neighbours_among_many_ties_are_read_without_the_other_ties(
    filled: Connection, stranger: Connection
) -> None:
    await filled.execute("UPDATE user_scores SET score = 7")
    await filled.execute("VACUUM (ANALYZE) user_scores")  # what is only counted is not read then
    users = [row["user_id"] for row in await filled.fetch(SOMEBODY, ROWS // 2)]
    async with stranger.transaction():
        (row,) = await stranger.fetch(load_query("read_neighbours"), "main", users, 5)
        read = {each["relname"]: each["rows"] for each in await stranger.fetch(READ)}
    assert (row["position"], row["rank"], len(row["users"])) == (ROWS // 2 - 5, 1, 11)
    assert 0 < read["user_scores"] < 50


async def test_neighbours_are_read_as_quickly_when_the_plan_is_older_than_the_rows(
    stranger: Connection, owner: Connection
) -> None:
    await stranger.execute("SET plan_cache_mode = force_generic_plan")
    await stranger.execute("SET enable_seqscan = off")  # as the service's sessions have it
    statement = await stranger.prepare(load_query("read_neighbours"))
    assert await statement.fetch("main", [new_user()], 5) == []
    # No ANALYZE, which would have the plan made anew.
    await owner.execute(FILL_TOTALS, ROWS)
    users = [row["user_id"] for row in await owner.fetch(SOMEBODY, 1)]
    async with stranger.transaction():
        assert len(await statement.fetch("main", users, 5)) == 1
        read = {row["relname"]: row["rows"] for row in await stranger.fetch(READ)}
    assert 0 < read["user_scores"] < 50


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_few_users_are_counted_in_the_index(filled: Connection, mode: str) -> None:
    await filled.execute("SET enable_seqscan = off")  # as the service's sessions have it
    nodes = await explain(filled, mode, "count_users", "main", 10_001)
    assert "Index Only Scan" in {node["Node Type"] for node in nodes}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_totals_are_scanned_along_the_primary_key(filled: Connection, mode: str) -> None:
    first = "00000000-0000-0000-0000-000000000000"
    nodes = await explain(filled, mode, "scan_totals", "main", first, 500)
    assert index_names(nodes) == {"user_scores_pkey"}
    # The page is sorted once it is read, the table never is.
    page = next(index for index, node in enumerate(nodes) if node["Node Type"] == "Limit")
    assert [node["Node Type"] for node in nodes[page + 1 :]][:1] == ["Index Scan"]


@pytest.mark.parametrize("kind", ["applied", "refused", "drawn-anew"])
async def test_a_batch_reads_as_little_when_its_plans_are_older_than_the_rows(
    kind: str, stranger: Connection, owner: Connection
) -> None:
    known = [Draft() for _ in range(50)]
    await stranger.fetch(APPLY, *columns(*known))
    for _ in range(8):  # as many as it takes until PostgreSQL keeps the plans
        await stranger.fetch(APPLY, *columns(*batch(kind, known)))
    # No ANALYZE, which would have the plans made anew.
    await owner.execute(FILL_TOTALS, ROWS)
    await owner.execute(FILL_NONCES, ROWS)
    async with stranger.transaction():
        await stranger.fetch(APPLY, *columns(*batch(kind, known)))
        read = {row["relname"]: row["rows"] for row in await stranger.fetch(READ)}
    assert read["user_scores"] > 0
    # The counts may hold the batches before as well: at most some hundred rows.
    assert {name: rows for name, rows in read.items() if rows >= ROWS} == {}


def batch(kind: str, known: list[Draft]) -> list[Draft]:
    """Known and new users, whose items end in a way that has the statement write more."""
    drafts = [Draft(user_id=each.user_id) for each in known] + [Draft() for _ in range(50)]
    if kind == "refused":
        return [replace(each, life_s=-1) for each in drafts]
    if kind == "drawn-anew":  # the first with a nonce is refused, the second is applied
        return [*(replace(each, expected_version=9999) for each in drafts), *drafts]
    return drafts


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
