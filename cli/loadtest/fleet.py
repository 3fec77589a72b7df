"""The generator processes of a run, from the command's side."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress

from cli.loadtest.messages import Done, Failed, Message, Ready, Start, decode_message, encode_line
from cli.loadtest.plan import Plan
from cli.loadtest.tally import Slice
from cli.output import CommandFailed

LINE_MAX = 64 * 1024 * 1024
START_IN_S = 0.2
STOP_GRACE_S = 5.0

# -P: a folder called `cli` where the user happens to stand is not the program.
COMMAND = (sys.executable, "-P", "-m", "cli.loadtest.worker")


class Fleet:
    """Runs the processes and hands every slice to `on_slice`."""

    def __init__(
        self, on_start: Callable[[float], None], on_slice: Callable[[Slice], None]
    ) -> None:
        """`on_start` is told the moment on the monotonic clock."""
        self._on_start = on_start
        self._on_slice = on_slice
        self._processes: list[Process] = []
        self.done: list[Done] = []

    async def run(self, plans: list[Plan]) -> bool:
        """True once all is done, False where the user ended it early. Raises CommandFailed."""
        try:
            is_whole = await self._run(plans)
        except BaseException:
            await self._end()
            raise
        ending = asyncio.create_task(self._end())
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await ending  # what was measured is worth telling also now
            return False
        return is_whole

    async def _run(self, plans: list[Plan]) -> bool:
        for plan in plans:
            self._processes.append(await _start(plan))
        await asyncio.gather(*(self._expect_ready(each) for each in self._processes))
        start = Start(time.monotonic() + START_IN_S)
        for each in self._processes:
            _tell(each, encode_line(start))
        self._on_start(start.at_s)
        readers = [asyncio.create_task(self._follow(each)) for each in self._processes]
        try:
            await asyncio.wait(readers, return_when=asyncio.FIRST_EXCEPTION)
            is_whole = True
        except asyncio.CancelledError:
            is_whole = False
            for each in self._processes:
                _close(each)
            await asyncio.wait(readers, timeout=STOP_GRACE_S)
        for reader in readers:
            reader.cancel()
        for ended in await asyncio.gather(*readers, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        return is_whole

    async def _expect_ready(self, process: Process) -> None:
        message = await _read(process)
        if not isinstance(message, Ready):
            raise CommandFailed("A generator process began before it was told to.")

    async def _follow(self, process: Process) -> None:
        while True:
            message = await _read(process)
            if isinstance(message, Slice):
                self._on_slice(message)
            elif isinstance(message, Done):
                self.done.append(message)
                return

    async def _end(self) -> None:
        """Leaves no process behind."""
        for each in self._processes:
            _close(each)
        ends = [asyncio.create_task(each.wait()) for each in self._processes]
        if not ends:
            return
        await asyncio.wait(ends, timeout=STOP_GRACE_S)
        for each in self._processes:
            if each.returncode is None:
                with suppress(ProcessLookupError):
                    each.kill()
        await asyncio.wait(ends)


async def _start(plan: Plan) -> Process:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=PIPE,
        stdout=PIPE,
        limit=LINE_MAX,
        process_group=0,  # Ctrl-C reaches the command alone, which ends the others in order
    )
    _tell(process, encode_line(plan))
    return process


def _tell(process: Process, line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line + b"\n")


def _close(process: Process) -> None:
    """The end of its orders means stop."""
    assert process.stdin is not None
    process.stdin.close()


async def _read(process: Process) -> Message:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise CommandFailed("A generator process ended unexpectedly; its own words stand above.")
    message: Message = decode_message(line)
    if isinstance(message, Failed):
        raise CommandFailed(message.sentence)
    return message
