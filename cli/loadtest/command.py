"""`scoreboard loadtest`: how much a service bears, and how well it looks meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.environment import read_key_settings
from cli.loadtest import options as given
from cli.output import FAILED, JsonOption, print_json, print_line
from cli.signals import StopSignals
from cli.top import DEFAULT_URL

HELP_OPTIONS = {"--help"}


class RunByDefault(TyperGroup):
    """`loadtest OPTIONS` is `loadtest run OPTIONS`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the parser's own
        """Puts the missing word in."""
        if not args or (args[0].startswith("-") and args[0] not in HELP_OPTIONS):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=RunByDefault,
    rich_markup_mode=None,
    help="Load a service and measure it; `loadtest OPTIONS` is `loadtest run OPTIONS`.",
)


@app.command()
def run(
    url: given.UrlOption = DEFAULT_URL,
    board: given.BoardOption = None,
    connections: given.ConnectionsOption = 64,
    rate: given.RateOption = None,
    duration: given.DurationOption = None,
    requests: given.RequestsOption = None,
    ramp: given.RampOption = None,
    stages: given.StagesOption = None,
    mix: given.MixOption = None,
    users: given.UsersOption = 10_000,
    distribution: given.DistributionOption = None,
    grant: given.GrantOption = "ahead",
    watchers: given.WatchersOption = 0,
    processes: given.ProcessesOption = 1,
    timeout: given.TimeoutOption = None,
    slo: given.SloOption = None,
    output: given.OutputOption = None,
    as_json: JsonOption = False,
    yes_i_own_this_server: given.OwnedOption = False,
) -> None:
    """Load a service and tell throughput, latencies and errors.

    Unless its mix only reads it writes to a board, for good: `scoreboard boards create loadtest`.

    \b
    Examples:
      scoreboard loadtest run --board loadtest --duration 30s --output result.json
      scoreboard loadtest run --board loadtest --rate 1000 --ramp 10s --duration 1m --watchers 100
      scoreboard loadtest run --mix top=3,user=1 --slo 'p99<50ms,errors<0.1%'
    """
    options = given.Options(**locals())  # every parameter is an option, by its name
    options.check()
    from cli.loadtest.run import execute  # noqa: PLC0415 - keeps --help quick
    from cli.loadtest.storage import STDOUT, check_writable, write_result  # noqa: PLC0415
    from cli.loadtest.summary import print_summary  # noqa: PLC0415

    check_writable(output)
    with StopSignals() as signals:
        result = signals.run(execute(options, read_key_settings()))
    if as_json or output == STDOUT:
        print_json(result)
    else:
        print_summary(result)
    if output is not None and output != STDOUT:
        write_result(output, result)
    if result.interrupted:
        raise KeyboardInterrupt
    if not result.answered or not all(each.is_met for each in result.objectives):
        raise typer.Exit(FAILED)


@app.command()
def report(
    result: Annotated[Path, typer.Argument(metavar="A.json", help="What `run --output` wrote.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="B.json", help="A second run, to compare with it.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The page to write; `-` is stdout.")] = Path(
        "report.html"
    ),
) -> None:
    """Draw one or two results as a single HTML page that needs nothing else.

    \b
    Examples:
      scoreboard loadtest report result.json
      scoreboard loadtest report before.json after.json --output comparison.html
    """
    from cli.loadtest.page import render_page  # noqa: PLC0415 - keeps --help quick
    from cli.loadtest.storage import (  # noqa: PLC0415
        STDOUT,
        check_writable,
        read_result,
        write_text,
    )

    check_writable(output)
    runs = [(path.name, read_result(path)) for path in (result, other) if path is not None]
    write_text(output, render_page(runs))
    if output != STDOUT:
        print_line(f"wrote {output}")
