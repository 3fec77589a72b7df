"""`scoreboard serve`: one instance, configured by the environment."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from cli.environment import read_service_settings
from cli.signals import StopSignals
from scoreboard.settings import WORKERS_MAX, Settings, split_list

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics


def serve(
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=WORKERS_MAX, help="Processes on one port. Default: SCOREBOARD_WORKERS, or 1."
        ),
    ] = None,
    roles: Annotated[
        str | None,
        typer.Option(help="Some of api,gateway,relay. Default: SCOREBOARD_ROLES, or all."),
    ] = None,
) -> None:
    """Serve one instance.

    SCOREBOARD_* variables name its PostgreSQL, Redis and RabbitMQ, and set every limit.

    Logs go to stdout, one JSON object a line. SIGTERM and Ctrl-C drain, then stop.

    With --workers a supervisor keeps so many processes on the port, replaces one that dies, and
    adds up their metrics on the admin port.

    \b
    Examples:
      export SCOREBOARD_DATABASE_URL=postgresql://scoreboard@db/scoreboard
      export SCOREBOARD_REDIS_URL=redis://cache
      scoreboard db migrate && scoreboard serve
      scoreboard serve --workers 4
      scoreboard serve --roles gateway
    """
    from scoreboard.telemetry.logs import (  # noqa: PLC0415 - keeps --help quick
        configure_logs,
        open_stdout,
    )
    from scoreboard.telemetry.metrics import Metrics  # noqa: PLC0415

    settings = _choose(read_service_settings(), workers, roles)
    names = {} if settings.workers == 1 else {"instance": settings.instance_id}
    metrics = Metrics()
    configure_logs(open_stdout(), metrics.log_lines_lost.inc, **names)
    run = _run if settings.workers == 1 else _supervise
    with StopSignals() as signals, suppress(KeyboardInterrupt):
        signals.run(run(settings, metrics))


def _choose(settings: Settings, workers: int | None, roles: str | None) -> Settings:
    """The settings with what the command line says instead. Raises ConfigurationError."""
    if workers is not None:
        settings = dataclasses.replace(settings, workers=workers)
    if roles is not None:
        settings = dataclasses.replace(settings, roles=split_list(roles))
    settings.check()
    return settings


async def _run(settings: Settings, metrics: Metrics) -> None:
    from scoreboard.bootstrap import run_service  # noqa: PLC0415 - keeps --help quick

    await run_service(settings, metrics)


async def _supervise(settings: Settings, metrics: Metrics) -> None:
    from cli.supervisor.supervisor import Supervisor  # noqa: PLC0415 - keeps --help quick

    await Supervisor(settings, metrics).run()
