"""Acts from a request to the screens: allowed or not, applied, and shown at once."""

from __future__ import annotations

from collections.abc import Callable

from scoreboard.auth.policy import authorize_act, require_moderator
from scoreboard.bus.protocol import Wake
from scoreboard.domain.acts import APPLIED, Act, ActKind, Actor, ActReceipt, ActVerdict, RecordedAct
from scoreboard.domain.boards import Board
from scoreboard.domain.errors import NotFound, Refusal
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Total
from scoreboard.ledger.acts import ActFilter, ActLedger, ActPage
from scoreboard.ledger.user_events import UserEvents
from scoreboard.moderation.verdicts import receipt
from scoreboard.reads.ranking import Ranking


class Moderation:
    """Every method raises StorageUnavailable or OutcomeUnknown where PostgreSQL cannot answer."""

    def __init__(
        self, ledger: ActLedger, ranking: Ranking, on_commit: Callable[[Wake], None]
    ) -> None:
        """`on_commit` is told of each act that changed something, after Redis knows it."""
        self._ledger = ledger
        self._ranking = ranking
        self._on_commit = on_commit

    async def act(self, act: Act, actor: Actor, board: Board) -> ActReceipt:
        """Applies it; raises the Refusal that it meets. Both are recorded."""
        try:
            authorize_act(actor.scopes, act, board)
        except Refusal as refusal:
            await record_refusal(self._ledger, act, actor, refusal)
            raise
        verdict = await self._ledger.apply(act, actor)
        return receipt(act, verdict, await self._show(act, verdict))

    async def find_acts(self, wanted: ActFilter, limit: int, actor: Actor) -> ActPage:
        """A page of the audit trail, newest first; that it was read is recorded there."""
        await self._allow_read(ActKind.READ_ACTS, actor, wanted.board_id, wanted.user_id)
        return await self._ledger.find_page(wanted, limit)

    async def find_act(self, act_id: int, actor: Actor) -> RecordedAct:
        """One act of the trail. Raises NotFound. That it was read is recorded, unless it is one's
        own: whoever waits for what he has begun asks again and again.
        """
        found = await self._ledger.find(ActFilter(below_id=act_id + 1), 1)
        act = found[0] if found and found[0].act_id == act_id else None
        is_own = act is not None and (act.actor, act.origin) == (actor.subject, actor.origin)
        await self._allow_read(ActKind.READ_ACTS, actor, parameters={"act": act_id}, is_own=is_own)
        if act is None:
            raise NotFound(f"There is no act {act_id}.")
        return act

    async def read_events(
        self, board_id: BoardId, user_id: UserId, below_id: int, limit: int, actor: Actor
    ) -> UserEvents:
        """A page of a user's history, newest first; that it was read is recorded."""
        await self._allow_read(ActKind.READ_EVENTS, actor, board_id, user_id)
        return await self._ledger.read_user_events(board_id, user_id, below_id, limit)

    async def _allow_read(
        self,
        kind: ActKind,
        actor: Actor,
        board_id: BoardId | None = None,
        user_id: UserId | None = None,
        *,
        parameters: dict[str, int | str | None] | None = None,
        is_own: bool = False,
    ) -> None:
        """Records a read before it is answered; raises InsufficientScope, recorded as well."""
        outcome = APPLIED
        try:
            require_moderator(actor.scopes)
        except Refusal as refusal:
            outcome = refusal.code
            raise
        finally:
            if outcome != APPLIED or not is_own:
                await self._ledger.record(
                    kind,
                    actor,
                    outcome=outcome,
                    board_id=board_id,
                    user_id=user_id,
                    parameters=parameters,
                )

    async def _show(self, act: Act, verdict: ActVerdict) -> int | None:
        """The present rank, once Redis knows the new total. The relay brings what this cannot."""
        total = _total(act, verdict)
        if total is None:
            return None
        ranked = await self._ranking.apply([total])
        self._on_commit(Wake((total.board_id,), total.updated_us))
        return ranked.ranks.get((total.board_id, total.user_id))


async def record_refusal(ledger: ActLedger, act: Act, actor: Actor, refusal: Refusal) -> None:
    """For what was refused before the ledger could judge it."""
    await ledger.record(
        act.kind,
        actor,
        outcome=refusal.code,
        board_id=act.board_id,
        user_id=act.user_id,
        parameters={**act.parameters},
        reason=act.reason,
        idempotency_key=act.idempotency_key,
    )


def _total(act: Act, verdict: ActVerdict) -> Total | None:
    if verdict.outcome != APPLIED:
        return None
    assert verdict.user_id is not None
    assert verdict.event_id is not None
    assert verdict.score is not None
    assert verdict.version is not None
    return Total(
        act.board_id,
        verdict.user_id,
        verdict.score,
        verdict.version,
        verdict.event_id,
        verdict.updated_us,
        verdict.is_suspended,
    )
