"""Saying no to a crowd without spending on it what the others need."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

TICK_S = 0.01


class Crowd:
    """Those who are too many, told one after the other at a bounded rate.

    While they wait to hear it, their clients send nothing more: so load that a service cannot
    bear costs it a fixed part of its time, however large it is.
    """

    def __init__(self, told_per_s: int) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._per_tick = max(1, round(told_per_s * TICK_S))
        self._told = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, tell: Callable[[], object]) -> None:
        """Calls `tell` as soon as the rate allows, which may be now."""
        self._waiting.append(tell)
        if self._timer is None:
            self._tick()
        elif self._told < self._per_tick:
            self._tell()

    def _tell(self) -> None:
        while self._waiting and self._told < self._per_tick:
            self._told += 1
            self._waiting.popleft()()

    def _tick(self) -> None:
        self._told = 0
        self._tell()
        if self._told:
            self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        else:
            self._timer = None
