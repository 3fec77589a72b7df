"""A process beside this one that works on its own and answers when it is asked."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, Self, TypeVar

READY_S = 180.0
STOP_S = 10.0

Plan = TypeVar("Plan")
Found = TypeVar("Found")


class Beside(Generic[Found]):
    """It lives in the block, on the cores of this process, and ends with this one at the latest.

    It sends one object once it is ready, then one for each that it receives. An exception among
    them is raised here.
    """

    def __init__(self, run: Callable[[Connection, Plan], None], plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=run, args=(theirs, plan), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        """It is ready. Raises TimeoutError, or what it failed with."""
        try:
            self._receive()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def collect(self) -> Found:
        """What it has found since the last time. Raises what it failed with."""
        self._pipe.send(None)
        return self._receive()

    def _receive(self) -> Found:
        if not self._pipe.poll(READY_S):
            raise TimeoutError(f"a process beside this one says nothing for {READY_S:.0f} s")
        found = self._pipe.recv()
        if isinstance(found, BaseException):
            raise found
        return found  # type: ignore[no-any-return]  # a pipe knows no types

    def _end(self) -> None:
        self._pipe.close()
        self._process.join(STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
