"""When requests are sent: upon the last answer (closed loop), or when they are due (open loop)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from cli.loadtest.connection import Connection
from cli.loadtest.plan import Plan, Schedule
from cli.loadtest.tally import Tally
from cli.loadtest.workload import Job

BACKLOG_S = 30.0
"""What more than this of the highest rate would be waiting is not sent any more."""

BACKLOG_MIN = 1000

Draw = Callable[[], Job]


class Pace(Protocol):
    """Decides when a free connection sends. Times are on the monotonic clock."""

    def begin(self, start_s: float, connections: list[Connection]) -> None:
        """Sends from `start_s` on; the connections are free."""

    def free(self, connection: Connection) -> None:
        """A connection has become free."""

    def stop(self) -> None:
        """Nothing further arrives."""

    def give_up(self) -> None:
        """What waits will not be sent."""

    @property
    def is_over(self) -> bool:
        """Whether nothing will be sent any more."""


class ClosedLoop:
    """Each connection sends its next request upon the answer to the last."""

    def __init__(self, plan: Plan, draw: Draw) -> None:
        self._plan = plan
        self._draw = draw
        self._left = plan.requests
        self._start_s = 0.0
        self._end_s = float("inf")

    def begin(self, start_s: float, connections: list[Connection]) -> None:
        """With a ramp the seats begin one after the other."""
        self._start_s = start_s
        if self._plan.duration_s is not None:
            self._end_s = start_s + self._plan.duration_s
        for connection in connections:
            self.free(connection)

    def free(self, connection: Connection) -> None:
        """Sends the next, unless there is none; before its turn the connection waits for it."""
        # A connection that was lost before its turn comes again once it is open.
        if self.is_over or not connection.is_open:
            return
        share = connection.seat / self._plan.connections
        begins_s = self._start_s + self._plan.ramp_s * share
        if time.monotonic() < begins_s:
            asyncio.get_running_loop().call_at(begins_s, self.free, connection)
            return
        if self._left is not None:
            self._left -= 1
        job = self._draw()
        job.due_s = time.monotonic()
        connection.send(job)

    def stop(self) -> None:
        """Nothing is waiting in a closed loop."""
        self._left = 0

    def give_up(self) -> None:
        """As above."""

    @property
    def is_over(self) -> bool:
        """By number or by time."""
        return self._left == 0 or time.monotonic() >= self._end_s


class OpenLoop:
    """Requests arrive by the schedule, whatever became of those before them.

    One that finds no free connection waits, and its latency counts from when it was due: a service
    that stalls cannot keep the load from noticing (no coordinated omission).
    """

    def __init__(self, plan: Plan, draw: Draw, tally: Tally) -> None:
        self._plan = plan
        self._draw = draw
        self._tally = tally
        self._schedule = Schedule(plan.segments)
        self._number = plan.part
        self._left = -(-(self._schedule.arrivals - plan.part) // plan.parts)
        if plan.requests is not None:
            self._left = min(self._left, plan.requests)
        highest_per_s = max(max(each.from_per_s, each.to_per_s) for each in plan.segments)
        self._backlog_max = max(BACKLOG_MIN, int(highest_per_s * BACKLOG_S / plan.parts))
        self._backlog: deque[float] = deque()
        self._idle: deque[Connection] = deque()
        self._start_s = 0.0

    def begin(self, start_s: float, connections: list[Connection]) -> None:
        """The first is due at `start_s`, or shortly after where a ramp begins."""
        self._start_s = start_s
        self._idle.extend(connections)
        self._wait_for_next()

    def free(self, connection: Connection) -> None:
        """Sends what has waited longest, else waits for work."""
        if not connection.is_open:
            return  # lost again as soon as it was there; another takes its place
        if self._backlog:
            self._tally.now.late += 1
            self._send(connection, self._backlog.popleft())
        else:
            self._idle.append(connection)

    def stop(self) -> None:
        """What waits is forgotten too."""
        self._left = 0
        self._backlog.clear()

    def give_up(self) -> None:
        """What waits counts as an error, with the time it has waited."""
        now_s = time.monotonic()
        for due_s in self._backlog:
            self._tally.miss(self._draw().operation, "not_sent", now_s - due_s)
        self._backlog.clear()

    @property
    def is_over(self) -> bool:
        """Whether all have arrived and none waits."""
        return self._left == 0 and not self._backlog

    def _wait_for_next(self) -> None:
        if self._left > 0:
            loop = asyncio.get_running_loop()
            loop.call_at(self._start_s + self._schedule.due_s(self._number), self._arrive)

    def _arrive(self) -> None:
        """Lets everything arrive that is due: the timer's resolution is a millisecond."""
        now_s = time.monotonic()
        while self._left > 0:
            due_s = self._start_s + self._schedule.due_s(self._number)
            if due_s > now_s:
                break
            self._number += self._plan.parts
            self._left -= 1
            self._admit(due_s, now_s)
        self._tally.now.backlog = max(self._tally.now.backlog, len(self._backlog))
        self._wait_for_next()

    def _admit(self, due_s: float, now_s: float) -> None:
        while self._idle:
            connection = self._idle.popleft()
            if connection.is_open:  # one that was lost comes again once it is open
                self._send(connection, due_s)
                return
        if len(self._backlog) < self._backlog_max:
            self._backlog.append(due_s)
        else:
            self._tally.miss(self._draw().operation, "not_sent", now_s - due_s)

    def _send(self, connection: Connection, due_s: float) -> None:
        job = self._draw()
        job.due_s = due_s
        connection.send(job)
