"""Ctrl-C and SIGTERM end a command in order, once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Within the block the first signal ends the work, and later ones change nothing.

    They must not: cutting the end short is what leaves servers behind. Outside the event loop the
    signal raises KeyboardInterrupt, and so does `run` once its coroutine has come to its end.
    Belongs on the main thread.
    """

    def __init__(self) -> None:
        self.is_received = False
        self._cancel: Callable[[], object] | None = None
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        # Not loop.add_signal_handler: between loops the signals would kill the process.
        # What is ignored already stays so: under nohup the service outlives its terminal.
        heeded = [each for each in STOPPING if signal.getsignal(each) is not signal.SIG_IGN]
        self._previous = {each: signal.signal(each, self._receive) for each in heeded}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each, handler in self._previous.items():
            signal.signal(each, handler)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, run on an event loop of its own; a signal cancels it.

        What alone failed in a task group is raised as itself, without its groups.
        """
        try:
            return asyncio.run(self._cancellable(work))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        except BaseExceptionGroup as group:
            error: BaseException = group
            while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
                error = error.exceptions[0]
            raise error from None

    async def _cancellable(self, work: Coroutine[Any, Any, T]) -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            return await work
        finally:
            self._cancel = None

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_received:
            return
        self.is_received = True
        if self._cancel is None:
            raise KeyboardInterrupt
        self._cancel()


def run_work(work: Coroutine[Any, Any, T]) -> T:
    """The result of a command's work; Ctrl-C and SIGTERM cancel it and raise KeyboardInterrupt."""
    with StopSignals() as signals:
        return signals.run(work)


@contextmanager
def signals_held() -> Iterator[None]:
    """A stopping signal that arrives within the block is handled at its end.

    For what must not be cut in two, like starting a child and keeping its handle: a child whose
    handle is lost is one that nobody stops.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers run on the main thread alone
        return
    arrived: list[int] = []
    heeded = [each for each in STOPPING if signal.getsignal(each) not in (signal.SIG_IGN, None)]
    previous = {each: signal.signal(each, lambda n, _: arrived.append(n)) for each in heeded}
    try:
        yield
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)
        for number in arrived:
            signal.raise_signal(number)
