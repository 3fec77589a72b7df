"""One worker process, as its supervisor sees it."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

import msgspec

from cli.output import CommandFailed
from cli.supervisor.messages import (
    ASK,
    LINE_MAX_BYTES,
    Refused,
    Report,
    Serving,
    decode_message,
)
from scoreboard.domain.errors import ConfigurationError, ServerAway
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.totals import Family

ANSWER_S = 1.0
"""Longest a worker's report is waited for; then its last one counts."""
SILENCES_MAX = 15
"""Rounds without an answer after which a worker hangs for good: 30 s, with the pauses between.

Rounds, not seconds: whoever was suspended together with its workers must not kill them.
"""

# -P: a folder called `cli` where the operator happens to stand is not the program.
COMMAND = (sys.executable, "-P", "-m", "cli.supervisor.worker")

OnReport = Callable[[tuple[Family, ...]], None]


class WorkerProcess:
    """Started once, and watched to its end."""

    def __init__(
        self,
        number: int,
        process: asyncio.subprocess.Process,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        on_report: OnReport,
    ) -> None:
        self.number = number
        self.url = ""
        self.refusal: Refused | None = None
        self._process = process
        self._reader, self._writer = streams
        self._on_report = on_report
        self._started_s = time.monotonic()
        self._settled = asyncio.Event()
        self._answer: asyncio.Future[None] | None = None
        self._is_answering = True
        self._silences = 0
        self._log = get_log("supervisor")
        self._ending = asyncio.create_task(self._watch())

    @classmethod
    async def start(cls, number: int, environ: Mapping[str, str], on_report: OnReport) -> Self:
        """Starts it with these variables; `on_report` takes its metrics from then on.

        Raises OSError where the system allows no further process.
        """
        mine, its = socket.socketpair()
        with its:
            streams = await asyncio.open_unix_connection(sock=mine, limit=LINE_MAX_BYTES)
            try:
                process = await asyncio.create_subprocess_exec(
                    *COMMAND,
                    str(number),
                    str(its.fileno()),
                    env=environ,
                    pass_fds=(its.fileno(),),
                )
            except BaseException:
                streams[1].close()
                raise
        return cls(number, process, streams, on_report)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_serving(self) -> bool:
        """Whether its port is open, it answered when it was last asked, and has not ended."""
        return bool(self.url) and self._is_answering and not self._writer.is_closing()

    @property
    def lived_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._started_s

    async def until_serving(self) -> None:
        """Raises ConfigurationError with its sentence, CommandFailed where it ended without one."""
        await self._settled.wait()
        if self.url:
            return
        if self.refusal is None:
            end = describe_end(await self.until_ended())
            raise CommandFailed(
                f"Worker {self.number} ended before it served ({end}); what it said stands above."
            )
        failure = ServerAway if self.refusal.is_away else ConfigurationError
        raise failure(self.refusal.sentence)

    async def until_ended(self) -> int:
        """Its exit code, negative for a signal; whatever it has told is known by then."""
        return await asyncio.shield(self._ending)

    async def ask(self, patience_s: float = ANSWER_S) -> None:
        """Has it report, and returns once it has, or ended, or did not in time."""
        if self._writer.is_closing():
            return
        if self._answer is None:
            self._answer = asyncio.get_running_loop().create_future()
            self._writer.write(ASK)
        done, _ = await asyncio.wait(
            (self._answer, self._ending), timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
        )
        self._is_answering = bool(done)

    async def look_after(self, patience_s: float = ANSWER_S) -> None:
        """One round: asks, and kills it where it has not answered for too many rounds."""
        await self.ask(patience_s)
        self._silences = 0 if self._is_answering else self._silences + 1
        if self._silences >= SILENCES_MAX:
            self._log.warning("worker hangs", worker=self.number, pid=self.pid)
            self._kill()

    async def stop(self, patience_s: float) -> bool:
        """Lets it drain and end, and kills it when time is up; whether it ended by itself."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        await asyncio.wait((self._ending,), timeout=patience_s)
        in_time = self._ending.done()
        if not in_time:
            self._kill()
        await self._ending
        return in_time

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def _watch(self) -> int:
        try:
            with suppress(OSError):
                # A line without an end is what a killed worker was about to say.
                while (line := await self._reader.readline()).endswith(b"\n"):
                    self._take(line)
        except (msgspec.MsgspecError, ValueError) as error:  # ValueError: the line is too long
            self._log.warning("worker unreadable", worker=self.number, error=str(error))
            self._kill()
        finally:
            self._writer.close()
            self._settled.set()
        return await self._process.wait()

    def _take(self, line: bytes) -> None:
        match decode_message(line):
            case Serving(url):
                self.url = url
                self._settled.set()
            case Refused() as refusal:
                self.refusal = refusal
            case Report(families):
                self._on_report(families)
                if self._answer is not None:
                    self._answer.set_result(None)
                    self._answer = None


def describe_end(code: int) -> str:
    """An exit code in words."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
