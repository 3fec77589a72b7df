"""What RabbitMQ and Redis promise alike."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.bus.choose import open_bus
from scoreboard.bus.protocol import ViewMessage
from scoreboard.bus.rabbitmq import RabbitMQBus
from scoreboard.bus.redis import RedisBus
from scoreboard.domain.errors import BusUnavailable
from scoreboard.settings import Settings
from tests.bus.conftest import MakeBus, proxy_to, running, until
from tests.bus.examples import view, wake

QUICKLY_S = 2.0


async def test_a_view_reaches_every_bus_unchanged(make_bus: MakeBus, server_url: str) -> None:
    here, there = make_bus(server_url), make_bus(server_url)
    async with running(here) as mine, running(there) as theirs:
        await here.publish_view(view(1))
        await here.publish_view(view(2, changed_us=None))
        for inbox in (mine, theirs):
            assert await inbox.next_view() == view(1)
            assert await inbox.next_view() == view(2, changed_us=None)


async def test_a_wake_reaches_another_bus(make_bus: MakeBus, server_url: str) -> None:
    here, there = make_bus(server_url), make_bus(server_url)
    async with running(here), running(there) as theirs:
        await here.publish_wake(wake())
        assert await theirs.next_wake() == wake()


async def test_views_of_one_sender_arrive_in_order(make_bus: MakeBus, server_url: str) -> None:
    bus = make_bus(server_url)
    async with running(bus) as inbox:
        for version in range(500):
            await bus.publish_view(view(version))
        received = [(await inbox.next_view()).version for _ in range(500)]
    assert received == list(range(500))


async def test_a_bus_that_does_not_run_is_unavailable(make_bus: MakeBus, server_url: str) -> None:
    bus = make_bus(server_url)
    assert not bus.is_connected
    with pytest.raises(BusUnavailable):
        await bus.publish_view(view(1))
    with pytest.raises(BusUnavailable):
        await bus.publish_wake(wake())


async def test_a_bus_started_while_its_server_is_down_connects_later(
    make_bus: MakeBus, server_url: str
) -> None:
    async with proxy_to(server_url) as (proxy, url):
        await proxy.cut()
        bus = make_bus(url)
        async with running(bus, connected=False) as inbox:
            with pytest.raises(BusUnavailable):
                await bus.publish_view(view(1))
            await proxy.restore()
            await until(lambda: bus.is_connected)
            await bus.publish_view(view(2))
            assert await inbox.next_view() == view(2)


async def test_a_cut_connection_is_told_at_once_and_comes_back_subscribed(
    make_bus: MakeBus, server_url: str
) -> None:
    far = make_bus(server_url)
    async with proxy_to(server_url) as (proxy, url), running(far) as far_inbox:
        bus = make_bus(url)
        async with running(bus) as inbox:
            for version in (1, 2):
                await proxy.cut()
                await until(lambda: not bus.is_connected)
                async with asyncio.timeout(QUICKLY_S):
                    with pytest.raises(BusUnavailable):
                        await bus.publish_view(view(99))
                await proxy.restore()
                await until(lambda: bus.is_connected)
                await bus.publish_view(view(version))
                assert await inbox.next_view() == view(version)
                assert await far_inbox.next_view() == view(version)


async def test_a_run_cancelled_while_its_server_is_down_leaves_nothing(
    make_bus: MakeBus, server_url: str
) -> None:
    async with proxy_to(server_url) as (proxy, url):
        await proxy.cut()
        async with asyncio.timeout(QUICKLY_S), running(make_bus(url), connected=False):
            await asyncio.sleep(0)


async def test_a_run_cancelled_at_any_turn_of_its_start_leaves_nothing(
    make_bus: MakeBus, server_url: str
) -> None:
    for turns in range(50):
        async with running(make_bus(server_url), connected=False):
            for _ in range(turns):
                await asyncio.sleep(0)


async def test_a_run_cancelled_while_a_silent_server_is_asked_leaves_nothing(
    make_bus: MakeBus, server_url: str
) -> None:
    async with proxy_to(server_url) as (proxy, url):
        proxy.pause()
        async with running(make_bus(url), connected=False):
            await until(lambda: proxy.accepted == 1)


async def test_a_run_cancelled_while_its_server_hangs_ends_in_time(
    make_bus: MakeBus, server_url: str
) -> None:
    async with proxy_to(server_url) as (proxy, url):
        bus = make_bus(url)
        async with asyncio.timeout(5.0), running(bus):
            proxy.pause()


async def test_an_exception_of_a_subscriber_ends_the_run(
    make_bus: MakeBus, server_url: str
) -> None:
    def refuse(_: ViewMessage) -> None:
        raise ZeroDivisionError

    bus = make_bus(server_url)
    task = asyncio.create_task(bus.run(refuse, lambda _: None))
    await until(lambda: bus.is_connected)
    await bus.publish_view(view(1))
    with pytest.raises(ZeroDivisionError):
        await task
    assert not bus.is_connected


def test_the_amqp_url_chooses_rabbitmq_and_its_absence_redis() -> None:
    redis_url = "redis://127.0.0.1"
    assert isinstance(open_bus(Settings(redis_url=redis_url)), RedisBus)
    both = Settings(redis_url=redis_url, amqp_url="amqp://127.0.0.1")
    assert isinstance(open_bus(both), RabbitMQBus)


def test_only_rabbitmq_carries_updates(make_bus: MakeBus, transport: str) -> None:
    assert make_bus("redis://127.0.0.1").carries_updates == (transport == "rabbitmq")
