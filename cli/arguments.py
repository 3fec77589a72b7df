"""Options that several commands share, each checked by the domain's own rules."""

from __future__ import annotations

from typing import Annotated

import typer

from scoreboard.domain.acts import REASON_MAX, is_idempotency_key, is_reason
from scoreboard.domain.identifiers import (
    MAIN_BOARD,
    BoardId,
    UserId,
    is_action_name,
    parse_board_id,
    parse_user_id,
)

SUBJECT_MAX = 255


def read_user(text: str) -> UserId:
    """A user's id, in lower case."""
    user_id = parse_user_id(text)
    if user_id is None:
        raise typer.BadParameter("it must be a UUID.")
    return user_id


def read_subject(text: str) -> str:
    """A user's id, or the name of a server."""
    user_id = parse_user_id(text)
    if user_id is not None:
        return user_id
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise typer.BadParameter("it must be printable ASCII without spaces.")
    if not 1 <= len(text) <= SUBJECT_MAX:
        raise typer.BadParameter(f"it must have 1 to {SUBJECT_MAX} characters.")
    return text


def read_board(text: str) -> BoardId:
    """A board's id."""
    board_id = parse_board_id(text)
    if board_id is None:
        raise typer.BadParameter("it must be 1 to 64 of a-z, 0-9, `_` and `-`.")
    return board_id


def read_action(text: str) -> str:
    """The name of an action."""
    if not is_action_name(text):
        raise typer.BadParameter("it must be a name such as win or quiz:round-3.")
    return text


def read_reason(text: str) -> str:
    """Why something is done."""
    if not is_reason(text):
        raise typer.BadParameter(
            f"it must be 1 to {REASON_MAX} characters on one line, and say something."
        )
    return text


def read_key(text: str) -> str:
    """What makes an act repeatable."""
    if not is_idempotency_key(text):
        raise typer.BadParameter("it must be 1 to 128 of A-Z, a-z, 0-9, `_`, `.`, `:` and `-`.")
    return text


UserOption = Annotated[
    UserId, typer.Option("--user", parser=read_user, metavar="UUID", help="Who may redeem it.")
]
SubjectOption = Annotated[
    str,
    typer.Option(
        "--user", parser=read_subject, metavar="SUBJECT", help="A user's UUID, or a server's name."
    ),
]
ActionOption = Annotated[
    str,
    typer.Option(
        "--action", parser=read_action, metavar="NAME", help="What was done, such as win."
    ),
]
BoardOption = Annotated[
    BoardId, typer.Option("--board", parser=read_board, metavar="BOARD", help="The board.")
]
ReasonOption = Annotated[
    str, typer.Option(parser=read_reason, metavar="TEXT", help="Why, for the audit trail.")
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        parser=read_key, metavar="KEY", help="A name of your choice: with it the act happens once."
    ),
]
DEFAULT_BOARD = MAIN_BOARD
