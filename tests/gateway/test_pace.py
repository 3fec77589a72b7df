"""Many who come at once are let in one after another, and nobody waits for ever."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.domain.errors import Overloaded
from scoreboard.gateway.pace import BURST_S, LONGEST_S, Pace
from tests.gateway.service import serve


async def test_a_few_are_let_in_at_once() -> None:
    pace = Pace(1000)
    async with asyncio.timeout(0):  # whoever waits is cancelled
        for _ in range(round(1000 * BURST_S)):
            await pace.turn()


async def test_many_take_their_turns_in_the_order_of_arrival() -> None:
    pace, order = Pace(200), list[int]()
    loop = asyncio.get_running_loop()
    began_s = loop.time()

    async def come(number: int) -> None:
        await pace.turn()
        order.append(number)

    await asyncio.gather(*map(come, range(60)))
    assert order == list(range(60))
    assert loop.time() - began_s >= 60 / 200 - BURST_S - 0.01


async def test_whoever_would_wait_too_long_is_told_so_and_takes_no_turn() -> None:
    pace = Pace(1)
    waiting = [asyncio.create_task(pace.turn()) for _ in range(round(LONGEST_S))]
    await asyncio.sleep(0)
    for _ in range(2):
        with pytest.raises(Overloaded):
            await pace.turn()
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()


async def test_handshakes_and_streams_wait_for_their_turn() -> None:
    async with serve(websocket_handshakes_per_s=0.01) as service:
        for path in ("/ws", "/sse"):
            assert await service.refused("view=top:10", path) == "overloaded"


async def test_what_is_refused_anyway_neither_waits_nor_takes_a_turn() -> None:
    async with serve(websocket_handshakes_per_s=0.01) as service:
        assert await service.refused("view=top:11") == "invalid_payload"
        assert await service.refused("view=top:10", Upgrade="h2c") == "invalid_payload"
        assert await service.refused("", "/sse") == "invalid_payload"
