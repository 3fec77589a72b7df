"""An increment on its way into the ledger, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId, EventId, Nonce, UserId

MAX_SCORE = 2**53 - 1
"""Beyond it a JSON reader in JavaScript, or Redis, would round the score."""


class Increment(Struct, frozen=True):
    """A proven action: everything that its event will store.

    `expires_at_s` is the token's `exp` (Unix seconds); `expected_version` comes from If-Match;
    `token` holds the exact bytes received, so that the history can be verified later.
    """

    board_id: BoardId
    user_id: UserId
    delta: int
    nonce: Nonce
    kid: str
    source: str
    actor: str
    token: bytes
    expires_at_s: int
    expected_version: int | None = None


class Outcome(StrEnum):
    """What the ledger decided about one increment."""

    APPLIED = "applied"
    NONCE_REUSED = "nonce_reused"
    ACTION_TOKEN_EXPIRED = "action_token_expired"  # noqa: S105 - an outcome, no secret
    USER_SUSPENDED = "user_suspended"
    VERSION_CONFLICT = "version_conflict"
    SCORE_LIMIT = "score_limit"


class Verdict(Struct, frozen=True):
    """The ledger's answer for one increment.

    `score` and `version` are those after this increment (APPLIED), as stored when the nonce was
    consumed (NONCE_REUSED, only for the same token of the same user), or the present ones.
    `updated_us` is the event's time in Unix microseconds by the database's clock.
    """

    outcome: Outcome
    event_id: EventId | None
    score: int | None
    version: int | None
    updated_us: int | None


class Receipt(Struct, frozen=True):
    """What the client of an applied increment is told."""

    event_id: EventId
    score: int
    version: int
    rank: int
