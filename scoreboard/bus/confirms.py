"""Publishing with confirms, a window at a time: the driver's own call is four times dearer.

The driver's `basic_publish` spends a lock, a timeout and two tasks' turns on each message. Here
the frames of a whole window are written at once, and their confirms are awaited together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice

import aiormq
from aiormq import spec
from aiormq.abc import ChannelFrame, FrameType
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from scoreboard.bus import messages, topology
from scoreboard.bus.protocol import Update
from scoreboard.domain.errors import BusUnavailable

WINDOW_MESSAGES = 512


class ConfirmedPublisher:
    """Publishes updates in order over one channel in confirm mode, which it has for itself.

    At most one window is unconfirmed at any time, also after a timeout: what a silent or blocked
    broker still owes is awaited before anything more is written, so nothing piles up.
    """

    def __init__(self, channel: aiormq.Channel, timeout_s: float) -> None:
        self._channel = channel
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._unconfirmed: list[asyncio.Future[spec.Basic.Ack]] = []
        channel.closing.add_done_callback(lambda _: self._abandon())

    @property
    def unconfirmed(self) -> Sequence[asyncio.Future[spec.Basic.Ack]]:
        """The confirms that are still awaited."""
        return self._unconfirmed

    async def publish(self, updates: Sequence[Update]) -> None:
        """Returns when all are confirmed. Raises TimeoutError where one window takes longer than
        the timeout, BusUnavailable where the broker refuses or closes, else the driver's errors.
        """
        waiting = iter(updates)
        async with asyncio.timeout(self._timeout_s) as limit, self._turn:
            await self._settle()
            while window := tuple(islice(waiting, WINDOW_MESSAGES)):
                limit.reschedule(asyncio.get_running_loop().time() + self._timeout_s)
                await self._write(window)
                if not await self._settle():
                    raise BusUnavailable("RabbitMQ did not confirm every message.")

    async def _write(self, window: Sequence[Update]) -> None:
        channel = self._channel
        async with channel.lock:
            frame = ChannelFrame.marshall(channel.number, _frames(window))
            await channel.write_queue.put(frame)
            # No await may come in between: tags must count exactly what was written.
            for _ in window:
                channel.delivery_tag += 1
                confirm: asyncio.Future[spec.Basic.Ack] = channel.loop.create_future()
                channel.confirmations[channel.delivery_tag] = confirm
                self._unconfirmed.append(confirm)
            if channel.is_closed:
                self._abandon()

    async def _settle(self) -> bool:
        """Waits for what is owed; whether every message was taken."""
        if self._unconfirmed:
            await asyncio.wait(self._unconfirmed)
        settled, self._unconfirmed = self._unconfirmed, []
        refused = [each for each in settled if each.cancelled() or each.exception()]
        return not refused

    def _abandon(self) -> None:
        for each in self._unconfirmed:
            each.cancel()


def _frames(window: Iterable[Update]) -> Iterable[FrameType | ContentBody]:
    for update in window:
        body = messages.update_body(update)
        # Not mandatory: that nobody listens is no failure.
        yield spec.Basic.Publish(
            exchange=topology.UPDATES, routing_key=messages.update_routing_key(update)
        )
        yield ContentHeader(properties=messages.update_properties(update), body_size=len(body))
        yield ContentBody(body)
