"""`scoreboard users`: who is suspended from a board, and back on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.acts import UserArgument, apply_act
from cli.arguments import DEFAULT_BOARD, BoardOption, KeyOption, ReasonOption
from cli.output import JsonOption, print_json, print_line
from cli.times import read_time
from scoreboard.domain.acts import Act, ActKind
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.times import iso_utc

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Users taken off a board, and back.",
)


@app.command()
def suspend(
    user: UserArgument,
    reason: ReasonOption,
    until: Annotated[
        datetime | None,
        typer.Option(
            parser=read_time, metavar="TIME", help="When it ends.  [default: when it is lifted]"
        ),
    ] = None,
    board: BoardOption = DEFAULT_BOARD,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a user off a board within a second; his score stays, and nobody can raise it.

    He is in no top, rank or live view, and his increments are refused with user_suspended. Given
    again, it sets another end.

    \b
    Examples:
      scoreboard users suspend $USER --reason "plays by a script"
      scoreboard users suspend $USER --reason "one day off" --until 2026-02-01T00:00:00Z
    """
    act = Act(ActKind.SUSPENSION, board, reason, UserId(user), None, None, key, until)
    receipt = apply_act(act)
    if as_json:
        print_json(receipt)
        return
    end = "until it is lifted" if until is None else f"until {iso_utc(until)}"
    print_line(f"user {receipt.user_id} is off {receipt.board} {end}.")


@app.command()
def lift(
    user: UserArgument,
    reason: ReasonOption,
    board: BoardOption = DEFAULT_BOARD,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a suspended user back with the score he has.

    \b
    Examples:
      scoreboard users lift $USER --reason "it was no script"
    """
    receipt = apply_act(Act(ActKind.LIFT, board, reason, UserId(user), None, None, key))
    if as_json:
        print_json(receipt)
        return
    print_line(f"user {receipt.user_id} is back on {receipt.board} with {receipt.score:,}.")
