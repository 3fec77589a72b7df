"""One relay leads: it works under the lease, stops when it may have lost it, and comes back."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scoreboard.domain.errors import LeaseLost, StorageUnavailable
from scoreboard.ledger.database import Database, open_database
from scoreboard.ledger.leases import Lease
from scoreboard.relay.leader import Leader
from scoreboard.settings import Settings
from scoreboard.telemetry.metrics import Metrics
from tests.checker import PATIENCE_S, Connection, connect, until
from tests.harness import Backends
from tests.ledger.outages import proxied

LEASE_S = 0.6
TAKE_AWAY = """UPDATE leases SET holder = 'thief', term = term + 1,
               expires_at = clock_timestamp() + interval '1 hour'"""
RUN_OUT = "UPDATE leases SET expires_at = clock_timestamp()"


@dataclasses.dataclass
class Relay:
    """A leader whose work is to be seen working."""

    leader: Leader
    terms: list[int] = dataclasses.field(default_factory=list)
    is_working: bool = False
    is_refused: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    async def work(self, term: int) -> None:
        """Until cancelled, or refused as outdated."""
        self.terms.append(term)
        self.is_working = True
        try:
            await self.is_refused.wait()
            self.is_refused.clear()
            raise LeaseLost
        finally:
            self.is_working = False

    async def until_working(self, *, works: bool = True) -> None:
        """Returns once it works, or no longer does."""

        async def is_so() -> bool:
            return self.is_working is works

        await until(is_so)


@asynccontextmanager
async def relaying(database: Database, settings: Settings, holder: str) -> AsyncIterator[Relay]:
    """A relay that runs inside."""
    lease = Lease(database, "relay", holder, settings.lease_s)
    relay = Relay(Leader(lease, Metrics(), settings))
    running = asyncio.create_task(relay.leader.run(relay.work))
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.wait([running])
        assert not relay.is_working


@pytest.fixture
def settings(backends: Backends) -> Settings:
    """Return settings with a short lease."""
    return backends.settings(lease_s=LEASE_S, lease_renew_s=0.05)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Return the service's pool."""
    async with open_database(settings) as opened:
        yield opened


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """Return a connection of the schema's owner."""
    async with connect(database_url) as connection:
        yield connection


async def test_one_of_two_works_and_the_other_takes_over_when_it_ends(
    database: Database, settings: Settings
) -> None:
    async with relaying(database, settings, "a") as first:
        await first.until_working()
        async with relaying(database, settings, "b") as second:
            # Several renewals: the lease would have run out without them.
            await _pass_time(database, LEASE_S * 1.5)
            assert (first.terms, second.terms) == ([1], [])
    async with relaying(database, settings, "c") as third:
        await third.until_working()
    assert third.terms == [2]


async def test_a_leader_whose_lease_is_taken_away_stops_and_leads_again_under_a_higher_term(
    database: Database, settings: Settings, owner: Connection
) -> None:
    async with relaying(database, settings, "a") as relay:
        await relay.until_working()
        await owner.execute(TAKE_AWAY)
        await relay.until_working(works=False)
        await owner.execute(RUN_OUT)
        await relay.until_working()
    assert relay.terms == [1, 3]


async def test_a_leader_that_hears_nothing_stops_when_its_lease_is_over(
    settings: Settings, database_url: str, database: Database
) -> None:
    # The database's time limit is far longer than the lease.
    async with (
        proxied(database_url) as (proxy, url),
        open_database(dataclasses.replace(settings, database_url=url)) as far,
        relaying(far, settings, "a") as first,
    ):
        await first.until_working()
        proxy.pause()
        async with asyncio.timeout(LEASE_S + 0.5):
            await first.until_working(works=False)
        async with relaying(database, settings, "b") as second:
            await second.until_working()
            assert second.terms == [2]
            proxy.resume()


async def test_a_leader_rides_out_a_short_outage(settings: Settings, database_url: str) -> None:
    async with proxied(database_url) as (proxy, url):
        patient = dataclasses.replace(settings, database_url=url, lease_s=30.0)
        async with open_database(patient) as far, relaying(far, patient, "a") as relay:
            await relay.until_working()
            await proxy.cut()
            with pytest.raises(StorageUnavailable):
                await Lease(far, "relay", "a", 30.0).take()
            await proxy.restore()
            await Lease(far, "relay", "a", 30.0).take()
            assert relay.is_working
    assert relay.terms == [1]


async def test_work_that_is_refused_as_outdated_ends_and_begins_anew(
    database: Database, settings: Settings
) -> None:
    async with relaying(database, settings, "a") as relay:
        await relay.until_working()
        relay.is_refused.set()

        async def works_again() -> bool:
            return len(relay.terms) == 2

        await until(works_again)


async def test_an_unexpected_exception_of_the_work_ends_the_leader_and_frees_the_lease(
    database: Database, settings: Settings
) -> None:
    async def work(_term: int) -> None:
        raise ZeroDivisionError

    lease = Lease(database, "relay", "a", 60.0)
    with pytest.raises(ExceptionGroup) as failed:
        await Leader(lease, Metrics(), settings).run(work)
    assert failed.group_contains(ZeroDivisionError)
    assert await Lease(database, "relay", "b", 60.0).take() == 2


async def test_an_instance_that_may_not_lead_leaves_the_lease_alone(
    backends: Backends, database: Database, owner: Connection
) -> None:
    settings = backends.settings(roles=("api", "gateway"))
    relay = Relay(Leader(Lease(database, "relay", "a", LEASE_S), Metrics(), settings))
    async with asyncio.timeout(PATIENCE_S):
        await relay.leader.run(relay.work)
    assert relay.terms == []
    assert await owner.fetchval("SELECT count(*) FROM leases") == 0


async def _pass_time(database: Database, seconds: float) -> None:
    """By the database's clock, which leases go by."""
    await database.fetch("SELECT pg_sleep($1)", seconds)
