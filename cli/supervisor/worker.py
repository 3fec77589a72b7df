"""One worker, as its supervisor starts it: `python -m cli.supervisor.worker NUMBER DESCRIPTOR`.

Settings come in the environment; the descriptor is its end of the channel.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress

from cli.environment import read_service_settings
from cli.output import FAILED, MISCONFIGURED
from cli.signals import StopSignals
from cli.supervisor.messages import Refused, Report, Serving, encode_message
from scoreboard.bootstrap import run_service
from scoreboard.domain.errors import ConfigurationError, ServerAway
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import configure_logs, get_log, open_stdout
from scoreboard.telemetry.metrics import Metrics
from scoreboard.telemetry.totals import read_families


def main() -> None:
    """Serves until a signal comes or the supervisor is gone."""
    number, descriptor = map(int, sys.argv[1:])
    channel = socket.socket(fileno=descriptor)
    settings = read_service_settings()
    metrics = Metrics()
    # The worker has a field of its own; its number need not stand in the name too.
    instance = settings.instance_id.removesuffix(f"-{number}")
    configure_logs(open_stdout(), metrics.log_lines_lost.inc, instance=instance, worker=number)
    with StopSignals() as signals, suppress(KeyboardInterrupt):
        sys.exit(signals.run(_run(settings, metrics, channel)))


async def _run(settings: Settings, metrics: Metrics, channel: socket.socket) -> int:
    """The exit code. The last thing told is what was counted, so that nothing counted is lost."""
    reader, writer = await asyncio.open_unix_connection(sock=channel)
    try:
        await _serve(settings, metrics, reader, writer)
    except ConfigurationError as error:
        is_away = isinstance(error, ServerAway)
        writer.write(encode_message(Refused(str(error), is_away)))
        return FAILED if is_away else MISCONFIGURED
    finally:
        _report(writer, metrics)
        writer.close()
        with suppress(OSError):  # nobody is left to be told
            await writer.wait_closed()
    return 0


async def _serve(
    settings: Settings, metrics: Metrics, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    def tell(url: str) -> None:
        writer.write(encode_message(Serving(url)))

    serving = asyncio.create_task(run_service(settings, metrics, is_worker=True, on_serving=tell))
    answering = asyncio.create_task(_answer(reader, writer, metrics))
    try:
        await asyncio.wait((serving, answering), return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            get_log("worker").warning("supervisor gone")
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving  # drains; or raises what ended it
        answering.cancel()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, metrics: Metrics
) -> None:
    """Reports when asked, until the supervisor's end is closed."""
    with suppress(OSError):
        while await reader.readline():
            _report(writer, metrics)


def _report(writer: asyncio.StreamWriter, metrics: Metrics) -> None:
    writer.write(encode_message(Report(read_families(metrics))))


if __name__ == "__main__":
    main()
