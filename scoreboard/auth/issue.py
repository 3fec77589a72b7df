"""Tokens that this service issues."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.tokens import ActionClaims, BearerClaims, sign
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.identifiers import BoardId, Nonce, UserId
from scoreboard.domain.increments import MAX_SCORE

NONCE_BYTES = 16
"""128 random bits are 22 characters, the shortest nonce there is."""


@dataclass(frozen=True, slots=True)
class GrantedAction:
    """What the game server passes on to the player; worth its delta once, until `expires_at_s`."""

    token: str = field(repr=False)
    nonce: Nonce
    expires_at_s: int


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Signs with the newest key of each class; raises ConfigurationError where there is none."""

    keys: KeyRing
    issuer: str

    def grant_action(
        self,
        *,
        user_id: UserId,
        board_id: BoardId,
        delta: int,
        act: str,
        life_s: int,
        now_s: float,
    ) -> GrantedAction:
        """An action token valid from now on for `life_s`; its arguments are verified already."""
        assert 1 <= abs(delta) <= MAX_SCORE
        assert life_s >= 1
        nonce = Nonce(secrets.token_urlsafe(NONCE_BYTES))
        issued_at_s = int(now_s)
        claims = ActionClaims(
            iss=self.issuer,
            sub=user_id,
            aud=TokenClass.ACTION.audience,
            iat=issued_at_s,
            nbf=issued_at_s,
            exp=issued_at_s + life_s,
            jti=nonce,
            delta=delta,
            board=board_id,
            act=act,
        )
        token = sign(claims, self.keys.signing_key(TokenClass.ACTION, now_s))
        return GrantedAction(token, nonce, claims.exp)

    def issue_bearer(
        self,
        *,
        subject: str,
        scopes: Iterable[str],
        life_s: int,
        now_s: float,
        client_id: str = "scoreboard",
    ) -> str:
        """A Bearer token (RFC 9068). For a player `subject` is the user id."""
        assert life_s >= 1
        issued_at_s = int(now_s)
        claims = BearerClaims(
            iss=self.issuer,
            sub=subject,
            aud=TokenClass.BEARER.audience,
            iat=issued_at_s,
            exp=issued_at_s + life_s,
            scope=" ".join(sorted(scopes)),
            client_id=client_id,
            jti=secrets.token_urlsafe(NONCE_BYTES),
        )
        return sign(claims, self.keys.signing_key(TokenClass.BEARER, now_s))
