"""Acts about many events: previewed, begun, and carried out with a progress bar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from msgspec import Struct

from cli.actor import local_actor
from cli.asking import Asked
from cli.environment import read_database_settings
from cli.output import CommandFailed, print_error, print_json, print_line, print_table
from cli.progress import progress
from cli.signals import run_work
from scoreboard.domain.errors import ConfirmationRequired
from scoreboard.domain.windows import Extent, ManyAct, Preview, RunState
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.boards import find_board
from scoreboard.ledger.previews import preview
from scoreboard.ledger.runs import Runs
from scoreboard.ledger.session import open_session
from scoreboard.moderation.undoing import Undoing

SHOWN = 20
"""Users of a preview that a table shows."""

LOOK_S = 0.1
"""Between looks at what another carries out."""


class _Work(Struct, frozen=True):
    undoing: Undoing
    runs: Runs


def undo_many(extent: Extent, asked: Asked) -> None:
    """Previews what is undone, or carries it out."""
    if asked.is_preview:
        _show_preview(run_work(_preview(extent)), as_json=asked.as_json)
        return
    _show(_run(_undo(extent, asked)), as_json=asked.as_json)


@asynccontextmanager
async def _working(extent: Extent) -> AsyncIterator[_Work]:
    """One session for everything: nobody is kept waiting by it, so nothing cuts it off."""
    async with open_session(read_database_settings().database_url, "acts") as session:
        await find_board(session, extent.board_id)

        async def survey(extent: Extent) -> Preview:
            return await preview(session, extent)

        runs = Runs(session.fetch)
        yield _Work(Undoing(survey, ActLedger(session.fetch), runs), runs)


async def _preview(extent: Extent) -> Preview:
    async with _working(extent) as work:
        return await work.undoing.preview(extent, local_actor())


async def _undo(extent: Extent, asked: Asked) -> RunState:
    act = ManyAct(extent, asked.reason, asked.confirm, asked.key)
    async with _working(extent) as work:
        try:
            begun, _ = await work.undoing.begin(act, local_actor())
        except ConfirmationRequired as refusal:
            events = refusal.members["events"]
            raise CommandFailed(
                f"These are {events:,} events: add --confirm {events} to undo so many. "
                "--preview shows what would change."
            ) from refusal
        await _carry_out(work.runs, begun)
        state = await work.runs.read(begun.act_id)
        assert state is not None
        return state


async def _carry_out(runs: Runs, begun: RunState) -> None:
    shown = 0
    with progress("undoing", begun.events, "events") as advance:

        def tell(done: int) -> None:
            nonlocal shown
            advance(done - shown)
            shown = done

        while not await runs.run(begun.act_id, lambda part: tell(part.done + part.refused)):
            # The service is at it as well, or has ended it.
            state = await runs.read(begun.act_id)
            assert state is not None
            tell(state.done + state.refused)
            if state.finished_at is not None:
                return
            await asyncio.sleep(LOOK_S)


def _run(work: Coroutine[None, None, RunState]) -> RunState:
    try:
        return run_work(work)
    except KeyboardInterrupt:
        print_error("The service goes on with what was begun: see `scoreboard audit tail`.")
        raise


def _show_preview(previewed: Preview, *, as_json: bool) -> None:
    if as_json:
        print_json(previewed)
        return
    print_line(f"{previewed.events:,} events of {previewed.users:,} users would be undone.")
    rows = [
        (each.user_id, f"{each.events:,}", f"{each.score:,}", f"{each.score_after:,}")
        for each in previewed.changes[:SHOWN]
    ]
    if rows:
        print_table(("user", ">events", ">score", ">would be"), rows)


def _show(state: RunState, *, as_json: bool) -> None:
    if as_json:
        print_json(state)
        return
    refused = f", {state.refused:,} not: the board's limits" if state.refused else ""
    print_line(f"act {state.act_id}: {state.done:,} events undone{refused}.")
