"""`scoreboard top`: who leads, once or as it changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer
from msgspec.structs import replace

from cli.arguments import DEFAULT_BOARD, BoardOption
from cli.output import JsonOption, print_error, print_json, print_table
from cli.signals import StopSignals, run_work
from scoreboard.domain.frames import Snapshot
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Entry

DEFAULT_URL = "http://localhost:8080"


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

    from cli.follow import Follower, view_of  # noqa: PLC0415
    from cli.screen import TopList, draw  # noqa: PLC0415

    live = sys.stdout.isatty() and not as_json
    shown = TopList(limit)
    on_snapshot = shown.show if live else partial(_print, limit=limit, as_json=as_json)
    on_interruption = shown.interrupt if live else _tell
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        follower = Follower(session, base_url, on_snapshot, on_interruption)
        tasks.create_task(follower.run(board, view_of(limit)))
        if live:
            tasks.create_task(draw(shown))


def _print(snapshot: Snapshot, *, limit: int, as_json: bool) -> None:
    shown = replace(snapshot, entries=snapshot.entries[:limit])
    if as_json:
        print_json(shown)
    else:
        _print_entries(shown.entries)


def _print_entries(entries: Iterable[Entry]) -> None:
    rows = [(str(each.rank), each.user_id, f"{each.score:,}") for each in entries]
    print_table((">rank", "user", ">score"), rows)


def _tell(reason: str, pause_s: float) -> None:
    print_error(f"{reason}; trying again in {pause_s:.1f} s.")
