"""Whether a stored token proves its event: one judgement for all who ask."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.errors import Refusal
from scoreboard.ledger.history import StoredEvent

TOKEN_REFUSED, TOKEN_DIFFERS, TOKEN_EXPIRED = "token_refused", "token_differs", "token_expired"


class Proven(NamedTuple):
    """What an event needs its token to say."""

    board_id: str
    user_id: str
    delta: int
    nonce: str
    kid: str
    source: str

    @classmethod
    def of(cls, event: StoredEvent) -> Proven:
        """What this event, which a token earned, needs."""
        nonce, kid = event.nonce or "", event.kid or ""
        return cls(event.board_id, event.user_id, event.delta, nonce, kid, event.source)


class Doubt(Struct, frozen=True):
    """Why a token does not prove its event: the kind of finding, and a sentence."""

    kind: str
    reason: str


def judge_stored(
    proven: Proven, token: bytes, at_s: float, verifier: TokenVerifier
) -> Doubt | None:
    """What speaks against the token of an event of Unix time `at_s`; None where it proves it."""
    try:
        # Latin 1 gives every byte a character, and the verifier takes ASCII alone.
        action = verifier.verify_stored_action(token.decode("latin-1"), at_s)
    except Refusal as refusal:
        return Doubt(TOKEN_REFUSED, str(refusal))
    says = (action.board_id, action.user_id, action.delta, action.nonce, action.kid, action.act)
    if says != proven:
        return Doubt(TOKEN_DIFFERS, "The token says something else than the event.")
    if action.expires_at_s <= at_s:
        return Doubt(TOKEN_EXPIRED, "The token had expired before the event.")
    return None
