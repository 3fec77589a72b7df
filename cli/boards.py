"""`scoreboard boards`: boards and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec.structs import replace

from cli.arguments import read_action, read_board
from cli.environment import read_database_settings
from cli.output import CommandFailed, JsonOption, print_error, print_json, print_line
from cli.signals import run_work
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.increments import MAX_SCORE

if TYPE_CHECKING:
    from scoreboard.domain.boards import Board
    from scoreboard.ledger.boards import BoardChange, BoardOverview

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Boards and their limits.")


BoardArgument = Annotated[
    str,  # shown in --help, where BoardId's long name would be
    typer.Argument(metavar="ID", parser=read_board, help="The board's name, such as week-2026-47."),
]
MaxDeltaOption = Annotated[
    int | None, typer.Option(min=1, max=MAX_SCORE, help="Most that one action may add or take.")
]
MinScoreOption = Annotated[
    int | None, typer.Option(min=-MAX_SCORE, max=0, help="Lowest score a user may have; 0 or less.")
]
MaxScoreOption = Annotated[
    int | None, typer.Option(min=0, max=MAX_SCORE, help="Highest score; 0 or more.")
]
ActionsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--action", parser=read_action, metavar="NAME", help="An allowed action; may be repeated."
    ),
]


@app.command()
def create(
    board: BoardArgument,
    max_delta: MaxDeltaOption = None,
    min_score: MinScoreOption = None,
    max_score: MaxScoreOption = None,
    action: ActionsOption = None,
    if_absent: Annotated[
        bool, typer.Option("--if-absent", help="Leave a board that is there already as it is.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a board; without --action it admits every action.

    Running instances know it within a second. The database's URL must name the schema's owner.

    \b
    Examples:
      scoreboard boards create arena --max-delta 100 --min-score 0 --action win --action draw
      scoreboard boards create "week-$(date +%G-%V)" --if-absent
    """
    from scoreboard.ledger.boards import BoardChange  # noqa: PLC0415 - keeps --help quick

    actions = frozenset(action) if action else None
    limits = BoardChange(max_delta, min_score, max_score, actions)
    is_new, overview = run_work(_create(BoardId(board), limits))
    if not is_new and not if_absent:
        raise CommandFailed(
            f"Board {board} exists already; it has {_tell(overview.board)}. "
            f"Change it with `scoreboard boards set {board}`."
        )
    if as_json:
        print_json({"created": is_new, **_to_json(overview)})
    elif is_new:
        print_line(f"created board {board}: {_tell(overview.board)}")
    else:
        print_line(f"Board {board} is there already, with {_tell(overview.board)}.")


@app.command("list")
def list_all(as_json: JsonOption = False) -> None:
    """Show every board with its limits, allowed actions and number of users.

    \b
    Examples:
      scoreboard boards list
      scoreboard boards list --json
    """
    found = run_work(_list())
    if as_json:
        print_json({"boards": [_to_json(each) for each in found]})
        return
    for each in found:  # no table: names, limits and actions are too wide for most terminals
        users = f"{each.users} user{'' if each.users == 1 else 's'}"
        print_line(f"{each.board.board_id}: {users}, made {each.created_at.date()}")
        print_line(f"  {_tell(each.board)}")


@app.command("set")
def set_limits(
    board: BoardArgument,
    max_delta: MaxDeltaOption = None,
    min_score: MinScoreOption = None,
    max_score: MaxScoreOption = None,
    action: ActionsOption = None,
    any_action: Annotated[
        bool, typer.Option("--any-action", help="Allow every action again.")
    ] = False,
    no_action: Annotated[
        bool, typer.Option("--no-action", help="Freeze the board: it can only be read.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Change a board's limits; what is not named stays. --action replaces the list of actions.

    Score limits hold at once, the others within 5 s in every running instance. Scores that are
    outside already stay; increments that do not lead back inside are refused with score_limit.

    \b
    Examples:
      scoreboard boards set arena --max-delta 250
      scoreboard boards set week-2026-46 --no-action
    """
    from scoreboard.ledger.boards import BoardChange  # noqa: PLC0415 - keeps --help quick

    if sum((bool(action), any_action, no_action)) > 1:
        raise typer.BadParameter("--action, --any-action and --no-action exclude each other.")
    change = BoardChange(max_delta, min_score, max_score)
    if action or any_action or no_action:
        actions = None if any_action else frozenset(action or ())
        change = replace(change, allowed_actions=actions)
    if change == BoardChange():
        raise typer.BadParameter("Name at least one limit to change.")
    overview = run_work(_change(BoardId(board), change))
    if overview is None:
        raise CommandFailed(
            f"There is no board {board}. Make it with `scoreboard boards create {board}`."
        )
    if as_json:
        print_json(_to_json(overview))
    else:
        print_line(f"board {board} now has {_tell(overview.board)}")
    _warn_of_users_outside(overview)


async def _create(board_id: BoardId, limits: BoardChange) -> tuple[bool, BoardOverview]:
    from scoreboard.ledger.boards import create_board, list_boards  # noqa: PLC0415
    from scoreboard.ledger.session import open_session  # noqa: PLC0415

    url = read_database_settings().database_url
    async with open_session(url, "boards", as_owner=True) as session:
        is_new = await create_board(session, board_id, limits)
        (overview,) = await list_boards(session, board_id)
    return is_new, overview


async def _change(board_id: BoardId, change: BoardChange) -> BoardOverview | None:
    from scoreboard.ledger.boards import change_board, list_boards  # noqa: PLC0415
    from scoreboard.ledger.session import open_session  # noqa: PLC0415

    url = read_database_settings().database_url
    async with open_session(url, "boards", as_owner=True) as session:
        if not await change_board(session, board_id, change):
            return None
        (overview,) = await list_boards(session, board_id)
    return overview


async def _list() -> list[BoardOverview]:
    from scoreboard.ledger.boards import list_boards  # noqa: PLC0415
    from scoreboard.ledger.session import open_session  # noqa: PLC0415

    async with open_session(read_database_settings().database_url, "boards") as session:
        return await list_boards(session)


def _warn_of_users_outside(overview: BoardOverview) -> None:
    if overview.users_outside:
        print_error(
            f"{overview.users_outside} of {overview.users} users have a score outside these "
            "limits: their increments are refused with score_limit unless they lead back inside."
        )


def _to_json(overview: BoardOverview) -> dict[str, Any]:
    from scoreboard.domain.times import iso_utc  # noqa: PLC0415 - keeps --help quick

    board = overview.board
    return {
        "board": board.board_id,
        "maxDelta": board.max_delta,
        "minScore": board.min_score,
        "maxScore": board.max_score,
        "actions": None if board.allowed_actions is None else sorted(board.allowed_actions),
        "users": overview.users,
        "usersOutside": overview.users_outside,
        "createdAt": iso_utc(overview.created_at),
    }


def _tell(board: Board) -> str:
    """Every limit in words, as a part of a sentence."""
    return (
        f"deltas up to {board.max_delta}, scores {_tell_scores(board)}, "
        f"actions {_tell_actions(board)}"
    )


def _tell_scores(board: Board) -> str:
    if (board.min_score, board.max_score) == (-MAX_SCORE, MAX_SCORE):
        return "any"
    if board.max_score == MAX_SCORE:
        return f"from {board.min_score}"
    if board.min_score == -MAX_SCORE:
        return f"to {board.max_score}"
    return f"{board.min_score} to {board.max_score}"


def _tell_actions(board: Board) -> str:
    if board.allowed_actions is None:
        return "any"
    return ", ".join(sorted(board.allowed_actions)) or "none"
