"""Acts about many events: previewed, begun once, and recorded whatever becomes of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg

from scoreboard.auth.policy import authorize_undoing
from scoreboard.domain.acts import APPLIED, ActKind, Actor
from scoreboard.domain.errors import (
    Internal,
    NotVoided,
    OutcomeUnknown,
    Refusal,
    StorageUnavailable,
)
from scoreboard.domain.windows import (
    Extent,
    ManyAct,
    Preview,
    RunState,
    VoidedBy,
    check_confirmed,
    nothing_to_undo,
)
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.runs import Runs

Survey = Callable[[Extent], Awaitable[Preview]]
"""Looks at what would change; raises the Refusal that it meets."""


class Undoing:
    """Every method raises what its stores do, and InsufficientScope."""

    def __init__(
        self,
        survey: Survey,
        acts: ActLedger,
        runs: Runs,
        on_begun: Callable[[], object] = lambda: None,
    ) -> None:
        """`on_begun` is told that there is something to carry out."""
        self._survey = survey
        self._acts = acts
        self._runs = runs
        self._on_begun = on_begun

    async def preview(self, extent: Extent, actor: Actor) -> Preview:
        """What it would change, which may be nothing. That somebody looked is recorded."""
        outcome = Internal.code
        try:
            authorize_undoing(actor)
            previewed = await self._survey(extent)
            outcome = APPLIED
        except Refusal as refusal:
            outcome = refusal.code
            raise
        finally:
            await self._acts.record(
                ActKind.PREVIEW,
                actor,
                outcome=outcome,
                board_id=extent.board_id,
                user_id=extent.user_id,
                parameters=extent.parameters,
            )
        return previewed

    async def begin(self, asked: ManyAct, actor: Actor) -> tuple[RunState, bool]:
        """How far it has come, and whether it had been begun before, with the same key.

        Raises ConfirmationRequired, IdempotencyKeyReused, and NotFound or NotVoided where there is
        nothing to undo.
        """
        try:
            authorize_undoing(actor)
            act_id, is_new = await self._begin(asked, actor)
        except (StorageUnavailable, OutcomeUnknown):
            raise
        except Refusal as refusal:
            await self._record_refusal(asked, actor, refusal)
            raise
        state = await self._runs.read(act_id)
        assert state is not None
        if is_new:
            self._on_begun()
        return state, not is_new

    async def state(self, act_id: int) -> RunState | None:
        """How far the act has come; None where it is about one event or user, or a read."""
        return await self._runs.read(act_id)

    async def _record_refusal(self, asked: ManyAct, actor: Actor, refusal: Refusal) -> None:
        extent = asked.extent
        await self._acts.record(
            extent.kind,
            actor,
            outcome=refusal.code,
            board_id=extent.board_id,
            user_id=extent.user_id,
            parameters=extent.parameters,
            reason=asked.reason,
            idempotency_key=asked.idempotency_key,
        )

    async def _begin(self, asked: ManyAct, actor: Actor) -> tuple[int, bool]:
        begun = await self._runs.find_begun(asked, actor)
        if begun is not None:
            return begun, False
        extent = asked.extent
        if isinstance(extent, VoidedBy):
            await self._check_is_over(extent.act_id)
        previewed = await self._survey(extent)
        if not previewed.events:
            has_voided = isinstance(extent, VoidedBy) and await self._runs.has_voided(extent)
            raise nothing_to_undo(extent, has_voided=has_voided)
        check_confirmed(previewed, asked.confirm)
        try:
            return await self._runs.begin(asked, previewed, actor), True
        except asyncpg.UniqueViolationError:
            # The same key, at the same moment.
            begun = await self._runs.find_begun(asked, actor)
            assert begun is not None
            return begun, False

    async def _check_is_over(self, act_id: int) -> None:
        """Raises NotVoided for an act that still voids: what it has yet to do would stay void."""
        state = await self._runs.read(act_id)
        if state is not None and state.finished_at is None:
            raise NotVoided(f"Act {act_id} is still being carried out: restore it afterwards.")
