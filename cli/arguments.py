"""Options that several commands share, each checked by the domain's own rules."""

from __future__ import annotations

from typing import Annotated

import typer

from scoreboard.domain.identifiers import (
    MAIN_BOARD,
    BoardId,
    UserId,
    is_action_name,
    parse_board_id,
    parse_user_id,
)

SUBJECT_MAX = 255


def _user(text: str) -> UserId:
    user_id = parse_user_id(text)
    if user_id is None:
        raise typer.BadParameter("it must be a UUID.")
    return user_id


def _subject(text: str) -> str:
    user_id = parse_user_id(text)
    if user_id is not None:
        return user_id
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise typer.BadParameter("it must be printable ASCII without spaces.")
    if not 1 <= len(text) <= SUBJECT_MAX:
        raise typer.BadParameter(f"it must have 1 to {SUBJECT_MAX} characters.")
    return text


def _board(text: str) -> BoardId:
    board_id = parse_board_id(text)
    if board_id is None:
        raise typer.BadParameter("it must be 1 to 64 of a-z, 0-9, `_` and `-`.")
    return board_id


def _action(text: str) -> str:
    if not is_action_name(text):
        raise typer.BadParameter("it must be a name such as win or quiz:round-3.")
    return text


UserOption = Annotated[
    UserId, typer.Option("--user", parser=_user, metavar="UUID", help="Who may redeem it.")
]
SubjectOption = Annotated[
    str,
    typer.Option(
        "--user", parser=_subject, metavar="SUBJECT", help="A user's UUID, or a server's name."
    ),
]
ActionOption = Annotated[
    str,
    typer.Option("--action", parser=_action, metavar="NAME", help="What was done, such as win."),
]
BoardOption = Annotated[
    BoardId, typer.Option("--board", parser=_board, metavar="BOARD", help="The board.")
]
DEFAULT_BOARD = MAIN_BOARD
