"""The bus over RabbitMQ: updates for other services, views and wakes between instances."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
from aio_pika import RobustConnection
from aio_pika.connection import make_url
from aiormq.abc import DeliveredMessage

from scoreboard.bus import messages, topology
from scoreboard.bus.backoff import Backoff
from scoreboard.bus.link import CLOSE_TIMEOUT_S, OPEN_TIMEOUT_S, Deliver, Link, driver_errors
from scoreboard.bus.protocol import Update, ViewMessage, Wake
from scoreboard.bus.sockets import Sockets
from scoreboard.domain.errors import BusUnavailable
from scoreboard.telemetry.logs import Log, get_log

HEARTBEAT_S = 10
PUBLISH_TIMEOUT_S = 5.0
SEND_TIMEOUT_S = 0.5


class RabbitMQBus:
    """Carries messages over one robust connection.

    The driver's robust connection brings the socket back. Channels and queue are opened anew here
    for each socket, because a robust queue would keep its name, and the server keeps that locked
    until it notices that the earlier socket is dead.
    """

    def __init__(
        self,
        url: str,
        *,
        publish_timeout_s: float = PUBLISH_TIMEOUT_S,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self._url = url
        self._publish_timeout_s = publish_timeout_s
        self._send_timeout_s = send_timeout_s
        self._backoff = Backoff()
        self._log = get_log("bus")
        self._link: Link | None = None

    @property
    def is_connected(self) -> bool:
        """Whether RabbitMQ takes messages now; no while an alarm or a hang holds them up."""
        return self._link is not None and self._link.is_usable

    @property
    def carries_updates(self) -> bool:
        """Yes, each with a confirm."""
        return True

    async def run(
        self, on_view: Callable[[ViewMessage], None], on_wake: Callable[[Wake], None]
    ) -> None:
        """Connects, subscribes, delivers and reconnects until cancelled.

        Fails only with what a callback raises: they must not.
        """
        sockets = Sockets()
        connection = self._make_connection(sockets)
        deliver = _deliver_to(on_view, on_wake, self._log)
        try:
            await connection.connect(timeout=OPEN_TIMEOUT_S)
            while True:
                await connection.ready()
                await self._serve(connection, deliver)
                await asyncio.sleep(self._backoff.next_s())
        finally:
            with suppress(BusUnavailable), driver_errors():
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await connection.close()
            sockets.abort()

    async def publish_updates(self, updates: Sequence[Update]) -> None:
        """Publishes in order; returns when every message is confirmed. Raises BusUnavailable.

        What was published before a failure may arrive again: at least once, deduplicate by
        `message_id`. The timeout holds for each window of messages.
        """
        if updates:
            await self._open_link().publish_updates(updates)

    async def publish_view(self, message: ViewMessage) -> None:
        """Sends a view to every instance, this one too. Raises BusUnavailable."""
        properties = messages.view_properties(message)
        await self._send(topology.SNAPSHOTS, properties, message.frame)

    async def publish_wake(self, wake: Wake) -> None:
        """Wakes the relay wherever it is. Raises BusUnavailable."""
        await self._send(topology.WAKE, messages.wake_properties(), messages.encode(wake))

    async def _send(self, exchange: str, properties: messages.Properties, body: bytes) -> None:
        await self._open_link().send(exchange, properties, body, self._send_timeout_s)

    def _open_link(self) -> Link:
        if self._link is None:
            raise BusUnavailable("There is no connection to RabbitMQ.")
        return self._link

    async def _serve(self, connection: RobustConnection, deliver: Deliver) -> None:
        try:
            link = await Link.open(connection, deliver, self._publish_timeout_s)
        except BusUnavailable as error:
            self._log.warning("bus unavailable", bus="rabbitmq", error=str(error))
            return
        self._backoff.reset()
        self._link = link
        self._log.info("bus connected", bus="rabbitmq")
        try:
            await link.wait_until_ended()
        finally:
            self._link = None
        self._log.warning("bus disconnected", bus="rabbitmq")
        await link.close()

    def _make_connection(self, sockets: Sockets) -> RobustConnection:
        # The class itself: `connect_robust` would leave its task behind if cancelled meanwhile.
        url = make_url(self._url)
        if "heartbeat" not in url.query:
            url = url.update_query(heartbeat=HEARTBEAT_S)
        connection = RobustConnection(
            url, fail_fast=False, client_properties={"connection_name": "scoreboard"}
        )
        connection.kwargs["transport_factory"] = sockets
        connection.reconnect_interval = self._backoff.next_s()
        connection.close_callbacks.add(self._space_attempts)
        return connection

    def _space_attempts(self, connection: object, _: BaseException | None) -> None:
        # Called after each failed attempt, before the driver sleeps for this long.
        if isinstance(connection, RobustConnection):
            connection.reconnect_interval = self._backoff.next_s()


def _deliver_to(
    on_view: Callable[[ViewMessage], None], on_wake: Callable[[Wake], None], log: Log
) -> Deliver:
    def deliver(message: DeliveredMessage) -> None:
        try:
            if message.exchange == topology.SNAPSHOTS:
                received: ViewMessage | Wake = messages.decode_view(message)
            else:
                received = messages.decode_wake(message)
        except (msgspec.DecodeError, ValueError) as error:
            log.warning("message dropped", exchange=message.exchange, error=str(error))
            return
        if isinstance(received, ViewMessage):
            on_view(received)
        else:
            on_wake(received)

    return deliver
