"""Telling watchers that the ledger cannot be asked, and when it can again."""

from __future__ import annotations

from scoreboard.domain.frames import Status, encode_frame
from scoreboard.gateway.subscriber import Subscriber

FAILURES_MIN = 2
"""In a row: one question that failed is no outage."""

STALE = encode_frame(Status(stale=True))
FRESH = encode_frame(Status(stale=False))


class Staleness:
    """What the hub's comparisons with the ledger say of all that is shown."""

    def __init__(self) -> None:
        self._failures = 0
        self._present: dict[Subscriber, None] = {}

    @property
    def is_stale(self) -> bool:
        """Whether the ledger has been away for a while."""
        return self._failures >= FAILURES_MIN

    def join(self, subscriber: Subscriber) -> None:
        """Somebody watches from now on."""
        if subscriber not in self._present:
            self._present[subscriber] = None
            if self.is_stale:
                subscriber.send(STALE)

    def leave(self, subscriber: Subscriber) -> None:
        """He watches no more."""
        self._present.pop(subscriber, None)

    def failed(self) -> None:
        """The ledger could not be asked."""
        was_stale = self.is_stale
        self._failures += 1
        if self.is_stale and not was_stale:
            self._tell(STALE)

    def succeeded(self) -> None:
        """It could."""
        was_stale = self.is_stale
        self._failures = 0
        if was_stale:
            self._tell(FRESH)

    def _tell(self, status: bytes) -> None:
        for subscriber in tuple(self._present):
            subscriber.send(status)
