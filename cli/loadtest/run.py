"""One run from its first probe to its result."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from msgspec.structs import replace

from cli.loadtest.dashboard import Dashboard, draw
from cli.loadtest.fleet import Fleet
from cli.loadtest.measurements import Measurements, cost, new_histogram, summarise
from cli.loadtest.options import Options
from cli.loadtest.plan import Plan
from cli.loadtest.result import RunResult
from cli.loadtest.target import find_target, probe
from cli.loadtest.workload import Workload, open_issuer
from scoreboard import __version__
from scoreboard.domain.times import iso_utc
from scoreboard.settings import Settings


async def execute(options: Options, settings: Settings) -> RunResult:
    """The result, also of a run that the user ended early.

    Raises CommandFailed, ConfigurationError or BadParameter before any load is made.
    """
    new_histogram()  # tells now that its library is missing
    target = await find_target(options.url, options.yes_i_own_this_server)
    plan = options.plan(target, settings)
    await probe(plan, Workload(plan, open_issuer(plan)))
    measurements = Measurements(options.processes)
    dashboard = Dashboard(plan, measurements)
    fleet = Fleet(dashboard.start, measurements.take)
    started_at = iso_utc(datetime.now(UTC))
    async with AsyncExitStack() as stack:
        if sys.stderr.isatty():
            drawing = asyncio.create_task(draw(dashboard))
            stack.push_async_callback(_end, drawing)
        is_whole = await fleet.run(plan.split(options.processes))
    measurements.finish()
    result = _result(options, plan, measurements, fleet)
    result = replace(result, started_at=started_at, interrupted=not is_whole)
    return replace(result, objectives=[each.judge(result) for each in options.slo or ()])


def _result(options: Options, plan: Plan, measurements: Measurements, fleet: Fleet) -> RunResult:
    return RunResult(
        started_at="",
        interrupted=False,
        config=options.describe(plan),
        environment={
            "scoreboard": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "cpus": os.cpu_count() or 0,
        },
        took_s=max((each.took_s for each in fleet.done), default=0.0),
        answered=measurements.answered,
        errors=dict(measurements.errors.most_common()),
        rate_limited_by=dict(measurements.rate_limited_by),
        late=measurements.late,
        latency=summarise(measurements.latency),
        operations=measurements.operations(),
        series=measurements.series,
        watchers=measurements.watchers(plan.watchers),
        generator=cost(fleet.done, measurements.requests),
    )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
