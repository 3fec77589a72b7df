"""`scoreboard audit`: who did what, to whom, when and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import read_board, read_subject, read_user
from cli.environment import read_database_settings
from cli.output import JsonOption, plain, print_json, print_line
from cli.signals import run_work
from cli.times import read_time
from scoreboard.domain.acts import ActKind
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.times import iso_utc

if TYPE_CHECKING:
    from scoreboard.domain.acts import RecordedAct
    from scoreboard.ledger.acts import ActFilter
    from scoreboard.ledger.session import Session

PAUSE_S = 0.5
FOLLOWED = 200
"""Newest acts that are looked at each time; more at once would be missed."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Who did what, to whom, when and why.",
)

LimitOption = Annotated[int, typer.Option(min=1, max=100_000, help="How many acts.")]


@app.command()
def tail(
    limit: LimitOption = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new ones until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the newest acts of moderation and reads of personal data, refused ones too.

    With --json each is a line of its own.

    \b
    Examples:
      scoreboard audit tail
      scoreboard audit tail --follow --json
    """
    if not follow:
        _print(run_work(_find(None, limit)), as_json=as_json)
        return
    with suppress(KeyboardInterrupt):
        run_work(_follow(limit, as_json=as_json))


@app.command()
def search(
    board: Annotated[
        BoardId | None, typer.Option(parser=read_board, metavar="BOARD", help="On this board.")
    ] = None,
    user: Annotated[
        UserId | None, typer.Option(parser=read_user, metavar="UUID", help="About this user.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(parser=read_subject, metavar="SUBJECT", help="By this one.")
    ] = None,
    kind: Annotated[ActKind | None, typer.Option(help="Of this kind.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="`applied`, or the code of a refusal.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", parser=read_time, metavar="TIME", help="Since.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", parser=read_time, metavar="TIME", help="Until.")
    ] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show the newest acts that fit all that is named, oldest of them first.

    \b
    Examples:
      scoreboard audit search --user $USER
      scoreboard audit search --kind void --from 2026-01-31T00:00:00Z --json
    """
    from scoreboard.ledger.acts import ActFilter  # noqa: PLC0415 - keeps --help quick

    wanted = ActFilter(
        board_id=board,
        user_id=user,
        actor=actor,
        kind=kind,
        outcome=outcome,
        since=since,
        until=until,
    )
    _print(run_work(_find(wanted, limit)), as_json=as_json)


async def _find(wanted: ActFilter | None, limit: int) -> list[RecordedAct]:
    from scoreboard.ledger.acts import ActFilter, ActLedger  # noqa: PLC0415 - keeps --help quick
    from scoreboard.ledger.session import open_session  # noqa: PLC0415

    async with open_session(read_database_settings().database_url, "audit") as session:
        found = await ActLedger(session.fetch).find(wanted or ActFilter(), limit)
        if found:
            await _record(session, wanted)
        return found


async def _follow(limit: int, *, as_json: bool) -> None:
    """By id, but whoever commits late with a lower one is shown as well."""
    from scoreboard.ledger.acts import ActFilter, ActLedger  # noqa: PLC0415 - keeps --help quick
    from scoreboard.ledger.session import open_session  # noqa: PLC0415

    async with open_session(read_database_settings().database_url, "audit") as session:
        ledger = ActLedger(session.fetch)
        found = await ledger.find(ActFilter(), max(limit, FOLLOWED))
        own_id = await _record(session, None)
        _print(found[:limit], as_json=as_json)
        while True:
            seen = {own_id, *(each.act_id for each in found)}
            await asyncio.sleep(PAUSE_S)
            found = await ledger.find(ActFilter(), FOLLOWED)
            _print((each for each in found if each.act_id not in seen), as_json=as_json)


async def _record(session: Session, wanted: ActFilter | None) -> int:
    """That the trail is read stands in the trail itself, before anything of it is shown."""
    from cli.actor import record_read  # noqa: PLC0415 - keeps --help quick

    about = (None, None) if wanted is None else (wanted.board_id, wanted.user_id)
    return await record_read(session, ActKind.READ_ACTS, board_id=about[0], user_id=about[1])


def _print(newest_first: Iterable[RecordedAct], *, as_json: bool) -> None:
    for each in reversed(list(newest_first)):
        if as_json:
            print_json(each)
        else:
            print_line(_line(each))


def _line(act: RecordedAct) -> str:
    """One act. What people wrote comes last, as text."""
    parts = [
        f"{act.act_id}",
        iso_utc(act.created_at),
        act.actor,
        act.kind,
        act.outcome,
        act.board_id or "-",
        act.user_id or "-",
        " ".join(f"{name}={value}" for name, value in act.parameters.items()),
        act.reason or "",
    ]
    return plain("  ".join(parts).rstrip())
