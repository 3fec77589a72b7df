"""`scoreboard events export`: the history as a file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import typer

from cli.actor import record_read
from cli.environment import read_database_settings
from cli.events.files import disk_told
from cli.events.positions import FIRST, LAST, OnlyBoardOption, Position, event_range
from cli.output import CommandFailed, print_error, print_line, stdout_told
from cli.signals import run_work
from scoreboard.domain.acts import ActKind

if TYPE_CHECKING:
    from cli.events.unfinished import Plan, PlanFile
    from scoreboard.ledger.history import EventRange, History, StoredEvent
    from scoreboard.ledger.session import Session

Form = Literal["ndjson", "parquet"]

BATCH = 20_000
PIECE_BYTES = 65_536
"""Written at once to stdout, whose reader may be slow."""

STDOUT = "-"
WRITTEN = "written"
SUFFIXES: dict[str, Form] = {".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}


class Writer(Protocol):
    """Writes batches so that those of an unfinished run are kept."""

    def resume(self) -> StoredEvent | None:
        """The last event that is written already."""
        ...

    def write(self, events: Sequence[StoredEvent]) -> None:
        """One batch."""
        ...

    def finish(self) -> None:
        """FILE.part is complete and on the disk when this returns."""
        ...

    def close(self) -> None:
        """Lets the file go, complete or not."""
        ...


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="`-`: lines of JSON to stdout.")],
    board: OnlyBoardOption = None,
    first: Annotated[Position | None, FIRST] = None,
    last: Annotated[Position | None, LAST] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="ndjson or parquet.  [default: as the name ends]"),
    ] = None,
) -> None:
    """Write events to a file that another database can import, tokens included.

    The file appears once it is complete. After an interruption the same command goes on where it
    was, and leads to the same content. While it runs, the service goes on as well: what was not
    committed at the start is left out.

    \b
    Examples:
      scoreboard events export events.parquet
      scoreboard events export season-1.ndjson --board season-1 --to 2026-02-01T00:00:00Z
      scoreboard events export - --from 4711 | jq .delta
    """
    wanted = event_range(first, last, board)
    database_url = read_database_settings().database_url
    if file == STDOUT:
        if form == "parquet":
            raise typer.BadParameter("stdout takes lines of JSON only.")
        run_work(_print(database_url, wanted))
        return
    target, chosen = _check_target(Path(file), form)
    try:
        with disk_told(target, WRITTEN):
            count = run_work(_export(database_url, target, chosen, wanted))
    except KeyboardInterrupt:
        print_error("The same command will go on where this one was.")
        raise
    print_line(f"{count:,} events exported to {target}.")


def _check_target(target: Path, form: Form | None) -> tuple[Path, Form]:
    """Raises CommandFailed or BadParameter before anything is begun: a plan that is left behind
    decides what a later export holds.
    """
    chosen = form or SUFFIXES.get(target.suffix)
    if chosen is None:
        raise typer.BadParameter("name FILE .ndjson or .parquet, or choose a --format.")
    if target.exists():
        raise CommandFailed(f"{target} exists already: remove it, or name another file.")
    if chosen == "parquet":
        from cli.events.parquet import load_pyarrow  # noqa: PLC0415 - quick --help

        load_pyarrow()
    return target, chosen


async def _export(database_url: str, target: Path, form: Form, wanted: EventRange) -> int:
    from cli.events.unfinished import open_plan  # noqa: PLC0415 - quick --help
    from scoreboard.ledger.history import check_board  # noqa: PLC0415
    from scoreboard.ledger.session import open_session  # noqa: PLC0415
    from scoreboard.ledger.settling import (  # noqa: PLC0415
        keep_erasures_out,
        keep_imports_out,
    )

    with open_plan(target) as plan_file:
        async with open_session(database_url, "export") as session:
            await check_board(session, wanted.board_id)
            await keep_erasures_out(session)
            await record_read(session, ActKind.READ_EVENTS, board_id=wanted.board_id)
            with disk_told(target, WRITTEN):
                plan = plan_file.read(form, wanted)
            goes_on = plan is not None
            if plan is None:
                plan = await _begin(session, plan_file, form, wanted)
            else:
                await keep_imports_out(session)
                await _check_is_unerased(session, plan, target)
            writer = _open_writer(form, target, goes_on=goes_on)
            count = await _write(session, plan.range, writer, target)
        # In this order: a plan that outlived its file would decide what a later export holds.
        plan_file.remove()
        _part(target).rename(target)
        return count


async def _begin(session: Session, plan_file: PlanFile, form: Form, wanted: EventRange) -> Plan:
    from cli.events.unfinished import Plan  # noqa: PLC0415 - quick --help
    from scoreboard.ledger.settling import wait_until_settled  # noqa: PLC0415

    settled_id = await wait_until_settled(session)
    plan = Plan(form, wanted, settled_id, await _count_erasures(session))
    with disk_told(plan_file.path, WRITTEN):
        plan_file.write(plan)
    return plan


async def _count_erasures(session: Session) -> int:
    from scoreboard.ledger.statements import load_query  # noqa: PLC0415 - quick --help

    count: int = await session.fetchval(load_query("erasure/count"))
    return count


async def _check_is_unerased(session: Session, plan: Plan, target: Path) -> None:
    """What is written already would name somebody of whom the rest is under his tombstone."""
    if await _count_erasures(session) != plan.erasures:
        raise CommandFailed(
            "A user has been erased since the unfinished export began: "
            f"remove {_part(target)}*, and begin again."
        )


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _open_writer(form: Form, target: Path, *, goes_on: bool) -> Writer:
    from cli.events.ndjson import NdjsonWriter  # noqa: PLC0415 - quick --help
    from cli.events.parquet import ParquetWriter  # noqa: PLC0415

    chosen = ParquetWriter if form == "parquet" else NdjsonWriter
    with disk_told(target, WRITTEN):
        return chosen(_part(target), goes_on=goes_on)


async def _write(session: Session, left: EventRange, writer: Writer, target: Path) -> int:
    from cli.progress import progress  # noqa: PLC0415 - quick --help
    from scoreboard.ledger.history import History  # noqa: PLC0415

    history = History(session)
    total = await history.count(left)
    with progress("exporting", total, "events") as advance, closing(writer):
        with disk_told(target, WRITTEN):
            last = writer.resume()
        if last is not None:
            await _check_is_same(history, last)
            left = left.from_id(last.event_id + 1)
            advance(total - await history.count(left))
        async for events in history.scan(left, BATCH):
            with disk_told(target, WRITTEN):
                writer.write(events)
            advance(len(events))
        with disk_told(target, WRITTEN):
            writer.finish()
    return total


async def _check_is_same(history: History, last: StoredEvent) -> None:
    held = await history.read(last.event_id)
    if held is None or held.event != last:
        raise CommandFailed(
            f"The unfinished export is of another database: its event {last.event_id} is not here. "
            "Remove it, or name another file."
        )


async def _print(database_url: str, wanted: EventRange) -> None:
    from cli.events.ndjson import encode_lines  # noqa: PLC0415 - quick --help
    from cli.progress import progress  # noqa: PLC0415
    from scoreboard.ledger.history import History, check_board  # noqa: PLC0415
    from scoreboard.ledger.session import open_session  # noqa: PLC0415
    from scoreboard.ledger.settling import (  # noqa: PLC0415
        keep_erasures_out,
        wait_until_settled,
    )

    async with open_session(database_url, "export") as session:
        await check_board(session, wanted.board_id)
        await keep_erasures_out(session)
        await record_read(session, ActKind.READ_EVENTS, board_id=wanted.board_id)
        history = History(session)
        wanted = wanted.up_to(await wait_until_settled(session))
        with progress("exporting", await history.count(wanted), "events") as advance:
            async for events in history.scan(wanted, BATCH):
                await _put(encode_lines(events))
                advance(len(events))


async def _put(lines: bytes) -> None:
    left = memoryview(lines)
    while left:
        left = left[_put_some(left[:PIECE_BYTES]) :]
        await asyncio.sleep(0)  # here the signal takes effect that may have cut the piece


def _put_some(piece: memoryview) -> int:
    """How many bytes stdout took: where nothing buffers it, they may be fewer than given."""
    with stdout_told():
        written = sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    return written
