"""Many small questions, few round trips."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

TOGETHER_MAX = 500
"""Questions in one script: some milliseconds in which Redis does nothing else."""

TELL_S = 0.005
"""Longest that something waits to be told where nobody asks: many go together then."""


class Coalescer(Generic[Q, A]):
    """Questions that come while others are being answered go together in the next batch."""

    def __init__(self, ask_all: Callable[[list[Q]], Awaitable[Sequence[A]]]) -> None:
        """`ask_all` gives one answer for each question, in order, and does not raise."""
        self._ask_all = ask_all
        self._waiting: deque[tuple[Q, asyncio.Future[A] | None]] = deque()
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, question: Q) -> A:
        """The answer."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        self._start()
        return await answer

    def tell(self, question: Q) -> None:
        """Asks for the sake of what asking does, a little later; nobody waits for the answer."""
        self._waiting.append((question, None))
        if self._asking is None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TELL_S, self._start)

    async def settle(self) -> None:
        """Returns once all that waits is answered."""
        while self._waiting or self._asking is not None:
            self._start()
            if self._asking is not None:
                await asyncio.wait((self._asking,))

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._asking is None and self._waiting:
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        batch: list[tuple[Q, asyncio.Future[A] | None]] = []
        try:
            while self._waiting:
                size = min(len(self._waiting), TOGETHER_MAX)
                batch = [self._waiting.popleft() for _ in range(size)]
                answers = await self._ask_all([question for question, _ in batch])
                for (_, waits), answer in zip(batch, answers, strict=True):
                    if waits is not None and not waits.done():
                        waits.set_result(answer)
        finally:
            self._asking = None
            for _, waits in (*batch, *self._waiting):
                if waits is not None:
                    waits.cancel()  # no-op where it is answered; nobody waits for ever
            self._waiting.clear()
