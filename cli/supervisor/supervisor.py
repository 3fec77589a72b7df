"""Keeps N workers running on one port, and adds up what they count."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack

import msgspec
from aiohttp import web
from prometheus_client import Counter, Gauge

from cli.output import CommandFailed
from cli.supervisor.port import until_reserved
from cli.supervisor.process import WorkerProcess, describe_end
from scoreboard.ports import open_admin_port
from scoreboard.settings import PREFIX, Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics
from scoreboard.telemetry.totals import Totals, read_families
from scoreboard.web.probes import admin_app

REPORT_S = 1.0
"""Pause between reports. What a killed worker counted since its last one is not known."""
STEADY_S = 10.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
CLOSE_S = 5.0
"""What a worker may take beyond its drain to close what it opened."""
SUPERVISOR = 0
"""Its own number in the totals; workers count from 1."""


class Pauses:
    """How long to wait before a worker is started again: not at all, unless it dies young again."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def after(self, lived_s: float) -> float:
        """The pause in seconds after a life of `lived_s`."""
        if lived_s >= STEADY_S:
            self._next_s = 0.0
        pause_s = self._next_s
        self._next_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        return pause_s


class Supervisor:
    """Has no store and no bus of its own: it starts, watches, adds up and stops."""

    def __init__(self, settings: Settings, own: Metrics) -> None:
        """`own` is what this process itself counts."""
        self._settings = settings
        self._stop_s = settings.drain_notice_s + settings.drain_s + CLOSE_S
        self._workers: dict[int, WorkerProcess] = {}
        self._own = own
        registry = self._own.registry
        self._serving = Gauge("scoreboard_workers", "Workers that serve.", registry=registry)
        self._restarts = Counter(
            "scoreboard_worker_restarts", "Workers that ended and were replaced.", registry=registry
        )
        self._totals = Totals(self._own.combine)
        self._log = get_log("supervisor")

    async def run(self) -> None:
        """Until cancelled; all workers have ended then.

        Raises ConfigurationError or CommandFailed where the workers cannot start; once they have,
        those that end are replaced.
        """
        settings = self._settings
        async with AsyncExitStack() as stack:
            port = await until_reserved(stack, settings.host, settings.port, self._stop_s)
            admin_url = await open_admin_port(stack, self._admin_app(), settings)
            stack.push_async_callback(self._stop)
            await self._start_all(port)
            await asyncio.gather(*(each.until_serving() for each in self._workers.values()))
            url = self._workers[1].url
            self._log.info("serving", url=url, admin_url=admin_url, workers=settings.workers)
            async with asyncio.TaskGroup() as group:
                for number in self._workers:
                    group.create_task(self._keep(number, port))
                group.create_task(self._collect_reports())

    async def _keep(self, number: int, port: int) -> None:
        """Replaces a worker whenever it ends."""
        pauses = Pauses()
        while True:
            worker = self._workers[number]
            code = await worker.until_ended()
            self._totals.end(number)
            pause_s = pauses.after(worker.lived_s)
            reason = worker.refusal.sentence if worker.refusal else describe_end(code)
            self._log.warning("worker ended", worker=number, reason=reason, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)
            await self._restart(number, port, pauses)

    async def _restart(self, number: int, port: int, pauses: Pauses) -> None:
        """However long the system lacks the memory, the descriptors or the processes for it."""
        while True:
            try:
                await self._start(number, port)
            except OSError as error:
                pause_s = pauses.after(0.0)
                self._log.warning(
                    "worker not started", worker=number, reason=str(error), retry_in_s=pause_s
                )
                await asyncio.sleep(pause_s)
            else:
                self._restarts.inc()
                return

    async def _start_all(self, port: int) -> None:
        for number in range(1, self._settings.workers + 1):
            try:
                await self._start(number, port)
            except OSError as error:
                raise CommandFailed(f"Worker {number} cannot be started: {error}.") from error

    async def _start(self, number: int, port: int) -> None:
        settings = self._settings
        environ = {
            **os.environ,
            f"{PREFIX}PORT": str(port),
            f"{PREFIX}WORKERS": str(settings.workers),
            f"{PREFIX}ROLES": ",".join(settings.roles),
            f"{PREFIX}INSTANCE_ID": f"{settings.instance_id}-{number}",
        }
        self._workers[number] = await WorkerProcess.start(
            number, environ, lambda families: self._totals.take(number, families)
        )

    async def _stop(self) -> None:
        workers = self._workers.values()
        if any(each.is_serving for each in workers):
            self._log.info("draining")
        stops = (each.stop(self._stop_s) for each in workers)
        stopped = await asyncio.gather(*stops, return_exceptions=True)
        for worker, in_time in zip(workers, stopped, strict=True):
            if isinstance(in_time, BaseException):
                self._log.error("worker not watched", worker=worker.number, reason=repr(in_time))
            elif not in_time:
                self._log.warning("worker killed", worker=worker.number, pid=worker.pid)

    async def _collect_reports(self) -> None:
        while True:
            await asyncio.gather(*(each.look_after() for each in self._workers.values()))
            await asyncio.sleep(REPORT_S)

    async def _ask_all(self) -> None:
        await asyncio.gather(*(each.ask() for each in self._workers.values()))

    async def _render_metrics(self) -> bytes:
        await self._ask_all()
        self._serving.set(sum(each.is_serving for each in self._workers.values()))
        self._totals.take(SUPERVISOR, read_families(self._own))
        return self._totals.render()

    def _admin_app(self) -> web.Application:
        app = admin_app(self._render_metrics)
        app.router.add_get("/workers", self._read_workers)
        return app

    async def _read_workers(self, _request: web.Request) -> web.Response:
        """Which workers there are: `{"workers": [{"worker", "pid", "isServing"}]}`."""
        workers = [
            {"worker": each.number, "pid": each.pid, "isServing": each.is_serving}
            for each in self._workers.values()
        ]
        return web.Response(
            body=msgspec.json.encode({"workers": workers}), content_type="application/json"
        )
