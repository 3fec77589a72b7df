"""What claims must say, however their token was read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import UNSET

from scoreboard.auth.keyring import Key
from scoreboard.auth.tokens import ACTION, BEARER, ActionClaims, BearerClaims, Claims
from scoreboard.domain.claims import Action, Principal
from scoreboard.domain.errors import (
    ActionTokenExpired,
    ActionTokenInvalid,
    TokenExpired,
    TokenInvalid,
)
from scoreboard.domain.identifiers import (
    is_action_name,
    parse_board_id,
    parse_nonce,
    parse_user_id,
)

ACTION_LOOKUP_S = 86_400
"""So long past `exp` an action token still reaches the ledger, which says what became of it."""

BEARER_LIFE_MAX_S = 86_400
"""Bearer tokens cannot be revoked one by one, so none may live for longer."""

# Subjects and scopes reach logs and the ledger: printable ASCII only.
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
_SCOPE = re.compile(r"[\x20-\x7e]*")

KeyCheck = Callable[[Key, float], bool]
"""(key, Unix seconds) → whether its tokens count at that time."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """The rules of one service. `leeway_s` is granted to `iat` and `nbf`, not to `exp`.

    A token is over at the second of its `exp`. The clocks that matter there are the ledger's for
    actions, and for Bearer tokens a few seconds of a life of minutes are not worth a second rule.
    """

    issuer: str
    leeway_s: float
    action_life_max_s: int
    key_check: KeyCheck

    def judge_action(self, claims: ActionClaims, key: Key, now_s: float) -> Action:
        """The action. One that expired within the last day is given as well: the ledger judges it.

        Raises ActionTokenInvalid, and ActionTokenExpired for what is older.
        """
        self._judge(claims, key, now_s)
        user_id, board_id = parse_user_id(claims.sub), parse_board_id(claims.board)
        nonce = parse_nonce(claims.jti)
        if user_id is None or board_id is None or nonce is None:
            raise ActionTokenInvalid("The token's sub, board or jti has not its documented form.")
        if claims.delta == 0 or not is_action_name(claims.act):
            raise ActionTokenInvalid("The token's delta or act has not its documented form.")
        if now_s >= claims.exp + ACTION_LOOKUP_S:
            raise ActionTokenExpired(
                "The action token expired more than a day ago; whether it was applied is no longer "
                "looked up."
            )
        return Action(user_id, board_id, claims.delta, claims.act, nonce, claims.exp, key.kid)

    def judge_bearer(self, claims: BearerClaims, key: Key, now_s: float) -> Principal:
        """Who sends the request; a subject that is a user id is given in its canonical form.

        Raises TokenInvalid, and TokenExpired for a token that only has expired.
        """
        self._judge(claims, key, now_s)
        if not _SUBJECT.fullmatch(claims.sub) or not _SCOPE.fullmatch(claims.scope):
            raise TokenInvalid("The token's sub or scope has not its documented form.")
        if now_s >= claims.exp:
            raise TokenExpired
        scopes = frozenset(filter(None, claims.scope.split(" ")))
        subject = parse_user_id(claims.sub) or claims.sub
        return Principal(subject, scopes, key.kid, claims.exp)

    def _judge(self, claims: Claims, key: Key, now_s: float) -> None:
        """What both classes have in common; `now_s` is in Unix seconds."""
        if isinstance(claims, ActionClaims):
            form, life_max_s, refusal = ACTION.token_class, self.action_life_max_s, ACTION.refusal
        else:
            form, life_max_s, refusal = BEARER.token_class, BEARER_LIFE_MAX_S, BEARER.refusal
        if claims.iss != self.issuer or not _is_for(claims.aud, form.audience):
            raise refusal("The token's iss or aud is not that of this service.")
        if not 1 <= claims.exp - claims.iat <= life_max_s:
            raise refusal(f"A token lives 1 to {life_max_s} seconds (exp − iat).")
        begin_s = claims.iat if claims.nbf is UNSET else max(claims.iat, claims.nbf)
        if begin_s > now_s + self.leeway_s:
            raise refusal("The token is not valid yet.")
        if not (self.key_check(key, now_s) and key.covers(claims.iat, self.leeway_s)):
            raise refusal("The token's key is retired or outside its validity.")


def _is_for(audience: str | list[str], service: str) -> bool:
    return service in audience if isinstance(audience, list) else audience == service
