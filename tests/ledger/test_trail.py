"""The audit trail is read page by page, each in bounded time however long it has grown."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from scoreboard.domain.acts import ActKind
from scoreboard.ledger.acts import LOOKED_AT_MAX, ActFilter, ActLedger
from scoreboard.ledger.database import Database
from tests.checker import Connection
from tests.harness import new_user
from tests.ledger.acts import MODERATOR, add

READS = """
    INSERT INTO acts (act_id, kind, outcome, board_id, user_id, parameters, actor, scopes, origin,
                      created_at)
    SELECT nextval('act_ids') + 1, 'read_acts', 'applied', 'main', gen_random_uuid(), '{}',
           'a reader', '{moderator}', 'rest', now()
    FROM generate_series(1, $1)"""
READ_ROWS = """
    SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
    FROM pg_stat_xact_user_tables WHERE relname = 'acts'"""


@pytest.fixture
def ledger(database: Database) -> ActLedger:
    """Return the one that records acts and finds them."""
    return ActLedger(database.write)


async def read_often(owner: Connection, times: int) -> None:
    """So many reads in the trail, each about somebody else."""
    await owner.execute(READS, times)
    await owner.execute("ANALYZE acts")


async def test_a_page_looks_through_so_many_acts_and_says_where_to_go_on(
    ledger: ActLedger, owner: Connection
) -> None:
    first = await add(ledger, new_user(), 5)
    await read_often(owner, LOOKED_AT_MAX)
    wanted = ActFilter(kind=ActKind.BONUS)
    page = await ledger.find_page(wanted, 3)
    assert (page.acts, page.following) == ([], first.act_id + 3)
    rest = await ledger.find_page(replace(wanted, below_id=page.following), 3)
    assert ([act.act_id for act in rest.acts], rest.following) == ([first.act_id], None)
    assert await ledger.find(wanted, 3) == rest.acts


@pytest.mark.parametrize("by", ["user_id", "actor"])
async def test_what_is_looked_through_is_the_users_or_the_actors(
    ledger: ActLedger, owner: Connection, by: str
) -> None:
    alice = new_user()
    await add(ledger, alice, 5)
    await read_often(owner, LOOKED_AT_MAX)
    wanted = ActFilter(user_id=alice) if by == "user_id" else ActFilter(actor=MODERATOR.subject)
    page = await ledger.find_page(wanted, 3)
    assert ([act.user_id for act in page.acts], page.following) == ([alice], None)


async def test_a_full_page_says_where_it_ends_also_with_what_it_looked_at_last(
    ledger: ActLedger, owner: Connection
) -> None:
    await read_often(owner, LOOKED_AT_MAX)
    wanted = ActFilter(kind=ActKind.READ_ACTS)
    for limit in (1, LOOKED_AT_MAX, LOOKED_AT_MAX + 1):
        for each in (wanted, ActFilter()):
            page = await ledger.find_page(each, limit)
            assert len(page.acts) == min(limit, LOOKED_AT_MAX)
            assert page.following == page.acts[-1].act_id
    end = await ledger.find_page(replace(wanted, below_id=page.following), 1)
    assert (end.acts, end.following) == ([], None)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (ActFilter(), 100),
        (ActFilter(actor="a reader"), 100),
        (ActFilter(user_id=new_user()), 0),
        (ActFilter(actor="nobody", kind=ActKind.VOID), 0),
        (ActFilter(user_id=new_user(), actor="a reader"), 0),
        (ActFilter(kind=ActKind.VOID), LOOKED_AT_MAX),
    ],
)
async def test_no_more_is_read_than_a_page_looks_through(
    owner: Connection, mode: str, wanted: ActFilter, rows: int
) -> None:
    await read_often(owner, 6 * LOOKED_AT_MAX)
    await owner.execute(f"SET plan_cache_mode = {mode}")
    async with owner.transaction():
        before = await owner.fetchval(READ_ROWS)
        await ActLedger(owner.fetch).find_page(wanted, 50)
        # The planner looks up the ends of an index.
        assert rows <= await owner.fetchval(READ_ROWS) - before <= rows + 10
