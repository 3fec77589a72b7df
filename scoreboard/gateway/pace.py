"""Spreading arrivals that come all at once."""

from __future__ import annotations

import asyncio

from scoreboard.domain.errors import Overloaded

BURST_S = 0.1
"""What comes within so much of its share is not held back."""

LONGEST_S = 10.0
"""Longest wait for one's turn: clients give a handshake up after about half a minute."""


class Pace:
    """Turns at a steady rate, in the order of arrival.

    When an instance dies, its clients come to the others within a second. Let in at once, they
    would hold up every increment meanwhile.
    """

    def __init__(self, per_s: float) -> None:
        self._step_s = 1 / per_s
        self._last_s = 0.0

    async def turn(self) -> None:
        """Returns when it is one's turn. Raises Overloaded at once where that would take long."""
        now_s = asyncio.get_running_loop().time()
        turn_s = max(now_s - BURST_S, self._last_s) + self._step_s
        if turn_s - now_s > LONGEST_S:
            raise Overloaded("Too many connect at the same time. Try again after Retry-After.")
        self._last_s = turn_s
        if turn_s > now_s:
            await asyncio.sleep(turn_s - now_s)
