"""How long to wait before the next attempt, so that instances do not return in step."""

from __future__ import annotations

import secrets

# The system's own: a shared generator would be drawn from behind the back of whoever seeds it.
_RANDOM = secrets.SystemRandom()


class Backoff:
    """Pauses that double from `first_s` to `most_s`; each is drawn from its upper half."""

    def __init__(self, first_s: float = 0.1, most_s: float = 3.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """The pause before the next attempt, in seconds."""
        longest_s = self._next_s
        self._next_s = min(2 * longest_s, self._most_s)
        return _RANDOM.uniform(longest_s / 2, longest_s)

    def reset(self) -> None:
        """An attempt succeeded: the next failure starts from the shortest pause."""
        self._next_s = self._first_s
