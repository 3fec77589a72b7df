"""Telling the relay, wherever it leads, that something was committed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from scoreboard.bus.protocol import Bus, Wake
from scoreboard.domain.errors import BusUnavailable
from scoreboard.settings import Settings

LOOKS_PER_TICK = 5
"""What commits within a fifth of a tick is told, and looked at, together."""


class Waker:
    """Sends the first wake after quiet at once, then at most a few per tick.

    The relay waits for its tick: a wake that waited for one as well would come too late for it.
    """

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._pause_s = settings.tick_ms / 1000 / LOOKS_PER_TICK
        self._unsent: Wake | None = None
        self._has_unsent = asyncio.Event()

    def notify(self, wake: Wake) -> None:
        """To be sent with the next one."""
        self._unsent = wake if self._unsent is None else _merge(self._unsent, wake)
        self._has_unsent.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._has_unsent.wait()
            self._has_unsent.clear()
            wake, self._unsent = self._unsent, None
            if wake is not None:
                # A lost wake is made up for by the relay's own poll.
                with suppress(BusUnavailable):
                    await self._bus.publish_wake(wake)
            await asyncio.sleep(self._pause_s)


def _merge(first: Wake, second: Wake) -> Wake:
    return Wake(
        tuple({*first.board_ids, *second.board_ids}), min(first.changed_us, second.changed_us)
    )
