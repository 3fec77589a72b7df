"""Processes that work on slices of the history side by side, and end with whoever started them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from cli.output import CommandFailed
from cli.signals import STOPPING
from scoreboard.ledger.slices import Slice

WORKERS_MAX = 4
"""Each takes about 60 MB, and they are not alone on their machine."""

Take = Callable[[Any], None]
"""Is given the answer to each slice."""


async def work_through(
    slices: list[Slice], work: Callable[[Connection, Any], None], task: object, take: Take
) -> None:
    """Gives the slices to as many processes as there are processors, one at a time to each.

    `work` runs in each of them, with a pipe for slices and answers; a text as an answer is the
    sentence that it failed with. Raises CommandFailed. Whatever ends this ends the processes.
    """
    waiting = iter(slices)
    count = min(os.cpu_count() or 1, len(slices), WORKERS_MAX)
    with ExitStack() as stack:
        pipes = [stack.enter_context(_process(work, task)) for _ in range(count)]
        try:
            async with asyncio.TaskGroup() as tasks:
                for pipe in pipes:
                    tasks.create_task(_feed(pipe, waiting, take))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None  # the others fail for the same reason


async def _feed(pipe: Connection, waiting: Iterator[Slice], take: Take) -> None:
    try:
        for each in waiting:
            pipe.send(each)
            await _until_readable(pipe.fileno())
            answer = pipe.recv()
            if isinstance(answer, str):
                raise CommandFailed(answer)
            take(answer)
    except (EOFError, OSError) as error:
        raise CommandFailed(
            "A process that verified tokens ended before its time. Run the command again."
        ) from error


async def _until_readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    is_readable = asyncio.Event()
    loop.add_reader(descriptor, is_readable.set)
    try:
        await is_readable.wait()
    finally:
        loop.remove_reader(descriptor)


@contextmanager
def _process(work: Callable[[Connection, Any], None], task: object) -> Iterator[Connection]:
    """This side's end of the pipe of a new process, which is gone after the block."""
    # Never forked: an event loop runs here. What `task` holds goes through a pipe as well.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, task), daemon=True)
    # The terminal sends Ctrl-C to all of them. It is for this process alone, which ends the others:
    # they inherit that it is blocked. What starts first unblocks it again, so it starts before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.kill()  # it has nothing to put in order
        process.join()
        process.close()
