"""Leases: one holder at a time by the database's clock, and a term that tells holders apart."""

from __future__ import annotations

import asyncio

from scoreboard.ledger.database import Database
from scoreboard.ledger.leases import Lease
from tests.checker import Connection, until

LIFE_S = 60.0
RUN_OUT = "UPDATE leases SET expires_at = clock_timestamp() - interval '1 millisecond'"


def lease(database: Database, holder: str, name: str = "relay", life_s: float = LIFE_S) -> Lease:
    """The lease as this holder sees it."""
    return Lease(database, name, holder, life_s)


async def test_a_lease_has_one_holder_who_renews_it_under_the_same_term(
    database: Database,
) -> None:
    mine, yours = lease(database, "a"), lease(database, "b")
    assert await mine.take() == 1
    assert await yours.take() is None
    assert await mine.take() == 1


async def test_a_lease_that_ran_out_goes_to_another_under_a_higher_term(
    database: Database, owner: Connection
) -> None:
    mine, yours = lease(database, "a"), lease(database, "b")
    await mine.take()
    await owner.execute(RUN_OUT)
    assert await yours.take() == 2
    assert await mine.take() is None
    await owner.execute(RUN_OUT)
    assert await mine.take() == 3


async def test_a_lease_that_ran_out_untaken_goes_on_under_its_term(
    database: Database, owner: Connection
) -> None:
    mine = lease(database, "a")
    await mine.take()
    await owner.execute(RUN_OUT)
    assert await mine.take() == 1


async def test_a_lease_runs_out_by_the_databases_clock_alone(database: Database) -> None:
    assert await lease(database, "a", life_s=0.2).take() == 1
    yours = lease(database, "b")
    assert await yours.take() is None

    async def is_taken() -> bool:
        return await yours.take() == 2

    await until(is_taken)


async def test_a_renewal_prolongs_the_lease(database: Database, owner: Connection) -> None:
    mine = lease(database, "a")
    await mine.take()
    before = await owner.fetchval("SELECT expires_at FROM leases")
    await mine.take()
    assert await owner.fetchval("SELECT expires_at FROM leases") > before


async def test_a_released_lease_is_free_at_once(database: Database) -> None:
    mine, yours = lease(database, "a"), lease(database, "b")
    await mine.take()
    await mine.release()
    assert await yours.take() == 2


async def test_only_the_holder_can_release(database: Database) -> None:
    mine, yours = lease(database, "a"), lease(database, "b")
    await mine.take()
    await yours.release()
    assert await yours.take() is None


async def test_leases_of_other_names_are_independent(database: Database) -> None:
    assert await lease(database, "a", "one").take() == 1
    assert await lease(database, "b", "two").take() == 1


async def test_of_many_who_ask_at_once_one_gets_the_lease(
    database: Database, owner: Connection
) -> None:
    for round_number in range(1, 11):
        leases = [lease(database, f"{round_number}-{i}") for i in range(8)]
        terms = await asyncio.gather(*(each.take() for each in leases))
        assert [term for term in terms if term is not None] == [round_number]
        await owner.execute(RUN_OUT)
