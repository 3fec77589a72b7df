"""`scoreboard acts`: bonus points, corrections, and events undone and restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import (
    DEFAULT_BOARD,
    BoardOption,
    KeyOption,
    ReasonOption,
    read_action,
    read_user,
)
from cli.asking import Asked, read_window
from cli.environment import read_database_settings
from cli.events.positions import FIRST, LAST, Position
from cli.output import JsonOption, print_json, print_line
from cli.signals import run_work
from scoreboard.domain.acts import Act, ActKind
from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.domain.windows import UNCONFIRMED_MAX, VoidedBy

if TYPE_CHECKING:
    from scoreboard.domain.acts import ActReceipt

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Bonus points, corrections, and events undone and restored.",
)

UserArgument = Annotated[
    str,  # shown in --help, where UserId's long name would be
    typer.Argument(metavar="USER", parser=read_user, help="The user's UUID."),
]
EventArgument = Annotated[
    int | None, typer.Argument(metavar="[EVENT]", min=1, max=2**63 - 1, help="The event's number.")
]
PreviewOption = Annotated[
    bool, typer.Option("--preview", help="Show what would change, and change nothing.")
]
ConfirmOption = Annotated[
    int | None,
    typer.Option(
        min=1, help=f"How many events you mean, needed for more than {UNCONFIRMED_MAX:,}."
    ),
]


@app.command()
def bonus(
    user: UserArgument,
    delta: Annotated[int, typer.Argument(min=1, max=MAX_SCORE, help="How many points.")],
    reason: ReasonOption,
    board: BoardOption = DEFAULT_BOARD,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a user points, as many as one action may be worth on the board.

    The new score is on every screen within a second. With --key a command that was cut off can
    be given again: the act takes place once.

    \b
    Examples:
      scoreboard acts bonus $USER 50 --reason "won the art contest"
      scoreboard acts bonus $USER 50 --reason "won the art contest" --key contest-7
    """
    _act(Act(ActKind.BONUS, board, reason, UserId(user), delta, None, key), as_json=as_json)


@app.command()
def correct(
    user: UserArgument,
    delta: Annotated[
        int, typer.Option("--by", min=-MAX_SCORE, max=MAX_SCORE, help="Points, such as -20.")
    ],
    reason: ReasonOption,
    board: BoardOption = DEFAULT_BOARD,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add to a user's score, or take from it, within the limits of the board.

    \b
    Examples:
      scoreboard acts correct $USER --by -20 --reason "counted twice on 2026-01-31"
    """
    if delta == 0:
        raise typer.BadParameter("--by must be another number than 0.")
    _act(Act(ActKind.CORRECTION, board, reason, UserId(user), delta, None, key), as_json=as_json)


@app.command()
def void(
    reason: ReasonOption,
    event: EventArgument = None,
    window: Annotated[
        bool, typer.Option("--window", help="Undo all events that the options below admit.")
    ] = False,
    user: Annotated[
        UserId | None, typer.Option(parser=read_user, metavar="UUID", help="Of this user.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(parser=read_action, metavar="NAME", help="Of this action.")
    ] = None,
    kid: Annotated[str | None, typer.Option(help="Whose token this key has signed.")] = None,
    first: Annotated[Position | None, FIRST] = None,
    last: Annotated[Position | None, LAST] = None,
    preview: PreviewOption = False,
    confirm: ConfirmOption = None,
    board: BoardOption = DEFAULT_BOARD,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo what an event, or all of a window, did; each stays, and a further one refers to it.

    A window is undone in slices, from the newest event down, while everything goes on; after an
    interruption the service goes on with it. What is void already is passed over, and so is what
    would lead beyond the board's limits, which is counted as refused.

    \b
    Examples:
      scoreboard acts void 4711 --reason "played by a script"
      scoreboard acts void --window --user $USER --reason "played by a script" --preview
      scoreboard acts void --window --kid k1 --from 4711 --reason "stolen key" --confirm 25000
    """
    named = (user, action, kid, first, last, confirm)
    if window == (event is not None):
        raise typer.BadParameter("name one EVENT, or a --window.")
    if event is not None:
        if preview or any(each is not None for each in named):
            raise typer.BadParameter("these options go with --window.")
        _act(Act(ActKind.VOID, board, reason, None, None, EventId(event), key), as_json=as_json)
        return
    from cli.runs import undo_many  # noqa: PLC0415 - keeps --help quick

    undo_many(
        read_window(BoardId(board), first, last, user, action, kid),
        Asked(reason, key, confirm, is_preview=preview, as_json=as_json),
    )


@app.command()
def restore(
    reason: ReasonOption,
    event: EventArgument = None,
    act: Annotated[
        int | None, typer.Option(min=1, metavar="ACT", help="Restore all that this act voided.")
    ] = None,
    preview: PreviewOption = False,
    confirm: ConfirmOption = None,
    board: BoardOption = DEFAULT_BOARD,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give back what an event did before it was voided; EVENT is that event, not its void.

    \b
    Examples:
      scoreboard acts restore 4711 --reason "it was no script"
      scoreboard acts restore --act 18 --reason "it was no script"
    """
    if (event is None) == (act is None):
        raise typer.BadParameter("name one EVENT, or an --act.")
    if act is not None:
        from cli.runs import undo_many  # noqa: PLC0415 - keeps --help quick

        asked = Asked(reason, key, confirm, is_preview=preview, as_json=as_json)
        undo_many(VoidedBy(BoardId(board), act), asked)
        return
    if event is None or preview or confirm is not None:
        raise typer.BadParameter("--preview and --confirm go with --act.")
    _act(Act(ActKind.RESTORE, board, reason, None, None, EventId(event), key), as_json=as_json)


def _act(act: Act, *, as_json: bool) -> None:
    receipt = apply_act(act)
    if as_json:
        print_json(receipt)
        return
    again = ", as before" if receipt.is_repeated else ""
    print_line(
        f"{receipt.kind} {receipt.delta:+,} as event {receipt.event_id}{again}: user "
        f"{receipt.user_id} has {receipt.score:,} on {receipt.board}."
    )


def apply_act(act: Act) -> ActReceipt:
    """The receipt of an act of the account that runs the command; raises what refuses it."""
    return run_work(_apply(act))


async def _apply(act: Act) -> ActReceipt:
    from cli.actor import local_actor  # noqa: PLC0415 - keeps --help quick
    from scoreboard.auth.policy import check_bonus  # noqa: PLC0415
    from scoreboard.domain.errors import Refusal  # noqa: PLC0415
    from scoreboard.ledger.acts import ActLedger  # noqa: PLC0415
    from scoreboard.ledger.boards import find_board  # noqa: PLC0415
    from scoreboard.ledger.session import open_session  # noqa: PLC0415
    from scoreboard.moderation.moderation import record_refusal  # noqa: PLC0415
    from scoreboard.moderation.verdicts import receipt  # noqa: PLC0415

    async with open_session(read_database_settings().database_url, "acts") as session:
        board = await find_board(session, BoardId(act.board_id))
        ledger, actor = ActLedger(session.fetch), local_actor()
        if act.kind is ActKind.BONUS:
            try:
                check_bonus(act, board)
            except Refusal as refusal:
                await record_refusal(ledger, act, actor, refusal)
                raise
        # Redis learns of it from the relay, a moment later.
        return receipt(act, await ledger.apply(act, actor), None)
