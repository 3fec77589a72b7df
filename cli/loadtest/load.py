"""Sends the requests of one process over its connections and counts what becomes of them."""

from __future__ import annotations

import asyncio
import ssl
import time
from functools import partial

from cli.client import read_problem
from cli.loadtest.answers import Answer
from cli.loadtest.connection import Connection
from cli.loadtest.pace import ClosedLoop, OpenLoop, Pace
from cli.loadtest.plan import Plan
from cli.loadtest.tally import Tally
from cli.loadtest.watch import Watch
from cli.loadtest.workload import Job, Workload
from cli.output import CommandFailed

GOOD_STATUSES = {
    "increment": frozenset({200}),
    "grant": frozenset({201}),
    "top": frozenset({200}),
    # A user without a score is an answer, not an error: the load asks for users it never wrote.
    "user": frozenset({200, 404}),
}
SWEEP_S = 0.02
CONNECT_TIMEOUT_S = 5.0
OPENING_MAX = 64
RETRY_FIRST_S = 0.1
RETRY_MAX_S = 1.0
INTERRUPTED_GRACE_S = 1.0


class Load:
    """Owns the connections. A request that has had no answer for `timeout_s` is given up."""

    def __init__(self, plan: Plan, workload: Workload, tally: Tally, watch: Watch) -> None:
        self._plan = plan
        self._workload = workload
        self._tally = tally
        self._watch = watch
        draw = workload.draw
        self._pace: Pace = OpenLoop(plan, draw, tally) if plan.segments else ClosedLoop(plan, draw)
        self._connections: set[Connection] = set()
        self._opening: dict[asyncio.Task[None], Job | None] = {}
        self._ssl = _tls() if plan.target.is_tls else None
        self._is_running = False
        self.last_answer_s = 0.0

    async def connect(self) -> None:
        """Opens every connection. Raises CommandFailed where the service takes none of them."""
        turns = asyncio.Semaphore(OPENING_MAX)

        async def open_one(seat: int) -> None:
            async with turns:
                await self._open(seat)

        wanted = [open_one(seat) for seat in range(self._plan.connections)]
        ended = await asyncio.gather(*wanted, return_exceptions=True)
        failures = [each for each in ended if isinstance(each, BaseException)]
        if failures:
            raise CommandFailed(
                f"{self._plan.target.url} took {len(ended) - len(failures)} of "
                f"{len(ended)} connections: choose fewer with --connections."
            ) from failures[0]

    async def run(self, start_s: float, stopping: asyncio.Event) -> None:
        """Until everything is answered or given up; `stopping` ends it early."""
        self._is_running = True
        self._pace.begin(start_s, sorted(self._connections, key=lambda each: each.seat))
        open_seats = {each.seat for each in self._connections}
        for seat in range(self._plan.connections):
            if seat not in open_seats:  # lost while all waited for the start
                self._open_later(seat, None)
        while not self._pace.is_over:
            if stopping.is_set():
                self._pace.stop()
                break
            if self._has_ended(start_s):
                break
            await self._sweep()
        await self._finish(stopping)

    def answered(self, connection: Connection, job: Job, answer: Answer, now_s: float) -> None:
        """Counts the answer, and lets the connection go on."""
        operation = job.operation
        self.last_answer_s = now_s
        following: Job | None = None
        if answer.status in GOOD_STATUSES[operation]:
            self._tally.answer(operation, now_s - job.due_s)
            if operation == "grant":
                following = self._follow(job, answer, now_s)
            elif operation == "increment":
                self._watch.acknowledge(job, answer.body, now_s)
        else:
            problem = read_problem(answer.body, f"http_{answer.status}")
            self._tally.refuse(operation, problem.code, problem.policy)
        if not connection.is_open:
            self._replace(connection, following)
        elif following is not None:
            connection.send(following)
        else:
            self._pace.free(connection)

    def lost(self, connection: Connection, job: Job | None, code: str, now_s: float) -> None:
        """Counts a request that is never answered, and opens another connection."""
        if job is not None and self._is_running:
            self._tally.miss(job.operation, code, now_s - job.due_s)
        self._replace(connection, None)

    def _follow(self, job: Job, answer: Answer, now_s: float) -> Job | None:
        following = self._workload.follow(job, answer.body)
        if following is None:
            self._tally.refuse("grant", "bad_answer", "")
        else:
            following.due_s = now_s
        return following

    def _has_ended(self, start_s: float) -> bool:
        """Whether an open loop has let its time pass: the rest of its backlog has the timeout."""
        lasts_s = self._plan.load_lasts_s
        return lasts_s is not None and (time.monotonic() > start_s + lasts_s + self._plan.timeout_s)

    async def _finish(self, stopping: asyncio.Event) -> None:
        """Waits for what is under way: as long as answers may take, not long once interrupted."""
        begun_s = time.monotonic()
        if not stopping.is_set():
            self._pace.give_up()
        while self._is_awaiting_answers():
            if stopping.is_set() and time.monotonic() - begun_s > INTERRUPTED_GRACE_S:
                break
            await self._sweep()
        self._is_running = False
        self._stop_opening()
        for each in list(self._connections):
            each.close()

    def _is_awaiting_answers(self) -> bool:
        """Whether anything is under way, or granted and not given up yet for want of a way."""
        oldest_s = time.monotonic() - self._plan.timeout_s
        return any(each.job is not None for each in self._connections) or any(
            first is not None and first.due_s >= oldest_s for first in self._opening.values()
        )

    def _stop_opening(self) -> None:
        """What a connection was to begin with is never sent now, and counted so."""
        now_s = time.monotonic()
        for task, first in self._opening.items():
            if first is not None and not task.done():
                self._tally.miss(first.operation, "not_sent", now_s - first.due_s)
            task.cancel()

    async def _sweep(self) -> None:
        await asyncio.sleep(SWEEP_S)
        oldest_s = time.monotonic() - self._plan.timeout_s
        for each in list(self._connections):
            if each.job is not None and each.job.sent_s < oldest_s:
                each.close("timeout")

    def _replace(self, connection: Connection, first: Job | None) -> None:
        self._connections.discard(connection)
        if self._is_running:
            self._open_later(connection.seat, first)

    def _open_later(self, seat: int, first: Job | None) -> None:
        task = asyncio.get_running_loop().create_task(self._open_again(seat, first))
        self._opening[task] = first
        task.add_done_callback(self._opening.pop)

    async def _open_again(self, seat: int, first: Job | None) -> None:
        pause_s = RETRY_FIRST_S
        while True:
            try:
                connection = await self._open(seat)
            except (OSError, TimeoutError):
                self._tally.fail_to_connect()
                await asyncio.sleep(pause_s)
                pause_s = min(RETRY_MAX_S, pause_s * 2)
                continue
            self._begin(connection, first)
            return

    def _begin(self, connection: Connection, first: Job | None) -> None:
        if first is None:
            self._pace.free(connection)
        elif connection.is_open:
            connection.send(first)
        else:  # lost again, so that another takes its place
            waited_s = time.monotonic() - first.due_s
            self._tally.miss(first.operation, "connection_lost", waited_s)

    async def _open(self, seat: int) -> Connection:
        target = self._plan.target
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, connection = await asyncio.get_running_loop().create_connection(
                partial(Connection, self, seat),
                target.address,
                target.port,
                ssl=self._ssl,
                server_hostname=target.host if self._ssl else None,
            )
        self._connections.add(connection)
        return connection


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
