"""A process that makes load: `python -m cli.loadtest.worker`, told what to do on stdin.

Keys are read from their file here: no secret is passed between the processes.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time

import msgspec

from cli.loadtest.load import Load
from cli.loadtest.messages import Done, Failed, Message, Ready, Start, encode_line
from cli.loadtest.plan import Plan, Schedule
from cli.loadtest.tally import Tally
from cli.loadtest.watch import Watch
from cli.loadtest.workload import Workload, open_issuer
from cli.output import CommandFailed
from scoreboard.domain.errors import ConfigurationError

REFILL_S = 0.005
LINE_MAX = 1024 * 1024
FILES_BESIDE = 64


class Pipe(asyncio.Protocol):
    """Stdout without waiting: a reader who is slow must not hold up the load."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's."""
        self.closed.set_result(None)


class Process:
    """One plan, carried out."""

    def __init__(
        self, plan: Plan, orders: asyncio.StreamReader, pipe: asyncio.WriteTransport
    ) -> None:
        self._plan = plan
        self._orders = orders
        self._pipe = pipe
        self._tally = Tally()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Prepares, waits for the start, loads, and tells what it cost."""
        plan = self._plan
        _allow_files(plan.connections + plan.watchers)
        workload = Workload(plan, open_issuer(plan))
        watch = Watch(plan, self._tally)
        load = Load(plan, workload, self._tally, watch)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(watch.run())
            preparing = tasks.create_task(self._prepare(workload, watch, load))
            # Before it is ready no order comes but the end of them, which ends the preparation.
            line = await self._orders.readline()
            if line:
                start = msgspec.json.decode(line, type=Start)
                await self._carry_out(tasks, start, workload, watch, load)
            preparing.cancel()
            watching.cancel()

    def say(self, message: Message) -> None:
        """Tells the command."""
        self._pipe.write(encode_line(message) + b"\n")

    async def _prepare(self, workload: Workload, watch: Watch, load: Load) -> None:
        await workload.stock_up(_expected(self._plan))
        await watch.wait_until_ready()
        await load.connect()
        gc.freeze()  # the stock would be walked through again and again
        self.say(Ready())

    async def _carry_out(
        self,
        tasks: asyncio.TaskGroup,
        start: Start,
        workload: Workload,
        watch: Watch,
        load: Load,
    ) -> None:
        ahead_s = workload.minting_cpu_s
        others = [
            tasks.create_task(self._listen()),
            tasks.create_task(self._tell(start.at_s, watch)),
            tasks.create_task(_refill(workload)),
        ]
        cpu_s = await self._measure(load, start.at_s)
        for task in others:
            task.cancel()
        self.say(self._tally.turn())
        took_s = max(load.last_answer_s - start.at_s, self._lasted_s(start.at_s))
        self.say(Done(took_s, cpu_s, workload.minting_cpu_s, ahead_s))

    async def _measure(self, load: Load, start_s: float) -> float:
        begun_s = time.process_time()
        await load.run(start_s, self._stopping)
        return time.process_time() - begun_s

    async def _listen(self) -> None:
        """No further order, or nobody there to give one, means stop."""
        await self._orders.read()
        self._stopping.set()

    async def _tell(self, start_s: float, watch: Watch) -> None:
        """A slice at the end of each second."""
        while True:
            end_s = start_s + self._tally.now.second + 1
            await asyncio.sleep(end_s - time.monotonic())
            watch.sweep()
            self.say(self._tally.turn())

    def _lasted_s(self, start_s: float) -> float:
        """How long requests were sent, also in seconds without answers."""
        lasts_s = self._plan.load_lasts_s
        if lasts_s is None or self._plan.requests is not None:
            return 0.0  # the last answer ends it
        return min(time.monotonic() - start_s, lasts_s)


async def _refill(workload: Workload) -> None:
    while True:
        await asyncio.sleep(REFILL_S)
        workload.refill()


def _allow_files(sockets: int) -> None:
    """Raises this process's limit of open files as far as it needs, or CommandFailed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sockets + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise CommandFailed(
                f"One process may open {hard:,} files here and would need {needed:,}: "
                "choose more --processes, or raise `ulimit -n`."
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _expected(plan: Plan) -> int | None:
    """How many requests there will be; None where the service decides."""
    if plan.requests is not None:
        return plan.requests
    return Schedule(plan.segments).arrivals // plan.parts if plan.segments else None


async def _main() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=LINE_MAX)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    pipe, protocol = await loop.connect_write_pipe(Pipe, sys.stdout)
    line = await orders.readline()
    if not line:
        return  # the command is gone already
    process = Process(msgspec.json.decode(line, type=Plan), orders, pipe)
    try:
        await process.run()
    except* (CommandFailed, ConfigurationError) as group:
        process.say(Failed(str(_first(group))))
    pipe.close()
    await protocol.closed


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    asyncio.run(_main())
