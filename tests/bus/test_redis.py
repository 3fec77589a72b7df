"""What only Redis needs: silence is no failure, three kinds of address, no updates."""

from __future__ import annotations

import pytest
from msgspec import msgpack
from redis.asyncio import Redis

from scoreboard.bus.redis import RedisBus
from tests.bus.conftest import proxy_to, running, until
from tests.bus.examples import update, view, wake

SHORT_S = 0.2


async def test_silence_is_met_with_a_ping_and_keeps_the_connection(
    redis_url: str, redis_prefix: str
) -> None:
    async with proxy_to(redis_url) as (proxy, url):
        bus = RedisBus(url, redis_prefix, patience_s=SHORT_S)
        async with running(bus) as inbox:
            accepted = proxy.accepted
            await proxy.wait_until_sent(b"PING", 5)
            assert bus.is_connected
            assert proxy.accepted == accepted
            await bus.publish_view(view(1))
            assert await inbox.next_view() == view(1)


async def test_a_redis_that_hangs_is_noticed_and_its_return_too(
    redis_url: str, redis_prefix: str
) -> None:
    async with proxy_to(redis_url) as (proxy, url):
        bus = RedisBus(url, redis_prefix, patience_s=SHORT_S)
        async with running(bus) as inbox:
            proxy.pause()
            await until(lambda: not bus.is_connected)
            proxy.resume()
            await until(lambda: bus.is_connected)
            await bus.publish_wake(wake())
            assert await inbox.next_wake() == wake()


async def test_malformed_messages_are_dropped(redis_url: str, redis_prefix: str) -> None:
    bus = RedisBus(redis_url, redis_prefix)
    async with running(bus) as inbox, Redis.from_url(redis_url) as other:
        wrong_type = msgpack.encode({"board_id": 5})
        for payload in (b"", b"\xc1", b"text", wrong_type, b"\x91" * 5000):
            await other.publish(f"{redis_prefix}:snapshots", payload)
            await other.publish(f"{redis_prefix}:wake", payload)
        await bus.publish_view(view(1))
        assert await inbox.next_view() == view(1)
        assert inbox.views.empty()
        assert inbox.wakes.empty()


async def test_two_prefixes_do_not_hear_each_other(redis_url: str, redis_prefix: str) -> None:
    here, there = RedisBus(redis_url, redis_prefix), RedisBus(redis_url, redis_prefix + "-2")
    async with running(here) as mine, running(there) as theirs:
        await there.publish_view(view(2))
        await here.publish_view(view(1))
        assert await mine.next_view() == view(1)
        assert await theirs.next_view() == view(2)
        assert mine.views.empty()


async def test_updates_go_nowhere(redis_url: str, redis_prefix: str) -> None:
    bus = RedisBus(redis_url, redis_prefix)
    await bus.publish_updates([update(1)])
    async with running(bus) as inbox:
        await bus.publish_updates([update(1)])
        await bus.publish_view(view(1))
        assert await inbox.next_view() == view(1)


async def test_a_password_is_not_told_when_the_connection_is_refused(
    redis_url: str, redis_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with proxy_to(redis_url) as (proxy, url):
        wrong = url.replace("redis://", "redis://somebody:wrong-but-secret@")
        bus = RedisBus(wrong, redis_prefix)
        async with running(bus, connected=False):
            await until(lambda: proxy.accepted == 2)
            assert not bus.is_connected
    output = capsys.readouterr()
    assert "bus unavailable" in output.out
    assert "secret" not in output.out + output.err
