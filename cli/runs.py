"""Acts about many events: previewed, begun, and carried out with a progress bar."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING

from cli.actor import local_actor
from cli.asking import Asked
from cli.environment import read_database_settings
from cli.output import CommandFailed, print_error, print_json, print_line, print_table
from cli.progress import progress
from cli.signals import run_work
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.windows import UNCONFIRMED_MAX, Preview, RunState, Window
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.boards import find_board
from scoreboard.ledger.runs import Many, Runs, preview_window, restore_of, void_of
from scoreboard.ledger.session import open_session

if TYPE_CHECKING:
    from scoreboard.ledger.session import Session

SHOWN = 20
"""Users of a preview that a table shows."""


def void_window(window: Window, asked: Asked) -> None:
    """Previews the void of a window, or carries it out."""
    if asked.is_preview:
        _show_preview(run_work(_preview(window)), as_json=asked.as_json)
        return
    _show(_run(_void(window, asked)), as_json=asked.as_json)


def restore_act(board_id: BoardId, act_id: int, asked: Asked) -> None:
    """Restores all that an act voided and nobody else has restored or voided since."""
    _show(_run(_restore(board_id, act_id, asked)), as_json=asked.as_json)


async def _preview(window: Window) -> Preview:
    async with open_session(read_database_settings().database_url, "acts") as session:
        await find_board(session, window.board_id)
        return await preview_window(session.fetch, window)


async def _void(window: Window, asked: Asked) -> RunState:
    async with open_session(read_database_settings().database_url, "acts") as session:
        await find_board(session, window.board_id)
        previewed = await preview_window(session.fetch, window)
        many = void_of(window, previewed)
        await _check(session, many, asked)
        return await _carry_out(session, many, asked)


async def _restore(board_id: BoardId, act_id: int, asked: Asked) -> RunState:
    async with open_session(read_database_settings().database_url, "acts") as session:
        many = await restore_of(session.fetch, board_id, act_id)
        await _check(session, many, asked)
        return await _carry_out(session, many, asked)


async def _check(session: Session, many: Many, asked: Asked) -> None:
    if many.events <= max(UNCONFIRMED_MAX, asked.confirm or 0):
        return
    await ActLedger(session.fetch).record(
        many.kind,
        local_actor(),
        outcome="confirmation_needed",
        board_id=many.board_id,
        user_id=many.user_id,
        parameters=many.parameters,
        reason=asked.reason,
        idempotency_key=asked.key,
    )
    raise CommandFailed(
        f"These are {many.events:,} events: add --confirm {many.events} to undo so many. "
        "A void shows what would change with --preview."
    )


async def _carry_out(session: Session, many: Many, asked: Asked) -> RunState:
    runs = Runs(session.fetch)
    act_id = await runs.begin(many, asked.reason, local_actor(), asked.key)
    shown = 0
    with progress("undoing", many.events, "events") as advance:

        def tell(done: int) -> None:
            nonlocal shown
            advance(done - shown)
            shown = done

        await runs.run(act_id, lambda part: tell(part.done + part.refused))
    state = await runs.read(act_id)
    assert state is not None
    return state


def _run(work: Coroutine[None, None, RunState]) -> RunState:
    try:
        return run_work(work)
    except KeyboardInterrupt:
        print_error("The service goes on with what was begun: see `scoreboard audit tail`.")
        raise


def _show_preview(previewed: Preview, *, as_json: bool) -> None:
    if as_json:
        print_json({"events": previewed.events, "users": previewed.changes})
        return
    print_line(f"{previewed.events:,} events of {len(previewed.changes):,} users would be undone.")
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
