"""`scoreboard users`: taken off a board and back, exported and erased."""

from __future__ import annotations

from datetime import UTC, datetime
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
    help="Users taken off a board and back, exported, erased.",
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
    if until is not None and until <= datetime.now(UTC):
        raise typer.BadParameter("--until must lie in the future; `users lift` ends a suspension.")
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


@app.command()
def export(
    user: UserArgument,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where to.  [default: stdout]")
    ] = "-",
) -> None:
    """Write all that is held of a user as one JSON document, on every board.

    His totals, his events with tokens and nonces, the stored lists in which he stands, and every
    act of moderation and every read that names him. It is recorded. No index leads to a user's
    events, so all of them are looked through.

    \b
    Examples:
      scoreboard users export $USER user.json
      scoreboard users export $USER | jq .totals
    """
    from cli.held import export_user  # noqa: PLC0415 - quick --help

    export_user(UserId(user), file)


@app.command()
def erase(
    user: UserArgument,
    reason: ReasonOption,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until it is done, and do it here.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase who a user is, for good: a tombstone takes the place of his id, on every board.

    He is off every board within a second. His id goes once his action tokens have run out, by the
    service, by this command with --wait, or by the same command later. Sums and versions stay as
    they are, and the history can still be verified. Run it with the variables that the service has:
    SCOREBOARD_ACTION_LIFE_MAX_S decides how long tokens may live.

    \b
    Examples:
      scoreboard users erase $USER --reason "asked for by mail, case 17"
      scoreboard users erase $USER --reason "asked for by mail, case 17" --wait
    """
    from cli.erasure import erase_user  # noqa: PLC0415 - quick --help

    erase_user(UserId(user), reason, wait=wait, as_json=as_json)
