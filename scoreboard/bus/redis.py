"""The bus over Redis: publish/subscribe for the instances of one host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from scoreboard.bus.backoff import Backoff
from scoreboard.bus.protocol import Update, ViewMessage, Wake
from scoreboard.domain.errors import BusUnavailable
from scoreboard.telemetry.logs import get_log

OPEN_TIMEOUT_S = 2.0
SEND_TIMEOUT_S = 0.5
PATIENCE_S = 2.0
"""Silence after which the server is asked whether it lives, and how long it may take to say so."""
CONNECTIONS_MAX = 8

_encode = msgspec.msgpack.Encoder().encode
_decode_view = msgspec.msgpack.Decoder(ViewMessage).decode
_decode_wake = msgspec.msgpack.Decoder(Wake).decode


@contextmanager
def driver_errors() -> Iterator[None]:
    """Turns whatever the driver raises into BusUnavailable."""
    try:
        yield
    except TimeoutError as error:
        raise BusUnavailable("Redis did not answer in time.") from error
    except (RedisError, OSError) as error:
        raise BusUnavailable(f"Redis cannot be used: {error}") from error


class RedisBus:
    """Carries views and wakes over `<prefix>:snapshots` and `<prefix>:wake`.

    Channels are one space for all databases of a Redis: only the prefix keeps services apart.
    """

    def __init__(self, url: str, prefix: str, *, patience_s: float = PATIENCE_S) -> None:
        self._url = url
        self._snapshots = f"{prefix}:snapshots"
        self._wake = f"{prefix}:wake"
        self._patience_s = patience_s
        self._backoff = Backoff()
        self._log = get_log("bus")
        self._client: Redis | None = None

    @property
    def is_connected(self) -> bool:
        """Whether both channels are subscribed and Redis answered the last question."""
        return self._client is not None

    @property
    def carries_updates(self) -> bool:
        """No: they are promised with RabbitMQ only."""
        return False

    async def run(
        self, on_view: Callable[[ViewMessage], None], on_wake: Callable[[Wake], None]
    ) -> None:
        """Connects, subscribes, delivers and reconnects until cancelled.

        Fails only with what a callback raises: they must not.
        """
        while True:
            try:
                await self._serve(on_view, on_wake)
            except BusUnavailable as error:
                self._log.warning("bus unavailable", bus="redis", error=str(error))
            await asyncio.sleep(self._backoff.next_s())

    async def publish_updates(self, updates: Sequence[Update]) -> None:
        """Does nothing: updates for other services are promised with RabbitMQ only."""

    async def publish_view(self, message: ViewMessage) -> None:
        """Sends a view to every instance, this one too. Raises BusUnavailable."""
        await self._publish(self._snapshots, _encode(message))

    async def publish_wake(self, wake: Wake) -> None:
        """Wakes the relay wherever it is. Raises BusUnavailable."""
        await self._publish(self._wake, _encode(wake))

    async def _publish(self, channel: str, payload: bytes) -> None:
        if self._client is None:
            raise BusUnavailable("There is no connection to Redis.")
        with driver_errors():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._client.publish(channel, payload)

    async def _serve(
        self, on_view: Callable[[ViewMessage], None], on_wake: Callable[[Wake], None]
    ) -> None:
        client = self._make_client()
        pubsub = client.pubsub()
        try:
            await self._subscribe(client, pubsub)
            self._client = client
            self._backoff.reset()
            self._log.info("bus connected", bus="redis")
            while True:
                self._deliver(await self._next_message(pubsub), on_view, on_wake)
        finally:
            self._client = None
            await _close(client, pubsub)

    def _make_client(self) -> Redis:
        # No retries in the driver: it would subscribe again unseen, and `is_connected` would lie.
        # No socket timeout: the driver keeps it with `asyncio.wait_for`, which on Python 3.11 can
        # swallow a cancellation. Every call here has a limit of its own instead.
        return Redis.from_url(
            self._url,
            socket_timeout=None,
            socket_connect_timeout=OPEN_TIMEOUT_S,
            max_connections=CONNECTIONS_MAX,
            retry=Retry(NoBackoff(), 0),
            client_name="scoreboard-bus",
        )

    async def _subscribe(self, client: Redis, pubsub: PubSub) -> None:
        channels = (self._snapshots, self._wake)
        with driver_errors():
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await pubsub.subscribe(*channels)
                for _ in channels:
                    await pubsub.get_message(timeout=None)
                # Opens the connection that publishes, so that no publisher waits for it.
                await client.ping()

    async def _next_message(self, pubsub: PubSub) -> dict[str, Any] | None:
        """What came next, of whatever kind; silence is normal, so it is met with a question."""
        with driver_errors():
            message: dict[str, Any] | None = await pubsub.get_message(timeout=self._patience_s)
            if message is None:
                async with asyncio.timeout(self._patience_s):
                    await pubsub.ping()
                    message = await pubsub.get_message(timeout=None)
        return message

    def _deliver(
        self,
        message: dict[str, Any] | None,
        on_view: Callable[[ViewMessage], None],
        on_wake: Callable[[Wake], None],
    ) -> None:
        if message is None or message["type"] != "message":
            return
        is_view = message["channel"] == self._snapshots.encode()
        try:
            received = _decode_view(message["data"]) if is_view else _decode_wake(message["data"])
        except msgspec.DecodeError as error:
            self._log.warning("message dropped", channel=message["channel"], error=str(error))
            return
        if isinstance(received, ViewMessage):
            on_view(received)
        else:
            on_wake(received)


async def _close(client: Redis, pubsub: PubSub) -> None:
    """Closes both, to the end even where cancelled meanwhile; a socket would be left open."""
    closing = asyncio.gather(
        pubsub.aclose(),  # type: ignore[no-untyped-call]
        client.aclose(),
        return_exceptions=True,
    )
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise
