"""What lives and dies with one connection to RabbitMQ: two channels and a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self, cast

import aiormq
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from aiormq import spec
from aiormq.abc import AbstractChannel, DeliveredMessage

from scoreboard.bus import topology
from scoreboard.bus.confirms import ConfirmedPublisher, Window
from scoreboard.bus.protocol import Update
from scoreboard.domain.errors import BusUnavailable

Deliver = Callable[[DeliveredMessage], None]
Consumer = Callable[[DeliveredMessage], Coroutine[None, None, None]]

OPEN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 3.0
ALARM_CHECK_S = 1.0


@contextmanager
def driver_errors() -> Iterator[None]:
    """Turns whatever the driver raises into BusUnavailable."""
    try:
        yield
    except TimeoutError as error:
        raise BusUnavailable("RabbitMQ did not answer in time.") from error
    except CONNECTION_EXCEPTIONS as error:
        raise BusUnavailable(f"RabbitMQ cannot be used: {error!r}") from error
    except asyncio.CancelledError as error:
        # The driver throws this at its callers, too, when a connection goes away.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BusUnavailable("The connection to RabbitMQ was lost.") from error


class Link:
    """Two open channels: one publishes updates with confirms, the other does everything else."""

    def __init__(
        self, confirmed: AbstractChannel, plain: AbstractChannel, publish_timeout_s: float
    ) -> None:
        self._channels = (confirmed, plain)
        self._plain = plain
        self._updates = ConfirmedPublisher(cast(aiormq.Channel, confirmed), publish_timeout_s)
        self._overdue: Window | None = None
        self._is_blocked = False
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for channel in self._channels:
            channel.closing.add_done_callback(self._finish)
        # The queue may be deleted while its channel stays open.
        plain.on_consumer_cancel_callbacks.add(self._finish)

    @classmethod
    async def open(
        cls, connection: AbstractConnection, deliver: Deliver, publish_timeout_s: float
    ) -> Self:
        """Opens the channels, declares the topology and subscribes. Raises BusUnavailable."""
        channels: list[AbstractChannel] = []
        try:
            with driver_errors():
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    await _open_channels(connection, channels)
                    link = cls(channels[0], channels[1], publish_timeout_s)
                    await link._subscribe(deliver)
        except BusUnavailable:
            await _close(channels)
            raise
        return link

    async def _subscribe(self, deliver: Deliver) -> None:
        await topology.declare_exchanges(self._plain)
        queue = await topology.declare_queue(self._plain)
        await self._plain.basic_consume(queue, self._guarded(deliver), no_ack=True)

    @property
    def is_usable(self) -> bool:
        """Whether the broker takes messages now, as far as it has let us know."""
        overdue = self._overdue is not None and not self._overdue.done()
        return not (self._end.done() or self._is_blocked or overdue)

    async def publish_updates(self, updates: Sequence[Update]) -> None:
        """Publishes in order and waits for the confirms. Raises BusUnavailable."""
        self._check()
        with driver_errors():
            try:
                await self._updates.publish(updates)
            except TimeoutError:
                self._overdue = self._updates.unconfirmed
                raise

    async def send(
        self, exchange: str, properties: spec.Basic.Properties, body: bytes, timeout_s: float
    ) -> None:
        """Writes one message without a confirm. Raises BusUnavailable."""
        self._check()
        with driver_errors():
            async with asyncio.timeout(timeout_s):
                await self._plain.basic_publish(body, exchange=exchange, properties=properties)

    async def wait_until_ended(self) -> None:
        """Returns when a channel, the queue or the connection is gone; raises what a callback of
        the subscriber raised. Meanwhile looks whether an alarm blocks the connection.
        """
        while not self._end.done():
            self._is_blocked = not await self._is_ready()
            await asyncio.wait((self._end,), timeout=ALARM_CHECK_S)
        self._end.result()

    async def close(self) -> None:
        """Closes the channels, for a connection that goes on without them."""
        await _close(self._channels)

    def _check(self) -> None:
        if self._end.done() or self._is_blocked:
            raise BusUnavailable("RabbitMQ takes no messages now.")

    async def _is_ready(self) -> bool:
        # The driver tells of an alarm only by making this wait.
        try:
            async with asyncio.timeout(0):
                await self._plain.connection.ready()
        except TimeoutError:
            return False
        return True

    def _guarded(self, deliver: Deliver) -> Consumer:
        async def guarded(message: DeliveredMessage) -> None:
            try:
                deliver(message)
            except Exception as error:
                # The driver would only log it; a subscriber's bug has to stop `run`.
                if not self._end.done():
                    self._end.set_exception(error)
                raise

        return guarded

    def _finish(self, _: object) -> None:
        if not self._end.done():
            self._end.set_result(None)


async def _open_channels(connection: AbstractConnection, channels: list[AbstractChannel]) -> None:
    if connection.transport is None:
        raise BusUnavailable("There is no connection to RabbitMQ.")
    driver = connection.transport.connection
    for publisher_confirms in (True, False):
        channels.append(await driver.channel(publisher_confirms=publisher_confirms))  # noqa: PERF401


async def _close(channels: Sequence[AbstractChannel]) -> None:
    for channel in channels:
        with suppress(BusUnavailable), driver_errors():
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await channel.close()
