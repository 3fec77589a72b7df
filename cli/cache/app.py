"""`scoreboard cache`: its commands."""

from __future__ import annotations

import typer

from cli.cache.rebuild import rebuild
from cli.cache.verify import verify

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The ranks in Redis, made from PostgreSQL."
)
app.command()(rebuild)
app.command()(verify)
