"""Buses that run, what they delivered, and proxies between them and the servers."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from scoreboard.bus.protocol import Bus, ViewMessage, Wake
from scoreboard.bus.rabbitmq import RabbitMQBus
from scoreboard.bus.redis import RedisBus
from tests.bus.proxy import Proxy

PATIENCE_S = 15.0
POLL_S = 0.01

MakeBus = Callable[[str], Bus]


class Inbox:
    """What one bus delivered, in order."""

    def __init__(self) -> None:
        self.views: asyncio.Queue[ViewMessage] = asyncio.Queue()
        self.wakes: asyncio.Queue[Wake] = asyncio.Queue()

    async def next_view(self) -> ViewMessage:
        """Wait for the next view."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.views.get()

    async def next_wake(self) -> Wake:
        """Wait for the next wake."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.wakes.get()


@asynccontextmanager
async def running(bus: Bus, *, connected: bool = True) -> AsyncIterator[Inbox]:
    """Run `bus` in the background; with `connected`, begin when it is."""
    inbox = Inbox()
    task = asyncio.create_task(bus.run(inbox.views.put_nowait, inbox.wakes.put_nowait))
    try:
        if connected:
            await until(lambda: bus.is_connected)
        yield inbox
    finally:
        task.cancel()
        _, pending = await asyncio.wait((task,), timeout=PATIENCE_S)
        assert not pending, "a cancelled run went on"
        assert task.cancelled()
        assert not bus.is_connected


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds: a bus has no event for its state."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - there is no event to await
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def proxy_to(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy to the server of `url`, and the URL that leads through it."""
    async with Proxy(url) as proxy:
        yield proxy, through(proxy, url)


def through(proxy: Proxy, url: str, scheme: str | None = None) -> str:
    """Return `url` as it leads to the proxy's port instead of the server, perhaps by TLS."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"{scheme or 'redis'}://127.0.0.1:{proxy.port}"
    user = parts.netloc.rpartition("@")[0]
    netloc = f"{user}@127.0.0.1:{proxy.port}" if user else f"127.0.0.1:{proxy.port}"
    return parts._replace(scheme=scheme or parts.scheme, netloc=netloc).geturl()


@pytest.fixture(params=["rabbitmq", "redis"])
def transport(request: pytest.FixtureRequest) -> str:
    """Return each transport in turn."""
    return str(request.param)


@pytest.fixture
def server_url(transport: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of the transport's server."""
    fixture = "amqp_url" if transport == "rabbitmq" else "redis_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def make_bus(transport: str, redis_prefix: str) -> MakeBus:
    """Return what makes a bus of the transport from a URL."""
    if transport == "rabbitmq":
        return RabbitMQBus
    return lambda url: RedisBus(url, redis_prefix, patience_s=1.0)


@pytest.fixture(autouse=True)
async def _nothing_is_left_behind() -> AsyncIterator[None]:
    """Fail where a task outlives its test or an exception was never looked at."""
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    gc.collect()
    leftover = asyncio.all_tasks() - before - {asyncio.current_task()}
    _, leftover = await asyncio.wait(leftover, timeout=1.0) if leftover else (set(), set())
    assert not leftover
    assert not complaints
