"""How often a client may speak."""

from __future__ import annotations


class Allowance:
    """A token bucket: `burst` at once, `rate_per_s` in the long run. Times in seconds."""

    __slots__ = ("_at_s", "_burst", "_left", "_rate_per_s")

    def __init__(self, rate_per_s: float, burst: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._left = burst
        self._at_s: float | None = None

    def spend(self, now_s: float) -> bool:
        """Takes one; False where nothing is left, which also costs."""
        if self._at_s is not None:
            gained = (now_s - self._at_s) * self._rate_per_s
            self._left = min(self._burst, self._left + gained)
        self._at_s = now_s
        self._left -= 1
        return self._left >= 0
