"""Publishing alone, for work that has an end: no subscription, and no coming back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import aio_pika
import aiormq

from scoreboard.bus import topology
from scoreboard.bus.confirms import ConfirmedPublisher
from scoreboard.bus.link import CLOSE_TIMEOUT_S, OPEN_TIMEOUT_S, driver_errors
from scoreboard.bus.protocol import Update
from scoreboard.domain.errors import BusUnavailable

PUBLISH_TIMEOUT_S = 30.0
"""Longer than a relay's: nobody waits, and an alarm may end."""


class UpdatePublisher:
    """Publishes updates as the relay does."""

    def __init__(self, confirmed: ConfirmedPublisher) -> None:
        self._confirmed = confirmed

    async def publish(self, updates: list[Update]) -> None:
        """Publishes in order; returns when every message is confirmed. Raises BusUnavailable."""
        with driver_errors():
            await self._confirmed.publish(updates)


@asynccontextmanager
async def open_publisher(amqp_url: str) -> AsyncIterator[UpdatePublisher]:
    """A publisher on a connection of its own. Raises BusUnavailable."""
    with driver_errors():
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            connection = await aio_pika.connect(
                amqp_url, client_properties={"connection_name": "scoreboard republish"}
            )
    try:
        with driver_errors():
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                channel = await connection.channel(publisher_confirms=True)
                underlay = await channel.get_underlay_channel()
                await topology.declare_exchanges(underlay)
        confirmed = ConfirmedPublisher(cast(aiormq.Channel, underlay), PUBLISH_TIMEOUT_S)
        yield UpdatePublisher(confirmed)
    finally:
        with suppress(BusUnavailable), driver_errors():
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await connection.close()
