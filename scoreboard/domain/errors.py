"""The error tree. A docstring is the message a client reads; `code` is the stable slug.

ScoreboardError
├── Refusal                      the client is told, by its code
│   ├── Overloaded, RateLimited
│   ├── AuthRequired, TokenInvalid, TokenExpired
│   ├── InvalidPayload, PayloadTooLarge, UnsupportedEncoding
│   ├── NonceMissing, NonceInvalid, ActionTokenMissing
│   ├── InsufficientScope, PolicyDenied
│   ├── ActionTokenInvalid, ActionUserMismatch, ActionDeltaMismatch,
│   │   ActionNonceMismatch, ActionBoardMismatch
│   ├── NonceReused, ActionTokenExpired, ScoreLimit, VersionConflict
│   ├── UserSuspended
│   ├── AlreadyVoided, NotVoided, NotVoidable, NotSuspended, IdempotencyKeyReused
│   ├── ConfirmationRequired, WindowTooLarge
│   ├── StorageUnavailable, OutcomeUnknown
│   └── NotFound, MethodNotAllowed, Internal
├── StandingsUnavailable         Redis cannot answer: ask PostgreSQL
│   └── StandingsBuilding        and the rebuild that is due brings every change along
├── BusUnavailable               RabbitMQ or Redis cannot carry: keep the outbox row
├── LeaseLost                    another relay leads
└── ConfigurationError           a setting, key file or schema: the start stops with its sentence
"""

from __future__ import annotations

from typing import ClassVar

Member = str | int | bool | list[dict[str, str]]


class ScoreboardError(Exception):
    """Something this service knows how to name."""


class Refusal(ScoreboardError):
    """A request that is answered with a problem.

    `members` are added to the problem document; `retry_after_s` becomes `Retry-After`.
    """

    code: ClassVar[str] = "internal"
    retry_after_s: float | None = None

    def __init__(self, detail: str | None = None, **members: Member) -> None:
        super().__init__(detail or type(self).__doc__)
        self.members = members


class Overloaded(Refusal):
    """Too many requests are waiting here. Send the same request again after Retry-After."""

    code = "overloaded"
    retry_after_s = 1.0


class RateLimited(Refusal):
    """Too many requests. Wait for Retry-After, then send the same request again."""

    code = "rate_limited"

    def __init__(self, policy: str, retry_after_s: float) -> None:
        super().__init__(policy=policy)
        self.policy = policy
        self.retry_after_s = retry_after_s


class AuthRequired(Refusal):
    """The request carries no Bearer token. Send exactly one `Authorization: Bearer <JWT>`."""

    code = "auth_required"


class TokenInvalid(Refusal):
    """The Bearer token is not valid here. Sign in again."""

    code = "token_invalid"


class TokenExpired(Refusal):
    """The Bearer token has expired. Refresh it and send the same request again."""

    code = "token_expired"


class InvalidPayload(Refusal):
    """The request does not have the documented form. See `errors`."""

    code = "invalid_payload"

    @classmethod
    def at(cls, pointer: str, detail: str) -> InvalidPayload:
        """One member is wrong; `pointer` is its JSON pointer, `` for the document itself."""
        return cls(errors=[{"pointer": pointer, "detail": detail}])

    @classmethod
    def in_header(cls, name: str, detail: str) -> InvalidPayload:
        """One header field is wrong."""
        return cls(errors=[{"header": name, "detail": detail}])

    @classmethod
    def in_parameter(cls, name: str, detail: str) -> InvalidPayload:
        """One parameter of the address, in its path or query, is wrong."""
        return cls(errors=[{"parameter": name, "detail": detail}])


class PayloadTooLarge(Refusal):
    """The body is larger than a request of this kind can be."""

    code = "payload_too_large"


class UnsupportedEncoding(Refusal):
    """Bodies are taken as they are. Send the request without Content-Encoding."""

    code = "unsupported_encoding"


class NonceMissing(Refusal):
    """Send the nonce of the action token as exactly one `X-Action-Nonce` header."""

    code = "nonce_missing"


class NonceInvalid(Refusal):
    """X-Action-Nonce is not a nonce: 22 to 64 characters of A-Z, a-z, 0-9, `_` and `-`."""

    code = "nonce_invalid"


class ActionTokenMissing(Refusal):
    """The body has no `actionToken`. Ask the game server to grant the action."""

    code = "action_token_missing"


class InsufficientScope(Refusal):
    """The Bearer token does not carry the scope that this needs."""

    code = "insufficient_scope"


class ActionTokenInvalid(Refusal):
    """The action token is not one that this service accepts."""

    code = "action_token_invalid"


class ActionUserMismatch(Refusal):
    """The action was granted to another user."""

    code = "action_user_mismatch"


class ActionDeltaMismatch(Refusal):
    """The action was granted with another delta."""

    code = "action_delta_mismatch"


class ActionNonceMismatch(Refusal):
    """X-Action-Nonce is not the nonce of this action token."""

    code = "action_nonce_mismatch"


class ActionBoardMismatch(Refusal):
    """The action was granted for another board."""

    code = "action_board_mismatch"


class PolicyDenied(Refusal):
    """The board's rules do not allow this action."""

    code = "policy_denied"


class NonceReused(Refusal):
    """This action was already redeemed. `applied` says whether by this very token."""

    code = "nonce_reused"


class ActionTokenExpired(Refusal):
    """The action token has expired and was certainly not applied. Ask for a new one."""

    code = "action_token_expired"


class UserSuspended(Refusal):
    """The user is suspended on this board: his score stays as it is."""

    code = "user_suspended"


class ScoreLimit(Refusal):
    """The board's limits do not admit the score this would lead to."""

    code = "score_limit"


class VersionConflict(Refusal):
    """The score has changed since the version in If-Match. Read it again and retry."""

    code = "version_conflict"


class AlreadyVoided(Refusal):
    """The event is void already. Restore it first, or leave it as it is."""

    code = "already_voided"


class NotVoided(Refusal):
    """The event is not void, so there is nothing to restore."""

    code = "not_voided"


class NotVoidable(Refusal):
    """The event undoes another one itself. Void or restore that one."""

    code = "not_voidable"


class NotSuspended(Refusal):
    """The user is not suspended, so there is nothing to lift."""

    code = "not_suspended"


class UserErased(Refusal):
    """The user is erased, and stays off the boards. Nothing brings him back."""

    code = "user_erased"


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key belongs to another act. Choose a new one for each act."""

    code = "idempotency_key_reused"


class ConfirmationRequired(Refusal):
    """So many events are undone only if `confirm` is their number. See `events`."""

    code = "confirmation_required"


class WindowTooLarge(Refusal):
    """There are too many events to look through in time. Use `scoreboard acts`, which has time."""

    code = "window_too_large"


class StorageUnavailable(Refusal):
    """The ledger cannot be reached; nothing was applied. Send the same request again."""

    code = "storage_unavailable"
    retry_after_s = 1.0


class OutcomeUnknown(Refusal):
    """The ledger broke off while it wrote. The same request, sent again, tells what happened."""

    code = "outcome_unknown"
    retry_after_s = 1.0


class NotFound(Refusal):
    """There is nothing here."""

    code = "not_found"


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    code = "method_not_allowed"


class Internal(Refusal):
    """Something went wrong here. The request id finds it in the logs."""

    code = "internal"


class StandingsUnavailable(ScoreboardError):
    """Redis cannot answer truly: it is away, refuses, or holds no complete standings."""


class StandingsBuilding(StandingsUnavailable):
    """No epoch is live. The rebuild that is due or under way brings every change along."""


class BusUnavailable(ScoreboardError):
    """The bus cannot carry a message now."""


class LeaseLost(ScoreboardError):
    """Another relay holds the lease, or the database cannot say who does."""


class ConfigurationError(ScoreboardError):
    """The start cannot go on; the message is one sentence that names what to change."""


class ServerAway(ConfigurationError):
    """A server that the settings name cannot be reached."""
