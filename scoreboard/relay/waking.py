"""Telling the relay, wherever it leads, that something was committed."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from scoreboard.bus.protocol import Bus, Wake
from scoreboard.domain.errors import BusUnavailable
from scoreboard.settings import Settings

LOOKS_PER_TICK = 5
"""What reaches a top within a fifth of a tick is told, and looked at, together."""


class Waker:
    """Sends the first wake after quiet at once, then one per tick.

    One that tells of a changed top waits for a fifth of that: the relay has a tick of its own to
    wait for.
    """

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._tick_s = settings.tick_ms / 1000
        self._unsent: Wake | None = None
        self._has_unsent = asyncio.Event()
        self._is_urgent = asyncio.Event()

    def notify(self, wake: Wake) -> None:
        """To be sent with the next one."""
        self._unsent = wake if self._unsent is None else _merge(self._unsent, wake)
        self._has_unsent.set()
        if wake.board_ids or wake.has_run:
            self._is_urgent.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._has_unsent.wait()
            wake, self._unsent = self._unsent, None
            self._has_unsent.clear()
            self._is_urgent.clear()
            assert wake is not None
            # A lost wake is made up for by the relay's own poll.
            with suppress(BusUnavailable):
                await self._bus.publish_wake(wake)
            await self._pause()

    async def _pause(self) -> None:
        began_s = time.monotonic()
        await asyncio.sleep(self._tick_s / LOOKS_PER_TICK)
        with suppress(TimeoutError):
            async with asyncio.timeout(began_s + self._tick_s - time.monotonic()):
                await self._is_urgent.wait()


def _merge(first: Wake, second: Wake) -> Wake:
    telling = [each for each in (first, second) if each.board_ids] or [first]
    return Wake(
        tuple({*first.board_ids, *second.board_ids}),
        min(each.changed_us for each in telling),
        first.has_run or second.has_run,
    )
