"""Acts about many events: begun once, and carried out in slices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec
from msgspec import Struct

from scoreboard.domain.acts import Actor
from scoreboard.domain.errors import IdempotencyKeyReused
from scoreboard.domain.windows import ManyAct, Preview, RunState, VoidedBy
from scoreboard.ledger.acts import Write
from scoreboard.ledger.statements import load_query

RUN = "SELECT * FROM run_act_v1($1, $2, $3)"

SLICE_EVENTS = 250
"""Events undone at once: their totals are locked for some 20 ms."""

SLICE_LOOKED_AT = 10_000

PAUSE_SHARE = 1.0
"""Of the time that a slice took, how long the next one waits: increments are not to notice."""


class RunSlice(Struct, frozen=True):
    """How far a run has come after a slice."""

    done: int
    refused: int
    events: int
    is_finished: bool


class Runs:
    """Raises what its connection does: see `Database.write` and `open_session`."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._begin = load_query("begin_run")
        self._begun = load_query("find_begun")
        self._has_voided = load_query("has_voided")
        self._state = load_query("read_run")
        self._unfinished = load_query("read_unfinished_runs")

    async def begin(self, asked: ManyAct, previewed: Preview, actor: Actor) -> int:
        """Records it; the id of the act, whose slices somebody must run.

        Raises asyncpg.UniqueViolationError where its key was used meanwhile: see `find_begun`.
        """
        (row,) = await self._write(
            self._begin,
            *_content(asked),
            actor.subject,
            sorted(actor.scopes),
            actor.kid,
            actor.origin,
            actor.client_address,
            actor.request_id,
            asked.idempotency_key,
            previewed.first_id,
            previewed.below_id,
            previewed.events,
        )
        act_id: int = row["act_id"]
        return act_id

    async def find_begun(self, asked: ManyAct, actor: Actor) -> int | None:
        """The act that this actor has begun with the same key; raises IdempotencyKeyReused."""
        if asked.idempotency_key is None:
            return None
        rows = await self._write(
            self._begun, *_content(asked), actor.subject, asked.idempotency_key
        )
        if not rows:
            return None
        if not rows[0]["is_same"]:
            raise IdempotencyKeyReused
        act_id: int = rows[0]["act_id"]
        return act_id

    async def has_voided(self, extent: VoidedBy) -> bool:
        """Whether that act has voided something on the board, restored since or not."""
        (row,) = await self._write(self._has_voided, extent.board_id, extent.act_id)
        return bool(row[0])

    async def read(self, act_id: int) -> RunState | None:
        """How far it has come; None where that act is no run."""
        rows = await self._write(self._state, act_id)
        return RunState(*rows[0]) if rows else None

    async def unfinished(self) -> list[int]:
        """Acts that are not finished, the oldest first."""
        return [row["act_id"] for row in await self._write(self._unfinished)]

    async def run_slice(
        self, act_id: int, events: int = SLICE_EVENTS, looked_at: int = SLICE_LOOKED_AT
    ) -> RunSlice | None:
        """Runs the next slice, and waits a while; None where it is done, or another is at it."""
        started_s = time.monotonic()
        rows = await self._write(RUN, act_id, events, looked_at)
        if not rows:
            return None
        part = RunSlice(*rows[0])
        if not part.is_finished:
            await asyncio.sleep((time.monotonic() - started_s) * PAUSE_SHARE)
        return part

    async def run(
        self, act_id: int, on_slice: Callable[[RunSlice], object], events: int = SLICE_EVENTS
    ) -> bool:
        """Runs slice after slice to the end; False where another is at it."""
        while (part := await self.run_slice(act_id, events)) is not None:
            on_slice(part)
            if part.is_finished:
                return True
        return False


def _content(asked: ManyAct) -> tuple[str, str, str | None, str, str]:
    """What makes two acts the same."""
    extent = asked.extent
    parameters = msgspec.json.encode(extent.parameters).decode()
    return extent.kind, extent.board_id, extent.user_id, parameters, asked.reason
