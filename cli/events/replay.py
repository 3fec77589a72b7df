"""`scoreboard events replay`: the totals once more, from the events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from cli.environment import read_database_settings
from cli.events.findings import print_findings, to_json
from cli.events.positions import OnlyBoardOption, Position
from cli.output import (
    FAILED,
    CommandFailed,
    JsonOption,
    print_error,
    print_json,
    print_line,
    print_table,
)
from cli.progress import progress
from cli.signals import run_work
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId

if TYPE_CHECKING:
    from scoreboard.domain.standings import Entry
    from scoreboard.ledger.replay import Comparison, Correction

DEFAULT_LIMIT = 10

ApplyOption = Annotated[
    bool, typer.Option("--apply", help="Correct the totals that differ; everything may go on.")
]
UntilOption = Annotated[
    Position | None,
    typer.Option(
        "--until",
        parser=Position,
        metavar="ID|TIME",
        help="Show the board as it stood after that event, or at that time, instead.",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option(min=1, max=10_000, help=f"How many entries.  [default: {DEFAULT_LIMIT}]"),
]


class Replayed(Struct, frozen=True):
    """What came of it; `held_up` are corrected boards of which old updates still wait."""

    compared: Comparison
    corrected: Correction | None = None
    held_up: list[BoardId] = []

    @property
    def failure(self) -> str:
        """What is left to do by hand; empty where nothing is."""
        told = []
        if self.corrected is not None and self.corrected.left:
            told.append(f"{self.corrected.left:,} totals belong to boards that are gone.")
        if self.held_up:
            one = f"--board {self.held_up[0]}" if len(self.held_up) == 1 else "--all"
            told.append(
                "Updates from before the correction still wait in the outbox, and could bring old "
                "totals back to Redis: once the service has relayed them, run "
                f"`scoreboard cache rebuild {one}`."
            )
        return " ".join(told)


def replay(
    board: OnlyBoardOption = None,
    apply: ApplyOption = False,
    until: UntilOption = None,
    limit: LimitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild every total from the events alone, and compare; exit code 1 where any differs.

    Exact while increments go on. With --apply each total that differs is given what its events
    make, and what Redis knows of its board is rebuilt by the service, once more after all that was
    in the outbox by then.

    \b
    Examples:
      scoreboard events replay
      scoreboard events replay --board season-1 --apply
      scoreboard events replay --until 2026-01-31T12:00:00Z --limit 3
    """
    if until is None and limit is not None:
        raise typer.BadParameter("--limit goes with --until.")
    if until is not None and apply:
        raise typer.BadParameter("--apply does not go with --until: the past stays as it was.")
    database_url = read_database_settings().database_url
    if until is not None:
        shown = board or MAIN_BOARD
        entries = run_work(_read_top(database_url, shown, until, limit or DEFAULT_LIMIT))
        _show_top(entries, shown, until, as_json=as_json)
        return
    done = run_work(_replay(database_url, board, apply=apply))
    _show(done.compared, done.corrected, as_json=as_json)
    if done.failure:
        raise CommandFailed(done.failure)
    if done.compared.differing and not apply:
        raise typer.Exit(FAILED)


async def _replay(database_url: str, board_id: BoardId | None, *, apply: bool) -> Replayed:
    from scoreboard.ledger.replay import open_replay  # noqa: PLC0415 - quick --help

    async with open_replay(database_url, board_id) as opened:
        with progress("replaying", opened.size_mb, "MB") as advance:
            compared = await opened.compare(advance, to_correct=apply)
        if not apply:
            return Replayed(compared)
        with progress("correcting", compared.differing, "totals") as advance:
            corrected = await opened.correct(advance)
        with progress("waiting for the relay", None, "updates"):
            return Replayed(compared, corrected, await opened.outlast_outbox())


async def _read_top(
    database_url: str, board_id: BoardId, until: Position, limit: int
) -> list[Entry]:
    from scoreboard.ledger.replay import open_replay  # noqa: PLC0415 - quick --help

    async with open_replay(database_url, board_id) as opened:
        with progress("replaying", opened.size_mb, "MB") as advance:
            entries = await opened.read_top(until.event_id, until.at, limit, advance)
        if await opened.lies_ahead(until.event_id, until.at):
            beyond = "in the future" if until.event_id is None else "beyond the newest event"
            print_error(f"{until} lies {beyond}: this is the board as it stands now.")
        return entries


def _show(compared: Comparison, corrected: Correction | None, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "events": compared.events,
                "totals": compared.totals,
                "differing": compared.differing,
                "corrected": corrected.corrected if corrected else 0,
                "differences": to_json(compared.differences),
            }
        )
        return
    made = f"{compared.events:,} events make {compared.totals:,} totals"
    if not compared.differing:
        print_line(f"{made}, and all are stored as such.")
        return
    print_line(f"{made}; {compared.differing:,} are stored otherwise.")
    print_findings(compared.differences)
    if corrected is not None:
        print_line(f"\n{corrected.corrected:,} corrected; Redis is rebuilt by the service.")


def _show_top(entries: list[Entry], board_id: BoardId, until: Position, *, as_json: bool) -> None:
    if as_json:
        print_json({"board": board_id, "until": str(until), "entries": entries})
        return
    rows = [(str(each.rank), each.user_id, f"{each.score:,}") for each in entries]
    print_table((">rank", "user", ">score"), rows)
