"""Publishing with confirms, a window at a time: the driver's own call is many times dearer.

The driver's `basic_publish` spends a lock, a timeout and two tasks' turns on each message. Here
the frames of a whole window are written at once, and its confirms are awaited as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiormq
from aiormq.abc import ChannelFrame

from scoreboard.bus.encoding import encode_updates
from scoreboard.bus.protocol import Update
from scoreboard.domain.errors import BusUnavailable

WINDOW_MESSAGES = 2048


class Window(asyncio.Future[bool]):
    """The confirms of some messages, of which the driver settles one at a time.

    Its result, there with the last of them, is whether every message was taken.
    """

    def __init__(self, count: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._missing = count
        self._are_taken = True

    def set_result(self, _: object) -> None:
        """One message was taken."""
        self._missing -= 1
        if not self._missing:
            super().set_result(self._are_taken)

    def set_exception(self, _: object) -> None:
        """One message was refused."""
        self._are_taken = False
        self.set_result(None)


class ConfirmedPublisher:
    """Publishes updates in order over one channel in confirm mode, which it has for itself.

    At most one window is unconfirmed at any time, also after a timeout: what a silent or blocked
    broker still owes is awaited before anything more is written, so nothing piles up.
    """

    def __init__(self, channel: aiormq.Channel, timeout_s: float) -> None:
        self._channel = channel
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._unconfirmed: Window | None = None
        channel.closing.add_done_callback(lambda _: self._abandon())

    @property
    def unconfirmed(self) -> Window | None:
        """The window that is still awaited."""
        return self._unconfirmed

    async def publish(self, updates: Sequence[Update]) -> None:
        """Returns when all are confirmed. Raises TimeoutError where one window takes longer than
        the timeout, BusUnavailable where the broker refuses or closes, else the driver's errors.
        """
        async with asyncio.timeout(self._timeout_s) as limit, self._turn:
            await self._settle()
            for start in range(0, len(updates), WINDOW_MESSAGES):
                limit.reschedule(asyncio.get_running_loop().time() + self._timeout_s)
                await self._write(updates[start : start + WINDOW_MESSAGES])
                if not await self._settle():
                    raise BusUnavailable("RabbitMQ did not confirm every message.")

    async def _write(self, updates: Sequence[Update]) -> None:
        channel = self._channel
        frames = encode_updates(updates, channel.number)
        async with channel.lock:
            await channel.write_queue.put(ChannelFrame(frames, should_close=False))
            # No await may come in between: tags must count exactly what was written.
            window = Window(len(updates), channel.loop)
            first = channel.delivery_tag + 1
            channel.delivery_tag += len(updates)
            tags = range(first, channel.delivery_tag + 1)
            channel.confirmations.update(dict.fromkeys(tags, window))
            self._unconfirmed = window
            if channel.is_closed:
                self._abandon()

    async def _settle(self) -> bool:
        """Waits for what is owed; whether every message was taken."""
        if self._unconfirmed is None:
            return True
        await asyncio.wait((self._unconfirmed,))
        settled, self._unconfirmed = self._unconfirmed, None
        return not settled.cancelled() and settled.result()

    def _abandon(self) -> None:
        if self._unconfirmed is not None:
            self._unconfirmed.cancel()
