"""`scoreboard events`: its commands."""

from __future__ import annotations

import typer

from cli.events.exporting import export
from cli.events.importing import import_
from cli.events.replay import replay
from cli.events.republish import republish
from cli.events.show import show
from cli.events.tail import tail
from cli.events.verify import verify

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The history of every score.")
app.command()(replay)
app.command()(verify)
app.command()(tail)
app.command()(show)
app.command()(republish)
app.command()(export)
app.command("import")(import_)
