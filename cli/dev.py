"""`scoreboard dev`: everything on this machine, with players, in one command."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from cli.environment import given
from cli.output import JsonOption
from cli.signals import StopSignals


def dev(
    players: Annotated[int, typer.Option(min=0, help="How many players are simulated.")] = 200,
    rate: Annotated[
        float, typer.Option(min=0.01, max=10_000, help="Actions per second of all players.")
    ] = 40.0,
    host: Annotated[
        str, typer.Option(envvar="SCOREBOARD_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, envvar="SCOREBOARD_PORT", help="0: any free one.")
    ] = 8080,
    admin_port: Annotated[
        int, typer.Option(min=0, max=65_535, envvar="SCOREBOARD_ADMIN_PORT", help="Metrics.")
    ] = 9090,
    data_dir: Annotated[
        Path, typer.Option(file_okay=False, help="Databases, keys and logs.")
    ] = Path(".scoreboard"),
    as_json: JsonOption = False,
) -> None:
    """Run everything on this machine, with simulated players.

    PostgreSQL and Redis are private ones and nothing needs to be set. The scores stay in the data
    folder; delete it to start afresh. With --json one line tells the addresses once everything is
    ready. SCOREBOARD_* variables hold here too, but for the databases' addresses and the keys. A
    shell that reads `.scoreboard/environment.sh` can use an operator's commands on what runs here.

    \b
    Examples:
      scoreboard dev
      scoreboard dev --players 1000 --rate 300
      scoreboard dev --players 0 --port 8099 --admin-port 9099 --data-dir /tmp/try --json
    """
    from cli.playground.presentation import choose_presentation  # noqa: PLC0415 - quick --help
    from cli.playground.run import play  # noqa: PLC0415
    from cli.playground.servers import DevOptions, check_start, private_servers  # noqa: PLC0415

    environ = given(os.environ)
    options = DevOptions(players, rate, host, port, admin_port, data_dir)
    check_start(options, environ)
    shown = choose_presentation(as_json=as_json, is_terminal=sys.stdout.isatty())
    with StopSignals() as signals, suppress(KeyboardInterrupt):
        shown.say(f"Starting PostgreSQL and Redis in {data_dir} …")
        with private_servers(options) as servers:
            signals.run(play(options, servers, environ, shown))
    shown.say(f"Stopped. The scores are kept in {data_dir}.")
