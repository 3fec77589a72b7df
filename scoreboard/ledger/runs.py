"""Acts about many events: looked at first, begun once, carried out in slices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Struct

from scoreboard.domain.acts import ActKind, Actor
from scoreboard.domain.errors import IdempotencyKeyReused, NotFound
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.windows import Preview, RunState, UserChange, Window
from scoreboard.ledger.acts import Write
from scoreboard.ledger.database import Row
from scoreboard.ledger.statements import load_query

RUN = "SELECT * FROM run_act_v1($1, $2, $3)"

SLICE_EVENTS = 250
"""Events undone at once: their totals are locked for some 20 ms."""

SLICE_LOOKED_AT = 10_000

PAUSE_SHARE = 1.0
"""Of the time that a slice took, how long the next one waits: increments are not to notice."""


class Many(Struct, frozen=True):
    """What is to be carried out: the void of a window, or the restore of what an act voided."""

    kind: ActKind
    board_id: BoardId
    user_id: UserId | None
    parameters: dict[str, str | int | None]
    first_id: int
    below_id: int
    events: int


async def preview_window(fetch: Callable[..., Awaitable[list[Row]]], window: Window) -> Preview:
    """What its void would change. Reads all of it: give it a session without a time limit."""
    rows = await fetch("SELECT coalesce(max(event_id), 0) + 1 AS below_id FROM score_events")
    below_id: int = rows[0]["below_id"]
    if window.last_id is not None:
        below_id = min(below_id, window.last_id + 1)
    found = await fetch(
        load_query("preview_window"),
        window.board_id,
        window.first_id,
        below_id,
        window.user_id,
        window.action,
        window.kid,
        window.since,
        window.until,
    )
    changes = [
        UserChange(UserId(user_id), events, int(points), score, is_suspended)
        for user_id, events, points, score, is_suspended in found
    ]
    return Preview(below_id, changes)


def void_of(window: Window, previewed: Preview) -> Many:
    """The void of a window that was looked at."""
    return Many(
        ActKind.VOID,
        window.board_id,
        window.user_id,
        window.parameters,
        window.first_id,
        previewed.below_id,
        previewed.events,
    )


async def restore_of(
    fetch: Callable[..., Awaitable[list[Row]]], board_id: BoardId, act_id: int
) -> Many:
    """The restore of what an act voided. Raises NotFound where it voided nothing on this board."""
    (row,) = await fetch(load_query("count_voided"), board_id, act_id)
    if not row["events"]:
        raise NotFound(f"Act {act_id} has voided nothing on board {board_id}.")
    return Many(
        ActKind.RESTORE,
        board_id,
        None,
        {"act": act_id},
        row["first_id"],
        row["last_id"] + 1,
        row["events"],
    )


class Runs:
    """Raises what its connection does: see `Database.write` and `open_session`."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._begin = load_query("begin_run")
        self._state = load_query("read_run")
        self._unfinished = load_query("read_unfinished_runs")

    async def begin(self, many: Many, reason: str, actor: Actor, key: str | None) -> int:
        """Records it; the id of the act, whose slices somebody must run. Raises
        IdempotencyKeyReused; with a key that has begun the very same, that one's id.
        """
        (row,) = await self._write(
            self._begin,
            many.kind,
            many.board_id,
            many.user_id,
            msgspec.json.encode(many.parameters).decode(),
            reason,
            actor.subject,
            sorted(actor.scopes),
            actor.kid,
            actor.origin,
            actor.client_address,
            actor.request_id,
            key,
            many.first_id,
            many.below_id,
            many.events,
        )
        if not row["is_same"]:
            raise IdempotencyKeyReused
        act_id: int = row["act_id"]
        return act_id

    async def read(self, act_id: int) -> RunState | None:
        """How far it has come; None where that act is no run."""
        rows = await self._write(self._state, act_id)
        return RunState(*rows[0]) if rows else None

    async def unfinished(self) -> list[int]:
        """Acts that are not finished, the oldest first."""
        return [row["act_id"] for row in await self._write(self._unfinished)]

    async def run(self, act_id: int, on_slice: Callable[[RunSlice], object]) -> bool:
        """Runs slice after slice, with pauses, to the end; False where another is at it."""
        while True:
            started_s = time.monotonic()
            rows = await self._write(RUN, act_id, SLICE_EVENTS, SLICE_LOOKED_AT)
            if not rows:
                return False
            part = RunSlice(*rows[0])
            on_slice(part)
            if part.is_finished:
                return True
            await asyncio.sleep((time.monotonic() - started_s) * PAUSE_SHARE)


class RunSlice(Struct, frozen=True):
    """How far a run has come after a slice."""

    done: int
    refused: int
    events: int
    is_finished: bool
