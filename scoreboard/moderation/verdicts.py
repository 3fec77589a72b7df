"""What the ledger decided about an act, as its actor is told."""

from __future__ import annotations

from scoreboard.domain.acts import APPLIED, Act, ActReceipt, ActVerdict
from scoreboard.domain.errors import (
    AlreadyVoided,
    IdempotencyKeyReused,
    NotFound,
    NotSuspended,
    NotVoidable,
    NotVoided,
    Refusal,
    ScoreLimit,
    UserErased,
)
from scoreboard.domain.times import from_unix_us, iso_utc

_REFUSALS: dict[str, type[Refusal]] = {
    each.code: each
    for each in (
        AlreadyVoided,
        IdempotencyKeyReused,
        NotSuspended,
        NotVoidable,
        NotVoided,
        ScoreLimit,
        UserErased,
    )
}


def receipt(act: Act, verdict: ActVerdict, rank: int | None) -> ActReceipt:
    """The receipt of an applied act; raises the Refusal that another verdict is."""
    if verdict.outcome != APPLIED:
        raise _refusal(act, verdict)
    assert verdict.event_id is not None
    assert verdict.user_id is not None
    assert verdict.delta is not None
    assert verdict.score is not None
    assert verdict.version is not None
    return ActReceipt(
        verdict.act_id,
        act.kind,
        act.board_id,
        verdict.user_id,
        verdict.event_id,
        verdict.delta,
        verdict.score,
        verdict.version,
        rank,
        iso_utc(from_unix_us(verdict.updated_us)),
        verdict.is_repeated,
    )


def _refusal(act: Act, verdict: ActVerdict) -> Refusal:
    if verdict.outcome in _REFUSALS:
        return _REFUSALS[verdict.outcome]()
    if act.event_id is not None:
        return NotFound(f"There is no event {act.event_id} on board {act.board_id}.")
    return NotFound(f"User {act.user_id} has no score on board {act.board_id}.")
