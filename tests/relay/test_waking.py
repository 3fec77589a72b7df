"""Wakes: what is told together, and what of it is urgent."""

from __future__ import annotations

import asyncio
from typing import cast

from scoreboard.bus.protocol import Bus, Wake
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.relay.waking import LOOKS_PER_TICK, Waker
from tests.harness import Backends

SIDE = BoardId("side")
TICK_MS = 1000


class Listener:
    """Hears wakes, and when."""

    def __init__(self) -> None:
        self.wakes: asyncio.Queue[tuple[Wake, float]] = asyncio.Queue()

    async def publish_wake(self, wake: Wake) -> None:
        """As the bus."""
        await self.wakes.put((wake, asyncio.get_running_loop().time()))


async def test_a_changed_top_is_told_sooner_than_other_commits(backends: Backends) -> None:
    listener = Listener()
    waker = Waker(cast("Bus", listener), backends.settings(tick_ms=TICK_MS))
    running = asyncio.create_task(waker.run())
    waker.notify(Wake((), 1))
    first, first_s = await listener.wakes.get()
    waker.notify(Wake((), 2))
    waker.notify(Wake((MAIN_BOARD,), 4))
    waker.notify(Wake((SIDE,), 3))
    urgent, urgent_s = await listener.wakes.get()
    waker.notify(Wake((), 5))
    calm, calm_s = await listener.wakes.get()
    running.cancel()
    assert (first.board_ids, first.changed_us) == ((), 1)
    assert set(urgent.board_ids) == {MAIN_BOARD, SIDE}
    assert urgent.changed_us == 3  # when the oldest change that shows was made
    assert calm == Wake((), 5)
    assert TICK_MS / LOOKS_PER_TICK <= (urgent_s - first_s) * 1000 + 1 < TICK_MS
    assert (calm_s - urgent_s) * 1000 + 1 >= TICK_MS
