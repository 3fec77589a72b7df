"""Boards sent at their times: over the bus, as the relay does, or posted over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from benchmarks.servers import Servers
from benchmarks.targets import Target
from scoreboard.bus.choose import open_bus
from scoreboard.bus.protocol import ViewMessage
from scoreboard.settings import Settings

CONNECT_S = 30.0
LOOK_S = 0.05
ANSWER_BYTES = 65_536

Publish = Callable[[ViewMessage], Awaitable[None]]

POST = b"POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%b"


@contextlib.asynccontextmanager
async def over_bus(target: Target, servers: Servers) -> AsyncIterator[Publish]:
    """To every gateway of the target's service: this process takes the relay's place."""
    settings = Settings(
        database_url=target.database_url,
        redis_url=servers.redis.url(),
        redis_prefix=urlsplit(target.database_url).path.strip("/"),
        amqp_url=servers.amqp_url_of(target.database_url),
    )
    bus = open_bus(settings)
    running = asyncio.create_task(bus.run(lambda _: None, lambda _: None))
    try:
        async with asyncio.timeout(CONNECT_S):
            while not bus.is_connected:  # noqa: ASYNC110 - it offers no event
                await asyncio.sleep(LOOK_S)
        yield bus.publish_view
    finally:
        running.cancel()
        await asyncio.wait([running])


@contextlib.asynccontextmanager
async def over_http(port: int) -> AsyncIterator[Publish]:
    """By requests one behind the other on one connection, never waiting for an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def publish(message: ViewMessage) -> None:
        writer.write(POST % (len(message.frame), message.frame))

    dropping = asyncio.create_task(_drop(reader))
    try:
        yield publish
    finally:
        dropping.cancel()
        await asyncio.wait([dropping])
        writer.close()


async def publish_at(publish: Publish, messages: Iterable[ViewMessage], per_s: float) -> float:
    """Publishes each when it is due, however late those before were; when the first one was due.

    In Unix seconds.
    """
    start_s = time.time()
    for number, message in enumerate(messages):
        await asyncio.sleep(max(0.0, start_s + number / per_s - time.time()))
        await publish(message)
    return start_s


async def _drop(reader: asyncio.StreamReader) -> None:
    while await reader.read(ANSWER_BYTES):
        pass
