"""`scoreboard events tail`: the newest events, once or as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from cli.actor import record_read
from cli.arguments import read_user
from cli.environment import read_database_settings
from cli.events.lines import EventLines
from cli.events.positions import OnlyBoardOption
from cli.output import JsonOption, print_error, print_json, print_line
from cli.signals import run_work
from scoreboard.domain.acts import ActKind
from scoreboard.domain.errors import ConfigurationError, StorageUnavailable
from scoreboard.domain.identifiers import BoardId, UserId

if TYPE_CHECKING:
    from scoreboard.ledger.history import Event
    from scoreboard.ledger.session import Session
    from scoreboard.ledger.tailing import EventTail

POLL_S = 0.2
RETRY_S = 1.0
ANSWER_S = 30.0


def tail(
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show what comes, until Ctrl-C.")
    ] = False,
    user: Annotated[
        UserId | None,
        typer.Option("--user", parser=read_user, metavar="UUID", help="Of this user only."),
    ] = None,
    board: OnlyBoardOption = None,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="How many of the newest.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show the newest events, the latest last.

    With --follow it goes on with every event as it is committed. One that is committed late comes
    late, after events with higher ids. With --json every event is one line of JSON.

    \b
    Examples:
      scoreboard events tail
      scoreboard events tail --follow --board season-1
      scoreboard events tail --user $U --limit 100 --json
    """
    viewer = Viewer(read_database_settings().database_url, board, user, as_json=as_json)
    if not follow:
        run_work(viewer.show_newest(limit))
        return
    with suppress(KeyboardInterrupt):
        run_work(viewer.follow(limit))


class Viewer:
    """Shows the events of one user or board, or all."""

    def __init__(
        self, database_url: str, board_id: BoardId | None, user_id: UserId | None, *, as_json: bool
    ) -> None:
        self._database_url = database_url
        self._board_id = board_id
        self._user_id = user_id
        self._as_json = as_json
        self._lines = EventLines()
        self._is_headed = as_json

    async def show_newest(self, limit: int) -> None:
        """Once."""
        from scoreboard.ledger.history import EVENT_ID_MAX, check_board  # noqa: PLC0415
        from scoreboard.ledger.session import open_session  # noqa: PLC0415 - quick --help

        async with open_session(self._database_url, "tail") as session:
            await check_board(session, self._board_id)
            found = await self._search(session, EVENT_ID_MAX, limit)
            if found:
                await self._record(session)
            self._show(found)

    async def follow(self, limit: int) -> None:
        """Until cancelled; what is away is waited for, unless it was away from the first."""
        from scoreboard.ledger.history import check_board  # noqa: PLC0415 - quick --help
        from scoreboard.ledger.session import open_session  # noqa: PLC0415
        from scoreboard.ledger.tailing import EventTail  # noqa: PLC0415

        events = EventTail()
        while True:
            try:
                async with open_session(self._database_url, "tail") as session:
                    if not events.is_attached:
                        await check_board(session, self._board_id)
                        await self._record(session)
                    await events.attach(session)
                    if limit:
                        self._show(await self._find_before(session, events, limit))
                        limit = 0
                    await self._pass_on(events)
            except (ConfigurationError, StorageUnavailable) as error:
                if not events.is_attached:
                    raise
                print_error(f"{error} Trying again.")
                await asyncio.sleep(RETRY_S)

    async def _record(self, session: Session) -> None:
        await record_read(
            session, ActKind.READ_EVENTS, board_id=self._board_id, user_id=self._user_id
        )

    async def _pass_on(self, events: EventTail) -> None:
        told = False
        while True:
            async with asyncio.timeout(ANSWER_S):
                appeared = await events.read()
            self._show(event for event in appeared if self._is_wanted(event))
            if events.is_held_up and not told:
                print_error("A transaction stays open: newer events are shown once it has ended.")
            told = events.is_held_up
            if not appeared:
                await asyncio.sleep(POLL_S)

    async def _find_before(self, session: Session, events: EventTail, limit: int) -> list[Event]:
        """The newest of those that will not come by themselves."""
        found = await self._search(session, events.seen_id + 1, limit)
        return [event for event in found if not events.is_awaited(event.event_id)]

    async def _search(self, session: Session, below_id: int, limit: int) -> list[Event]:
        from cli.progress import progress  # noqa: PLC0415 - quick --help
        from scoreboard.ledger.history import History  # noqa: PLC0415

        history = History(session)
        below_id = min(below_id, await history.newest_id() + 1)
        found: list[Event] = []
        with progress("searching", below_id - 1, "ids") as advance:
            async for part in history.search_back(below_id, self._board_id, self._user_id, limit):
                found += part.events
                advance(part.ids)
        return found[::-1]

    def _is_wanted(self, event: Event) -> bool:
        return self._board_id in {None, event.board_id} and self._user_id in {None, event.user_id}

    def _show(self, events: Iterable[Event]) -> None:
        if not self._is_headed:
            print_line(self._lines.header)
            self._is_headed = True
        for event in events:
            if self._as_json:
                print_json(event)
            else:
                print_line(self._lines.line(event))
