"""Follows the events as they are committed, and misses none that commits late."""

from __future__ import annotations

from scoreboard.ledger.history import Event
from scoreboard.ledger.session import Session
from scoreboard.ledger.settling import Settling
from scoreboard.ledger.statements import load_query

PAGE = 1000

MISSING_MAX = 100_000
"""Ids that may be awaited at once. One more is waited for before anything newer is shown."""


class EventTail:
    """What was seen, and which lower ids may still appear.

    Outlives its sessions. Event ids of one user come in order; others may come late, and then do
    as soon as they are committed.
    """

    def __init__(self) -> None:
        self._query = load_query("history/read_appeared_events")
        self._session: Session = None
        self._settling: Settling | None = None
        self._settled_id = 0
        self._missing: set[int] = set()
        self.seen_id = 0
        self.is_held_up = False

    @property
    def is_attached(self) -> bool:
        """Whether it has begun: what is lost from now on is only interrupted."""
        return self._settling is not None

    async def attach(self, session: Session) -> None:
        """Goes on over a new session; over the first one, from the newest event on.

        Of events under way at the first one those come whose ids are among the last `MISSING_MAX`.
        """
        # After a crash, ids above the last seen one that nobody committed are drawn once more.
        settling = Settling(session, min(self._settled_id, self.seen_id))
        if not self.is_attached:
            settled_id = await settling.look()
            row = await session.fetchrow(
                load_query("history/find_missing_ids"), settled_id, MISSING_MAX
            )
            self.seen_id, self._missing = row["newest_id"], set(row["missing"])
        self._session, self._settling = session, settling
        self._settled_id = settling.settled_id

    def is_awaited(self, event_id: int) -> bool:
        """Whether `read` will still give it, should it appear."""
        return event_id > self.seen_id or event_id in self._missing

    async def read(self) -> list[Event]:
        """What has appeared since, by id; empty where nothing has. Never more than a page of the
        newer ones, so ask again until it is empty.
        """
        assert self._settling is not None, "attach comes first"
        # First: what was settled before the snapshot of the query is complete in it.
        self._settled_id = await self._settling.look()
        rows = await self._session.fetch(self._query, sorted(self._missing), self.seen_id, PAGE)
        events: list[Event] = []
        self.is_held_up = False
        for event in (Event(*row) for row in rows):
            if not self._take(event.event_id):
                self.is_held_up = True
                break
            events.append(event)
        self._missing = {each for each in self._missing if each > self._settled_id}
        return events

    def _take(self, event_id: int) -> bool:
        """Notes the event as seen and the ids before it as missing; False where those are too
        many to remember.
        """
        if event_id <= self.seen_id:
            self._missing.discard(event_id)
            return True
        passed = range(max(self.seen_id, self._settled_id) + 1, event_id)
        if len(self._missing) + len(passed) > MISSING_MAX:
            return False
        self._missing.update(passed)
        self.seen_id = event_id
        return True
