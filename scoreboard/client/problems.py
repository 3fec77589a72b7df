"""The service's refusals of requests, told apart by their stable `code`."""

from __future__ import annotations

from typing import Any, ClassVar

from scoreboard.client.errors import ClientError


class Problem(ClientError):
    """The service refused a request (RFC 9457).

    `members` is the whole document; `retry_after_s` is 0 where the service names no time.
    `was_lost`: the answer to an earlier attempt was lost, so that it may have been carried out.
    """

    named: ClassVar[str] = ""

    def __init__(self, status: int, members: dict[str, Any], retry_after_s: float = 0.0) -> None:
        self.status = status
        self.code = str(members.get("code", ""))
        self.detail = str(members.get("detail", ""))
        self.request_id = str(members.get("requestId", ""))
        self.members = members
        self.retry_after_s = retry_after_s
        self.was_lost = False
        super().__init__(f"{self.code or status}: {self.detail}")


class Overloaded(Problem):
    """Too many requests are waiting there."""

    named = "overloaded"


class RateLimited(Problem):
    """Too many requests of this user or address."""

    named = "rate_limited"


class AuthRequired(Problem):
    """The request needs a Bearer token."""

    named = "auth_required"


class TokenInvalid(Problem):
    """The Bearer token is not valid there."""

    named = "token_invalid"


class TokenExpired(Problem):
    """The Bearer token has expired, and the source has no newer one."""

    named = "token_expired"


class InvalidPayload(Problem):
    """The request does not have the documented form."""

    named = "invalid_payload"


class PayloadTooLarge(Problem):
    """The body is too large."""

    named = "payload_too_large"


class UnsupportedEncoding(Problem):
    """Something on the way encoded the body."""

    named = "unsupported_encoding"


class NonceMissing(Problem):
    """The nonce got lost on the way."""

    named = "nonce_missing"


class NonceInvalid(Problem):
    """The nonce does not have the form of one."""

    named = "nonce_invalid"


class ActionTokenMissing(Problem):
    """The increment carries no action token."""

    named = "action_token_missing"


class InsufficientScope(Problem):
    """The Bearer token does not carry the scope that this needs."""

    named = "insufficient_scope"


class ActionTokenInvalid(Problem):
    """The action token is not one that the service accepts."""

    named = "action_token_invalid"


class ActionUserMismatch(Problem):
    """The action was granted to another user."""

    named = "action_user_mismatch"


class ActionDeltaMismatch(Problem):
    """The action was granted with another delta."""

    named = "action_delta_mismatch"


class ActionNonceMismatch(Problem):
    """The nonce is not that of the action token."""

    named = "action_nonce_mismatch"


class ActionBoardMismatch(Problem):
    """The action was granted for another board."""

    named = "action_board_mismatch"


class PolicyDenied(Problem):
    """The board's rules do not allow it."""

    named = "policy_denied"


class NonceReused(Problem):
    """The action was redeemed before; `is_applied` says whether by this very token."""

    named = "nonce_reused"

    @property
    def is_applied(self) -> bool:
        """Whether the points are there, as `members` tells: `score`, `version`, `rank`."""
        return self.members.get("applied") is True


class ActionTokenExpired(Problem):
    """The action token has expired and was certainly not applied."""

    named = "action_token_expired"


class UserSuspended(Problem):
    """The user is suspended on the board: his score stays as it is."""

    named = "user_suspended"


class ScoreLimit(Problem):
    """The board's limits do not admit the score this would lead to."""

    named = "score_limit"


class VersionConflict(Problem):
    """The score has changed since the version that was named."""

    named = "version_conflict"


class AlreadyVoided(Problem):
    """The event is void already."""

    named = "already_voided"


class NotVoided(Problem):
    """The event is not void, so there is nothing to restore."""

    named = "not_voided"


class NotVoidable(Problem):
    """The event undoes another one itself."""

    named = "not_voidable"


class NotSuspended(Problem):
    """The user is not suspended, so there is nothing to lift."""

    named = "not_suspended"


class UserErased(Problem):
    """The user is erased, and stays off the boards."""

    named = "user_erased"


class IdempotencyKeyReused(Problem):
    """The key belongs to another act."""

    named = "idempotency_key_reused"


class WindowTooLarge(Problem):
    """There are too many events to look through in time."""

    named = "window_too_large"


class ConfirmationRequired(Problem):
    """So many events are undone only if their number is said; `members` has `events`."""

    named = "confirmation_required"


class StorageUnavailable(Problem):
    """The ledger could not be reached; nothing was applied."""

    named = "storage_unavailable"


class OutcomeUnknown(Problem):
    """The ledger broke off while it wrote."""

    named = "outcome_unknown"


class NotFound(Problem):
    """There is no such board, or the user has no score on it."""

    named = "not_found"


class MethodNotAllowed(Problem):
    """The address does not take that method."""

    named = "method_not_allowed"


class Internal(Problem):
    """Something went wrong there; `request_id` finds it in the logs."""

    named = "internal"


PROBLEMS: dict[str, type[Problem]] = {each.named: each for each in Problem.__subclasses__()}
"""The class of each code."""
