"""The one judge of tokens: reads quickly or thoroughly, then applies one set of rules."""

from __future__ import annotations

from typing import Generic

from scoreboard.auth.exact import ExactReader
from scoreboard.auth.general import GeneralReader
from scoreboard.auth.keyring import Key, KeyRing
from scoreboard.auth.memory import BearerMemory
from scoreboard.auth.rules import ClaimRules
from scoreboard.auth.tokens import ACTION, BEARER, C, TokenForm
from scoreboard.domain.claims import Action, Principal
from scoreboard.settings import Settings


class TokenVerifier:
    """Verifies tokens against one ring of keys; a changed ring needs a new verifier.

    Of the settings it uses `token_max_bytes`, `clock_leeway_s`, `action_life_max_s` and
    `bearer_memory_*`. The clock is the caller's: `now_s` in Unix seconds.
    """

    def __init__(self, keys: KeyRing, issuer: str, settings: Settings) -> None:
        leeway_s, life_max_s = settings.clock_leeway_s, settings.action_life_max_s

        def serves(key: Key, now_s: float) -> bool:
            return key.serves(now_s, leeway_s)

        self._actions = TokenReader(keys, ACTION, issuer, settings.token_max_bytes)
        self._bearers = TokenReader(keys, BEARER, issuer, settings.token_max_bytes)
        self._rules = ClaimRules(issuer, leeway_s, life_max_s, serves)
        self._rules_of_the_past = ClaimRules(issuer, leeway_s, life_max_s, Key.covers)
        self._memory = BearerMemory(settings.bearer_memory_max, settings.bearer_memory_s)

    def verify_bearer(self, token: str, now_s: float) -> Principal:
        """Who sends the request; raises TokenInvalid or TokenExpired."""
        known = self._memory.recall(token, now_s)
        if known is not None:
            return known
        key, claims = self._bearers.read(token)
        principal = self._rules.judge_bearer(claims, key, now_s)
        self._memory.keep(token, principal, now_s)
        return principal

    def verify_action(self, token: str, now_s: float) -> Action:
        """What may happen once; raises ActionTokenInvalid.

        A token up to a day past its `exp` is given too, since the ledger knows whether it was
        redeemed and judges its expiry by its own clock; ActionTokenExpired is raised after that.
        """
        key, claims = self._actions.read(token)
        return self._rules.judge_action(claims, key, now_s)

    def verify_stored_action(self, token: str, at_s: float) -> Action:
        """The action of a token from the ledger, as it was at its event's time `at_s`.

        Retired keys count where they were valid then. Raises as `verify_action` does.
        """
        key, claims = self._actions.read(token)
        return self._rules_of_the_past.judge_action(claims, key, at_s)


class TokenReader(Generic[C]):
    """Reads tokens of one class, in the quick way where it suffices."""

    def __init__(self, keys: KeyRing, form: TokenForm[C], issuer: str, max_bytes: int) -> None:
        self.exact = ExactReader(keys, form)
        self.general = GeneralReader(keys, form, issuer)
        self._refusal = form.refusal
        self._max_bytes = max_bytes

    def read(self, token: str) -> tuple[Key, C]:
        """Key and claims of a token truly signed, not yet judged; raises the class's refusal."""
        if len(token) > self._max_bytes or not token.isascii():
            raise self._refusal(f"A token has at most {self._max_bytes} ASCII characters.")
        raw = token.encode("ascii")
        return self.exact.read(raw) or self.general.read(raw)
