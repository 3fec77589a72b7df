"""Who waits for a batch: no longer than it makes sense, and never for each other's totals."""

from __future__ import annotations

from collections import deque

from scoreboard.domain.errors import Overloaded
from scoreboard.ingest.admission import Pending
from scoreboard.reads.ranking import Who
from scoreboard.settings import Settings

BATCHES_MIN = 4
"""Full batches that may wait, however slow they are."""

PACE_SHARE = 0.1
"""What part of the pace one batch decides."""


class IncrementQueue:
    """Increments that no batch holds yet.

    While a batch writes a total, other increments of it wait behind that batch: in a second one
    they would wait for the first one's lock, and everything else in there with them.
    """

    def __init__(self, settings: Settings) -> None:
        self._batch_max = settings.batch_max
        self._most = settings.queue_max
        self._wait_max_s = settings.queue_wait_ms / 1000
        self._patience_s = settings.database_timeout_ms / 1000
        self._next: deque[Pending] = deque()
        self._behind: dict[Who, list[Pending]] = {}
        self._size = 0
        self._each_s = 0.0
        """What one increment takes, learned from full batches; 0 until there was one."""
        self._released_s = 0.0

    def __len__(self) -> int:
        """All who wait."""
        return self._size

    @property
    def is_full(self) -> bool:
        """Whether one more would wait for too long, at the pace of the last full batches."""
        return self._size >= self._most or (
            self._size >= BATCHES_MIN * self._batch_max
            and self._size * self._each_s >= self._wait_max_s
        )

    def add(self, pending: Pending) -> bool:
        """Takes it in; whether it may go with the next batch. Raises Overloaded."""
        if self.is_full:
            raise Overloaded
        self._size += 1
        if self._is_put_off(pending):
            return False
        self._next.append(pending)
        return True

    def take(self, now_s: float) -> list[Pending]:
        """The next batch, its totals held from now on; empty where nobody may go.

        Those that a database which hangs has kept waiting are sent away.
        """
        batch: list[Pending] = []
        while self._next and len(batch) < self._batch_max:
            pending = self._next.popleft()
            if self._is_put_off(pending):
                continue
            self._size -= 1
            if now_s - pending.queued_s <= self._patience_s:
                batch.append(pending)
            elif not pending.answer.done():
                pending.answer.set_exception(Overloaded())
        self._behind.update({pending.total: [] for pending in batch})
        return batch

    def release(self, batch: list[Pending], taken_s: float, now_s: float) -> None:
        """The totals of a batch are written: who waited for one of them comes next."""
        for pending in batch:
            self._next.extendleft(reversed(self._behind.pop(pending.total, ())))
        # Batches overlap: what this one took begins where the last one ended.
        began_s, self._released_s = max(taken_s, self._released_s), now_s
        if len(batch) == self._batch_max and now_s > began_s:  # else it could have been more
            self._learn((now_s - began_s) / len(batch))

    def _learn(self, each_s: float) -> None:
        # Of times, not of rates: two batches that end together took the time of one.
        known_s = self._each_s or each_s
        self._each_s = known_s + PACE_SHARE * (each_s - known_s)

    def _is_put_off(self, pending: Pending) -> bool:
        behind = self._behind.get(pending.total)
        if behind is None:
            return False
        behind.append(pending)
        return True
