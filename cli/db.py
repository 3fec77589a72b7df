"""`scoreboard db`: the schema."""

from __future__ import annotations

import typer

from cli.environment import read_database_settings
from cli.output import FAILED, JsonOption, print_json, print_line, print_table
from cli.signals import run_work

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The database's schema.")


@app.command()
def migrate(as_json: JsonOption = False) -> None:
    """Bring the schema up to this release. Safe to repeat, and from several places at once.

    \b
    Example:
      SCOREBOARD_DATABASE_URL=postgresql://owner@db/scoreboard scoreboard db migrate
    """
    from scoreboard.ledger.migrations import migrate as apply  # noqa: PLC0415 - quick --help

    names = run_work(apply(read_database_settings().database_url))
    if as_json:
        print_json({"applied": names})
        return
    for name in names:
        print_line(f"applied {name}")
    if not names:
        print_line("The schema is up to date.")


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Show which migrations are applied; exit code 1 while any is pending.

    \b
    Examples:
      scoreboard db status
      scoreboard db status --json || scoreboard db migrate
    """
    from scoreboard.domain.times import iso_utc  # noqa: PLC0415 - quick --help
    from scoreboard.ledger.migrations import migration_status  # noqa: PLC0415

    found = run_work(migration_status(read_database_settings().database_url))
    applied_at = {
        each.name: None if each.applied_at is None else iso_utc(each.applied_at) for each in found
    }
    pending = sum(moment is None for moment in applied_at.values())
    if as_json:
        migrations = [{"name": name, "appliedAt": moment} for name, moment in applied_at.items()]
        print_json({"pending": pending, "migrations": migrations})
    else:
        rows = [(name, moment or "pending") for name, moment in applied_at.items()]
        print_table(("migration", "applied at"), rows)
    if pending:
        raise typer.Exit(FAILED)
