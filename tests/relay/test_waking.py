"""Wakes: what is told together, and what of it is urgent."""

from __future__ import annotations

import asyncio

from scoreboard.bus.protocol import Wake
from scoreboard.bus.redis import RedisBus
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.relay.waking import LOOKS_PER_TICK, Waker
from tests.bus.conftest import running
from tests.harness import Backends

SIDE = BoardId("side")
TICK_S = 2.0
DELIVERY_S = 0.1
"""What one wake may be delivered quicker than the one before."""


async def test_a_changed_top_is_told_sooner_than_other_commits(backends: Backends) -> None:
    bus = RedisBus(backends.redis_url, backends.redis_prefix)
    waker = Waker(bus, backends.settings(tick_ms=round(TICK_S * 1000)))
    clock = asyncio.get_running_loop().time
    async with running(bus) as inbox:
        task = asyncio.create_task(waker.run())
        waker.notify(Wake((), 1))
        first, first_s = await inbox.next_wake(), clock()
        waker.notify(Wake((), 2))
        waker.notify(Wake((MAIN_BOARD,), 4))
        waker.notify(Wake((SIDE,), 3))
        urgent, urgent_s = await inbox.next_wake(), clock()
        waker.notify(Wake((), 5))
        calm, calm_s = await inbox.next_wake(), clock()
        task.cancel()
    assert first == Wake((), 1)
    assert set(urgent.board_ids) == {MAIN_BOARD, SIDE}
    assert urgent.changed_us == 3  # when the oldest change that shows was made
    assert calm == Wake((), 5)
    assert TICK_S / LOOKS_PER_TICK - DELIVERY_S < urgent_s - first_s < TICK_S / 2
    assert calm_s - urgent_s > TICK_S - DELIVERY_S
