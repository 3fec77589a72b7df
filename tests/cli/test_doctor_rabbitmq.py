"""`scoreboard doctor` on a RabbitMQ that is really in the wrong state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from cli.doctor.rabbitmq import check_version, rabbitmq_examination
from scoreboard.bus.rabbitmq import RabbitMQBus
from scoreboard.bus.topology import EXCHANGES, UPDATES
from tests.bus.conftest import proxy_to, running
from tests.cli.diagnosis import OK, PROBLEM, WARNING, look, told
from tests.harness import Backends


@pytest.fixture
async def channel(amqp_url: str) -> AsyncIterator[AbstractChannel]:
    """Return a channel of the operator's, in a virtual host without exchanges."""
    async with operator(amqp_url) as opened:
        for name in EXCHANGES:
            await opened.exchange_delete(name)
        yield opened
        for name in EXCHANGES:
            await opened.exchange_delete(name)


@asynccontextmanager
async def operator(url: str) -> AsyncIterator[AbstractChannel]:
    """A plain channel."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as opened:
        yield opened


@pytest.mark.usefixtures("channel")
async def test_exchanges_are_missing_until_an_instance_has_made_them(
    amqp_url: str, backends: Backends
) -> None:
    examination = rabbitmq_examination(backends.settings(amqp_url=amqp_url))
    before = told(await look(examination))
    assert {name: each.status for name, each in before.items()} == {"rabbitmq-exchanges": WARNING}
    assert all(name in before["rabbitmq-exchanges"].found for name in EXCHANGES)
    # Looking has made none.
    assert told(await look(examination)) == before
    async with running(RabbitMQBus(amqp_url)):
        assert told(await look(examination)) == {}


async def test_an_exchange_of_another_form_is_found_until_it_is_deleted(
    amqp_url: str, backends: Backends, channel: AbstractChannel
) -> None:
    examination = rabbitmq_examination(backends.settings(amqp_url=amqp_url))
    await channel.declare_exchange(UPDATES, "fanout", durable=True)
    found = (await look(examination))["rabbitmq-exchanges"]
    assert found.status is PROBLEM
    assert UPDATES in found.found
    assert f"delete exchange name={UPDATES}" in (found.remedy or "")
    await channel.exchange_delete(UPDATES)
    assert (await look(examination))["rabbitmq-exchanges"].status is WARNING


async def test_a_broker_that_takes_no_messages_is_found(amqp_url: str, backends: Backends) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        examination = rabbitmq_examination(backends.settings(amqp_url=url))
        looking = asyncio.create_task(look(examination, limit_s=30))
        # As under an alarm: everything is answered, until something is published.
        await proxy.wait_until_sent(b"scoreboard.doctor.", 1)
        proxy.pause()
        found = await looking
        proxy.resume()
    assert found["rabbitmq"].status is OK
    assert found["rabbitmq-alarm"].status is PROBLEM
    assert "confirms no message" in found["rabbitmq-alarm"].found


async def test_a_connection_that_is_lost_half_way_is_told(
    amqp_url: str, backends: Backends
) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        examination = rabbitmq_examination(backends.settings(amqp_url=url))
        looking = asyncio.create_task(look(examination))
        await proxy.wait_until_sent(UPDATES.encode(), 1)
        await proxy.cut()
        found = await looking
        await proxy.restore()
    assert found["rabbitmq"].status is OK
    assert {found[name].status for name in found} <= {OK, WARNING, PROBLEM}
    assert told(found)


async def test_a_server_that_is_away_is_told_once_and_without_its_password(
    backends: Backends,
) -> None:
    settings = backends.settings(amqp_url="amqp://me:canary@127.0.0.1:1/")
    found = await look(rabbitmq_examination(settings))
    assert found["rabbitmq"].status is PROBLEM
    assert "RabbitMQ at 127.0.0.1 cannot be used" in found["rabbitmq"].found
    assert found["rabbitmq"].remedy == "Start it or correct SCOREBOARD_AMQP_URL."
    assert "canary" not in repr(found)


async def test_a_wrong_password_is_told_and_not_repeated(amqp_url: str, backends: Backends) -> None:
    url = amqp_url.replace("guest:guest", "guest:canary", 1)
    found = await look(rabbitmq_examination(backends.settings(amqp_url=url)))
    assert found["rabbitmq"].status is PROBLEM
    assert "ACCESS_REFUSED" in found["rabbitmq"].found
    assert "canary" not in repr(found)


async def test_a_server_that_hangs_costs_the_limit(amqp_url: str, backends: Backends) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        proxy.pause()
        settings = backends.settings(amqp_url=url)
        async with asyncio.timeout(10):
            found = await look(rabbitmq_examination(settings), limit_s=0.3)
        proxy.resume()
    assert found["rabbitmq"].found == "no answer within 0.3 s"


async def test_without_rabbitmq_several_instances_are_warned_of(backends: Backends) -> None:
    alone = await look(rabbitmq_examination(backends.settings()))
    assert {name: each.status for name, each in alone.items()} == {"rabbitmq": OK}
    several = await look(rabbitmq_examination(backends.settings(instances=3)))
    assert several["rabbitmq"].status is WARNING
    assert "SCOREBOARD_AMQP_URL" in (several["rabbitmq"].remedy or "")


def test_an_older_release_is_refused() -> None:
    assert check_version({"product": b"RabbitMQ", "version": b"3.9.29"}).status is PROBLEM
    assert check_version({"product": "RabbitMQ", "version": "4.1.0-rc.1"}).status is OK
