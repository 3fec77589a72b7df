"""What only RabbitMQ promises: updates for other services, and how its failures are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from scoreboard.bus import topology
from scoreboard.bus.messages import view_properties
from scoreboard.bus.rabbitmq import RabbitMQBus
from scoreboard.domain.errors import BusUnavailable
from scoreboard.domain.identifiers import UserId
from tests.bus.conftest import PATIENCE_S, proxy_to, running, until
from tests.bus.examples import USER, update, view, wake

SHORT_S = 0.2
QUICKLY_S = 2.0


@asynccontextmanager
async def other_service(url: str) -> AsyncIterator[AbstractChannel]:
    """A plain channel of somebody else's."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        yield channel


async def bind(channel: AbstractChannel, key: str, **arguments: Any) -> AbstractQueue:
    """A queue that other services would bind to the updates."""
    queue = await channel.declare_queue(exclusive=True, arguments=arguments)
    await queue.bind(topology.UPDATES, key)
    return queue


async def take(queue: AbstractQueue, count: int) -> Sequence[AbstractIncomingMessage]:
    """The next messages of a queue."""
    async with asyncio.timeout(PATIENCE_S), queue.iterator(no_ack=True) as messages:
        return [await anext(messages) for _ in range(count)]


async def test_an_update_has_exactly_the_form_of_the_contract(amqp_url: str) -> None:
    bus = RabbitMQBus(amqp_url)
    async with running(bus), other_service(amqp_url) as channel:
        queue = await bind(channel, f"main.{USER}")
        await bus.publish_updates([update(42)])
        (message,) = await take(queue, 1)
    assert json.loads(message.body) == {
        "userId": USER,
        "score": 790,
        "rank": 7,
        "updatedAt": "2026-01-01T00:00:00.000042Z",
    }
    assert message.message_id == "42"
    assert message.routing_key == f"main.{USER}"
    assert message.exchange == "scoreboard.updates"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert message.content_type == "application/json"
    assert message.timestamp == datetime(2026, 1, 1, tzinfo=UTC)
    assert message.headers == {
        "board": "main",
        "version": 42,
        "delta": -5,
        "source": "quiz:round-3",
    }


async def test_whole_seconds_keep_their_microseconds(amqp_url: str) -> None:
    bus = RabbitMQBus(amqp_url)
    async with running(bus), other_service(amqp_url) as channel:
        queue = await bind(channel, "main.*")
        await bus.publish_updates([update(0)])
        (message,) = await take(queue, 1)
    assert json.loads(message.body)["updatedAt"] == "2026-01-01T00:00:00.000000Z"


async def test_updates_of_one_user_keep_their_order_over_many_windows(amqp_url: str) -> None:
    numbers = range(1, 2001)
    bus = RabbitMQBus(amqp_url)
    async with running(bus), other_service(amqp_url) as channel:
        queue = await bind(channel, f"*.{USER}")
        await bus.publish_updates([update(number) for number in numbers])
        messages = await take(queue, len(numbers))
    assert [message.message_id for message in messages] == [str(number) for number in numbers]


async def test_publishers_at_the_same_time_take_turns(amqp_url: str) -> None:
    bus = RabbitMQBus(amqp_url)
    async with running(bus), other_service(amqp_url) as channel:
        queue = await bind(channel, "#")
        batches = [[update(first + step) for step in range(700)] for first in (0, 1000, 2000)]
        await asyncio.gather(*(bus.publish_updates(batch) for batch in batches))
        messages = await take(queue, 2100)
    ids = [int(message.message_id or "") for message in messages]
    assert ids == [each.total.reached for batch in batches for each in batch]


async def test_that_nobody_listens_to_updates_is_no_failure(amqp_url: str) -> None:
    bus = RabbitMQBus(amqp_url)
    async with running(bus):
        await bus.publish_updates([update(1)])
        await bus.publish_updates([])
        assert bus.is_connected


async def test_a_message_that_the_broker_refuses_makes_the_bus_unavailable(amqp_url: str) -> None:
    bus = RabbitMQBus(amqp_url)
    async with running(bus), other_service(amqp_url) as channel:
        limits = {"x-max-length": 1, "x-overflow": "reject-publish"}
        queue = await bind(channel, "#", **limits)
        with pytest.raises(BusUnavailable):
            await bus.publish_updates([update(number) for number in range(5)])
        await queue.purge()
        await bus.publish_updates([update(6)])


async def test_one_refused_message_among_others_makes_the_bus_unavailable(amqp_url: str) -> None:
    bus, other = RabbitMQBus(amqp_url), UserId(USER.replace("0", "1"))
    async with running(bus), other_service(amqp_url) as channel:
        limits = {"x-max-length": 1, "x-overflow": "reject-publish"}
        await bind(channel, f"main.{USER}", **limits)
        await bind(channel, f"main.{other}")
        await bus.publish_updates([update(1)])
        taken = [update(number, other) for number in range(500)]
        with pytest.raises(BusUnavailable):
            await bus.publish_updates([update(2), *taken])
        await bus.publish_updates(taken)


async def test_a_missing_exchange_makes_the_bus_unavailable_until_it_is_declared_again(
    amqp_url: str,
) -> None:
    bus = RabbitMQBus(amqp_url)
    async with running(bus) as inbox, other_service(amqp_url) as channel:
        await channel.exchange_delete(topology.UPDATES)
        with pytest.raises(BusUnavailable):
            await bus.publish_updates([update(1)])
        await until(lambda: bus.is_connected)
        await bus.publish_updates([update(1)])
        await bus.publish_wake(wake())
        assert await inbox.next_wake() == wake()


async def test_an_exchange_of_another_form_keeps_the_bus_away_without_ending_it(
    amqp_url: str,
) -> None:
    async with other_service(amqp_url) as channel, proxy_to(amqp_url) as (proxy, url):
        await channel.exchange_delete(topology.SNAPSHOTS)
        await channel.declare_exchange(topology.SNAPSHOTS, "direct")
        bus = RabbitMQBus(url)
        async with running(bus, connected=False):
            await proxy.wait_until_sent(topology.SNAPSHOTS.encode(), 2)
            assert not bus.is_connected
            await channel.exchange_delete(topology.SNAPSHOTS)
            await until(lambda: bus.is_connected)


async def test_publishing_while_the_broker_is_down_fails_quickly(amqp_url: str) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        bus = RabbitMQBus(url)
        async with running(bus):
            await proxy.cut()
            async with asyncio.timeout(QUICKLY_S):
                with pytest.raises(BusUnavailable):
                    await bus.publish_updates([update(1)])


async def test_a_connection_cut_before_the_confirm_makes_the_bus_unavailable(
    amqp_url: str,
) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        bus = RabbitMQBus(url)
        async with running(bus):
            proxy.pause()
            publishing = asyncio.create_task(bus.publish_updates([update(1)]))
            await proxy.wait_until_sent(b'"userId"', 1)
            await proxy.cut()
            async with asyncio.timeout(QUICKLY_S):
                with pytest.raises(BusUnavailable):
                    await publishing


async def test_a_broker_that_hangs_is_noticed_and_its_return_too(amqp_url: str) -> None:
    async with proxy_to(amqp_url) as (proxy, url), other_service(amqp_url) as channel:
        bus = RabbitMQBus(url, publish_timeout_s=SHORT_S)
        async with running(bus):
            queue = await bind(channel, "#")
            proxy.pause()
            for _ in range(3):
                with pytest.raises(BusUnavailable):
                    await bus.publish_updates([update(1)])
                assert not bus.is_connected
            proxy.resume()
            await until(lambda: bus.is_connected)
            await bus.publish_updates([update(1), update(2)])
            # What timed out was sent once, and nothing was piled upon it.
            ids = [message.message_id for message in await take(queue, 3)]
        assert ids == ["1", "1", "2"]
        assert proxy.accepted == 1


async def test_a_publisher_that_gives_up_leaves_the_order_and_the_count_right(
    amqp_url: str,
) -> None:
    async with proxy_to(amqp_url) as (proxy, url), other_service(amqp_url) as channel:
        bus = RabbitMQBus(url)
        async with running(bus):
            queue = await bind(channel, "#")
            proxy.pause()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(SHORT_S):
                    await bus.publish_updates([update(1)])
            proxy.resume()
            await bus.publish_updates([update(2)])
            ids = [message.message_id for message in await take(queue, 2)]
        assert ids == ["1", "2"]


async def test_malformed_messages_are_dropped(amqp_url: str) -> None:
    bus = RabbitMQBus(amqp_url)
    good = view_properties(view(1)).headers or {}
    async with running(bus) as inbox, other_service(amqp_url) as channel:
        snapshots = await channel.get_exchange(topology.SNAPSHOTS)
        wakes = await channel.get_exchange(topology.WAKE)
        bad_headers: list[Any] = [{}, {**good, "term": "three"}, {**good, "board": None}]
        for headers in bad_headers:
            await snapshots.publish(aio_pika.Message(b"{}", headers=headers), "")
        for body in (b"", b"\xff", b"{}", b'{"board_ids": 5, "changed_us": 1}', b"[" * 5000):
            await wakes.publish(aio_pika.Message(body), "")
        await bus.publish_view(view(2))
        await bus.publish_wake(wake())
        assert await inbox.next_view() == view(2)
        assert await inbox.next_wake() == wake()
        assert inbox.views.empty()
        assert inbox.wakes.empty()


async def test_an_instances_queue_is_named_by_the_server_and_keeps_the_newest_messages(
    amqp_url: str,
) -> None:
    extra = 100
    async with other_service(amqp_url) as channel:
        driver = await channel.get_underlay_channel()
        await topology.declare_exchanges(driver)
        name = await topology.declare_queue(driver)
        snapshots = await channel.get_exchange(topology.SNAPSHOTS)
        for number in range(topology.QUEUE_MAX_MESSAGES + extra):
            await snapshots.publish(aio_pika.Message(str(number).encode()), "")
        declared = await driver.queue_declare(name, passive=True)
        oldest = await driver.basic_get(name, no_ack=True)
    assert name.startswith("amq.gen")
    assert declared.message_count == topology.QUEUE_MAX_MESSAGES
    assert oldest.body == str(extra).encode()


async def test_the_queue_is_gone_with_its_bus(amqp_url: str) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        async with running(RabbitMQBus(url)):
            pass
        sent = proxy.sent
    # The name is the server's: a client that named its queue would have sent one.
    assert b"amq_" not in sent
    async with other_service(amqp_url) as channel:
        wakes = await channel.get_exchange(topology.WAKE)
        returned = await wakes.publish(aio_pika.Message(b"{}"), "")
    assert getattr(returned, "body", None) == b"{}"


async def test_a_password_is_not_told_when_the_connection_is_refused(
    amqp_url: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with proxy_to(amqp_url) as (proxy, url):
        wrong = url.replace("guest:guest@", "guest:wrong-but-secret@")
        bus = RabbitMQBus(wrong)
        async with running(bus, connected=False):
            # Stopped in the pause after it: in the midst of an attempt the driver leaves a task.
            await until(lambda: caplog.text.count("Login was refused") == 2)
            assert proxy.accepted == 2
            assert not bus.is_connected
    output = capsys.readouterr()
    assert "secret" not in output.out + output.err + caplog.text
