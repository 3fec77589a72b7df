"""What a verified token says. Two classes that can never stand in for each other."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId, Nonce, UserId


class TokenClass(StrEnum):
    """The class of a token; a key serves exactly one."""

    BEARER = "bearer"
    ACTION = "action"

    @property
    def typ(self) -> str:
        """The only `typ` header that tokens of this class carry."""
        return "at+jwt" if self is TokenClass.BEARER else "scoreboard-action+jwt"

    @property
    def audience(self) -> str:
        """The only `aud` claim that tokens of this class carry."""
        return "scoreboard-api" if self is TokenClass.BEARER else "scoreboard-increment"


class Scope(StrEnum):
    """What the bearer of a token may do."""

    WRITE = "scores:write"
    BONUS = "scores:bonus"
    GRANT = "actions:grant"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Principal(Struct, frozen=True):
    """Who sent the request: the verified Bearer token in short."""

    subject: str
    scopes: frozenset[str]
    kid: str
    expires_at_s: int


class Action(Struct, frozen=True):
    """What may happen, once: a verified action token. Times are Unix seconds."""

    user_id: UserId
    board_id: BoardId
    delta: int
    act: str
    nonce: Nonce
    expires_at_s: int
    kid: str
