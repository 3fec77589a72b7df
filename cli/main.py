"""`scoreboard`: the root of the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli import acts, audit, boards, db, dev, keys, serve, token, top, users
from cli.cache.app import app as cache_app
from cli.doctor.command import doctor
from cli.events.app import app as events_app
from cli.loadtest.command import app as loadtest_app
from cli.output import failures_told, print_line
from scoreboard import __version__


class Commands(TyperGroup):
    """Every command's expected failures are told in the same way."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as below
        """Reads the words before the command's name."""
        with failures_told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the parser's own type is Typer's secret
        """Runs the command that was named."""
        with failures_told():
            return super().invoke(ctx)


app = typer.Typer(
    name="scoreboard",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # an unexpected error is shown whole, local secrets are not
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print_line(f"scoreboard {__version__}")
        raise typer.Exit


@app.callback()
def describe(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """A live scoreboard whose scores cannot be forged.

    Begin with `scoreboard dev`: it needs nothing that is running or set.
    """


app.command("dev")(dev.dev)
app.command("serve")(serve.serve)
app.command("top")(top.top)
app.command("doctor")(doctor)
app.add_typer(token.app, name="token")
app.add_typer(keys.app, name="keys")
app.add_typer(db.app, name="db")
app.add_typer(boards.app, name="boards")
app.add_typer(acts.app, name="acts")
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(events_app, name="events")
app.add_typer(cache_app, name="cache")
app.add_typer(loadtest_app, name="loadtest")

if __name__ == "__main__":
    app()
