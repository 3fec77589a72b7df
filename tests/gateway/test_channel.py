"""The order in which subscribers are served."""

from __future__ import annotations

import asyncio

from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.gateway.channel import Channel
from scoreboard.gateway.codes import CloseCode
from scoreboard.gateway.framing import view_frame
from scoreboard.gateway.subscriber import Subscriber


def _send(payload: bytes) -> None:
    raise AssertionError(payload)


def _end(code: CloseCode) -> None:
    raise AssertionError(code)


def test_those_who_still_wait_come_first_when_a_newer_version_arrives() -> None:
    channel = Channel((MAIN_BOARD, "top:10"))
    first, second, third = (
        Subscriber(asyncio.Transport(), view_frame, _send, _end) for _ in range(3)
    )
    for subscriber in (first, second, third):
        channel.add(subscriber, None)
    assert channel.queue_all(timed=True) == 0
    assert channel.take(1) == [first]
    assert channel.queue_all(timed=True) == 2
    assert channel.take(9) == [second, third, first]
    assert not channel.pending
