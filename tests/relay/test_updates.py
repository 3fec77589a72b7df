"""Updates for other services: every event, once while nothing fails, each user's in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

import pytest
from aio_pika.abc import AbstractIncomingMessage

from scoreboard.domain.identifiers import UserId
from scoreboard.ledger.database import open_database
from scoreboard.ledger.writer import APPLY, LedgerWriter
from tests.bus.conftest import through
from tests.bus.proxy import Proxy
from tests.checker import (
    check_invariants,
    check_standings,
    connect,
    read_ledger,
    until,
    until_settled,
)
from tests.harness import Backends, new_user, run_scoreboard
from tests.ledger.increments import Draft, apply_one, columns
from tests.relay.watching import Consumer, consuming
from tests.standings.service import has_gap, is_live


@pytest.fixture
def rabbit_backends(backends: Backends, amqp_url: str) -> Backends:
    """Return the stores with RabbitMQ."""
    backends.amqp_url = amqp_url
    return backends


async def test_every_event_is_published_once_in_the_form_of_the_contract(
    rabbit_backends: Backends,
) -> None:
    users = [new_user() for _ in range(4)]
    async with (
        consuming(rabbit_backends.amqp_url) as consumer,
        run_scoreboard(rabbit_backends) as scoreboard,
    ):
        for delta in range(1, 6):
            await asyncio.gather(*(scoreboard.increment(user_id, delta) for user_id in users))
        await until_settled(rabbit_backends.database_url)
        messages = await consumer.take(20)
        assert await consumer.get() is None
    ledger = await read_ledger(rabbit_backends.database_url)
    events = {str(event["event_id"]): event for event in ledger.events}
    assert {message.message_id for message in messages} == events.keys()
    for message in messages:
        event = events[message.message_id or ""]
        body = json.loads(message.body)
        assert 1 <= body.pop("rank") <= 4
        assert body == {
            "userId": str(event["user_id"]),
            "score": event["score_after"],
            "updatedAt": f"{event['created_at']:%Y-%m-%dT%H:%M:%S.%fZ}",
        }
        assert message.routing_key == f"main.{event['user_id']}"
        assert message.headers == {
            "board": "main",
            "version": event["version_after"],
            "delta": event["delta"],
            "source": "win",
        }
    for user_id in users:
        assert versions_of(messages, user_id) == [1, 2, 3, 4, 5]


async def test_the_rank_is_the_one_when_published(rabbit_backends: Backends) -> None:
    async with (
        consuming(rabbit_backends.amqp_url) as consumer,
        run_scoreboard(rabbit_backends) as scoreboard,
    ):
        ranks = []
        for score in (10, 20, 15):
            await scoreboard.increment(new_user(), score)
            (message,) = await consumer.take(1)
            ranks.append(json.loads(message.body)["rank"])
    assert ranks == [1, 1, 2]


async def test_an_event_that_commits_late_is_published_all_the_same(
    rabbit_backends: Backends,
) -> None:
    late = Draft(user_id=new_user())
    async with (
        consuming(rabbit_backends.amqp_url) as consumer,
        run_scoreboard(rabbit_backends) as scoreboard,
        connect(rabbit_backends.database_url) as stranger,
    ):
        transaction = stranger.transaction()
        await transaction.start()
        (stored,) = await stranger.fetch(APPLY, *columns(late))
        await scoreboard.increment(new_user(), 5)
        (early,) = await consumer.take(1)
        assert int(early.message_id or 0) > stored["event_id"]
        await transaction.commit()
        (found,) = await consumer.take(1)
        assert found.message_id == str(stored["event_id"])
        await until_settled(rabbit_backends.database_url)
        assert await consumer.get() is None
    await check_invariants(rabbit_backends.database_url, is_relayed=True)


async def test_while_rabbitmq_is_down_increments_succeed_and_their_events_wait(
    rabbit_backends: Backends,
) -> None:
    amqp_url = rabbit_backends.amqp_url
    users = [new_user() for _ in range(3)]
    async with Proxy(amqp_url) as proxy, consuming(amqp_url) as consumer:
        await proxy.cut()
        behind = {"amqp_url": through(proxy, amqp_url), "relay_batch_max": 4}
        async with run_scoreboard(rabbit_backends, **behind) as scoreboard:
            for _ in range(5):
                answers = await asyncio.gather(*map(scoreboard.increment, users))
                assert [answer.status for answer in answers] == [200] * 3
            async with connect(rabbit_backends.database_url) as owner:
                waiting = await owner.fetchval("SELECT sum(cardinality(event_ids)) FROM outbox")
            assert waiting == 15
            await proxy.restore()
            messages = await consumer.take(15)
            await until_settled(rabbit_backends.database_url)
    for user_id in users:
        assert versions_of(messages, user_id) == [1, 2, 3, 4, 5]
    await check_invariants(
        rabbit_backends.database_url,
        redis_url=rabbit_backends.redis_url,
        redis_prefix=rabbit_backends.redis_prefix,
        is_relayed=True,
    )


async def test_events_that_wait_for_rabbitmq_are_shown_all_the_same(backends: Backends) -> None:
    backends.amqp_url = "amqp://127.0.0.1:1"
    quick = {"relay_batch_max": 1, "maintenance_s": 0.1}
    async with (
        run_scoreboard(backends, **quick) as scoreboard,
        open_database(backends.settings()) as database,
    ):
        await scoreboard.increment(new_user(), 5)
        await until(lambda: is_live(backends))
        await until(lambda: _is_without_gaps(backends))
        # By instances that are killed before they tell Redis, while the first event waits.
        for delta in (7, 9):
            await apply_one(LedgerWriter(database), Draft(delta=delta))
        await until(lambda: _is_shown(backends))


async def _is_without_gaps(backends: Backends) -> bool:
    return not await has_gap(backends)


async def _is_shown(backends: Backends) -> bool:
    ledger = await read_ledger(backends.database_url)
    try:
        await check_standings(ledger, backends.redis_url, backends.redis_prefix)
    except AssertionError:
        return False
    return len(ledger.outbox) == 3


async def test_a_connection_cut_under_load_loses_no_event(rabbit_backends: Backends) -> None:
    amqp_url = rabbit_backends.amqp_url
    users = [new_user() for _ in range(4)]
    async with Proxy(amqp_url) as proxy, consuming(amqp_url) as consumer:
        behind = {"amqp_url": through(proxy, amqp_url), "relay_batch_max": 2}
        async with run_scoreboard(rabbit_backends, **behind) as scoreboard:
            for _ in range(3):
                await asyncio.gather(
                    *(scoreboard.increment(user_id) for user_id in users * 5), cut(proxy)
                )
                await proxy.restore()
            await until_settled(rabbit_backends.database_url)
        published = [message async for message in everything(consumer)]
    for user_id in users:
        versions = versions_of(published, user_id)
        # At least once: what is repeated was published before, so a consumer can drop it.
        first_times = list(dict.fromkeys(versions))
        assert first_times == list(range(1, 16))
    await check_invariants(rabbit_backends.database_url, is_relayed=True)


async def cut(proxy: Proxy) -> None:
    """Cuts the connection as soon as a message of an update went through it."""
    await proxy.wait_until_sent(b"scoreboard.updates", proxy.sent.count(b"scoreboard.updates") + 1)
    await proxy.cut()


async def everything(consumer: Consumer) -> AsyncIterator[AbstractIncomingMessage]:
    """Every message that has come."""
    while message := await consumer.get():
        yield message


def versions_of(messages: Sequence[AbstractIncomingMessage], user_id: UserId) -> list[object]:
    """The versions of one user's messages, as they came."""
    return [each.headers["version"] for each in messages if user_id in (each.routing_key or "")]
