"""`scoreboard serve`: one instance, configured by the environment."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

from cli.environment import read_service_settings
from cli.signals import StopSignals
from scoreboard.settings import Settings


def serve() -> None:
    """Serve one instance.

    SCOREBOARD_* variables name its PostgreSQL, Redis and RabbitMQ, and set every limit.

    Logs go to stdout, one JSON object a line. SIGTERM and Ctrl-C drain, then stop.

    \b
    Examples:
      export SCOREBOARD_DATABASE_URL=postgresql://scoreboard@db/scoreboard
      export SCOREBOARD_REDIS_URL=redis://cache
      scoreboard db migrate && scoreboard serve
    """
    from scoreboard.telemetry.logs import configure_logs  # noqa: PLC0415 - keeps --help quick

    settings = read_service_settings()
    configure_logs(sys.stdout)
    with StopSignals() as signals, suppress(KeyboardInterrupt):
        signals.run(_run(settings))


async def _run(settings: Settings) -> None:
    from scoreboard.bootstrap import open_service  # noqa: PLC0415 - keeps --help quick

    async with open_service(settings) as service:
        # What is there now stays: the collector need not walk it again and again.
        gc.collect()
        gc.freeze()
        await service.run()
