"""Bearer tokens that were verified a moment ago."""

from __future__ import annotations

from collections import OrderedDict

from scoreboard.domain.claims import Principal
from scoreboard.domain.errors import TokenExpired


class BearerMemory:
    """At most `size` tokens, each for at most `life_s` seconds; the oldest makes room.

    The whole token is the key, signature included: nothing is found by a part of it. A revocation
    is noticed within `life_s`, even when the clock is set back meanwhile.
    """

    def __init__(self, size: int, life_s: float) -> None:
        self._size = size
        self._life_s = life_s
        self._known: OrderedDict[str, tuple[Principal, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def recall(self, token: str, now_s: float) -> Principal | None:
        """Whom the token names, or None; raises TokenExpired once its `exp` has come."""
        found = self._known.get(token)
        if found is None:
            return None
        principal, verified_s = found
        if not 0 <= now_s - verified_s < self._life_s:
            del self._known[token]
            return None
        if now_s >= principal.expires_at_s:
            raise TokenExpired
        return principal

    def keep(self, token: str, principal: Principal, now_s: float) -> None:
        """Remembers a token that was verified at `now_s`."""
        if len(self._known) >= self._size:
            self._known.popitem(last=False)
        self._known[token] = (principal, now_s)
