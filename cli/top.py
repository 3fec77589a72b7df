"""`scoreboard top`: who leads, once or as it changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import DEFAULT_BOARD, BoardOption
from cli.output import JsonOption, print_error, print_json, print_table
from cli.signals import StopSignals, run_work
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Entry
from scoreboard.domain.times import iso_utc

if TYPE_CHECKING:  # keeps --help quick
    from scoreboard.client import Entry as LiveEntry
    from scoreboard.client import LiveState, Shown

DEFAULT_URL = "http://localhost:8080"
STALE = "The service cannot ask its ledger: what it shows may be out of date."
CURRENT = "The service can ask its ledger again."


def top(
    board: BoardOption = DEFAULT_BOARD,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many entries.")] = 10,
    watch: Annotated[
        bool, typer.Option("--watch", help="Follow the changes until Ctrl-C.")
    ] = False,
    url: Annotated[str, typer.Option(help="Where the scoreboard is.")] = DEFAULT_URL,
    as_json: JsonOption = False,
) -> None:
    """Show the first entries of a board.

    With --watch and --json every change is one line of JSON.

    \b
    Examples:
      scoreboard top --limit 3
      scoreboard top --watch
      scoreboard top --board season-1 --url https://scores.example.com --json
    """
    from cli.client import fetch_top  # noqa: PLC0415 - keeps --help quick

    base_url = url.rstrip("/")
    if not base_url.startswith(("http://", "https://")):
        raise typer.BadParameter("--url must begin with http:// or https://.")
    if watch:
        with StopSignals() as signals, suppress(KeyboardInterrupt):
            signals.run(_watch(base_url, board, limit, as_json=as_json))
        return
    found = run_work(fetch_top(base_url, board, limit))
    if as_json:
        print_json(found)
    else:
        _print_entries(found.entries)


async def _watch(base_url: str, board: BoardId, limit: int, *, as_json: bool) -> None:
    import aiohttp  # noqa: PLC0415 - keeps --help quick

    from cli.live import follow, view_of  # noqa: PLC0415
    from cli.screen import TopList, draw  # noqa: PLC0415

    live = sys.stdout.isatty() and not as_json
    shown = TopList(limit)
    on_state = shown.show if live else Printer(limit, as_json=as_json).show
    on_interruption = shown.interrupt if live else _tell
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        view = view_of(limit)
        tasks.create_task(follow(session, base_url, board, view, on_state, on_interruption))
        if live:
            tasks.create_task(draw(shown))


class Printer:
    """Prints each list that is another one than before."""

    def __init__(self, limit: int, *, as_json: bool) -> None:
        self._limit = limit
        self._as_json = as_json
        self._shown: Shown | None = None
        self._is_stale = False

    def show(self, state: LiveState) -> None:
        """Takes a state. That the list may be old makes no other list, and is told on stderr."""
        if state.is_stale != self._is_stale:
            self._is_stale = state.is_stale
            print_error(STALE if state.is_stale else CURRENT)
        if not state.is_known or state.shown is self._shown:
            return
        self._shown = state.shown
        entries = state.entries[: self._limit]
        if self._as_json:
            print_json(_document(state, entries))
        else:
            _print_entries(entries)


def _document(state: LiveState, entries: Iterable[LiveEntry]) -> dict[str, object]:
    """One line of JSON, in the form of the protocol's snapshots.

    A change does not say when it was made; it is shown within milliseconds.
    """
    return {
        "type": "snapshot",
        "view": state.view,
        "board": state.board,
        "epoch": state.shown.epoch,
        "version": state.version,
        "entries": entries,
        "generatedAt": state.shown.generated_at or iso_utc(datetime.now(UTC)),
    }


def _print_entries(entries: Iterable[Entry | LiveEntry]) -> None:
    rows = [(str(each.rank), each.user_id, f"{each.score:,}") for each in entries]
    print_table((">rank", "user", ">score"), rows)


def _tell(reason: str, pause_s: float) -> None:
    print_error(f"{reason}; trying again in {pause_s:.1f} s.")
