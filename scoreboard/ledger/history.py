"""Reads of the events: one, the newest, or a range from end to end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from scoreboard.domain.acts import RecordedAct
from scoreboard.domain.errors import NotFound
from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.ledger.acts import read_act
from scoreboard.ledger.session import Session
from scoreboard.ledger.statements import load_query

EVENT_ID_MAX = 2**63 - 1

SLICE_FIRST = 1000
SLICE_MAX = 250_000
"""Events looked through at once for those of one user or board; slices grow between the two."""


class Event(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One event but for its token; `score` and `version` are those that it led to.

    A token earned it, or an act of moderation (`act_id`) led to it; what it undoes is `refers_to`.
    """

    event_id: EventId
    board_id: BoardId = field(name="board")
    user_id: UserId
    delta: int
    score: int
    version: int
    nonce: str | None
    kid: str | None
    source: str
    actor: str
    created_at: datetime
    act_id: int | None = None
    refers_to: EventId | None = None


class StoredEvent(Event, frozen=True, rename="camel", omit_defaults=True):
    """An event as it is stored, with the exact bytes of its token (base64 in JSON), or its act."""

    token: bytes | None = None
    act: RecordedAct | None = None


class HeldEvent(Struct, frozen=True):
    """An event and until when its nonce is held; None once that is purged."""

    event: StoredEvent
    nonce_expires_at: datetime | None


class EventRange(Struct, frozen=True):
    """Which events: ids above `after_id` up to `last_id`, perhaps of one board or time only."""

    after_id: int = 0
    last_id: int = EVENT_ID_MAX
    board_id: BoardId | None = None
    since: datetime | None = None
    until: datetime | None = None

    def from_id(self, first_id: int) -> EventRange:
        """What is left of it from this id on."""
        return EventRange(
            max(self.after_id, first_id - 1), self.last_id, self.board_id, self.since, self.until
        )

    def up_to(self, last_id: int) -> EventRange:
        """What of it has ids up to this one."""
        return EventRange(
            self.after_id, min(self.last_id, last_id), self.board_id, self.since, self.until
        )

    @property
    def arguments(self) -> tuple[Any, ...]:
        """As the queries take them."""
        return (self.after_id, self.last_id, self.board_id, self.since, self.until)


class SearchStep(Struct, frozen=True):
    """A step of a search backwards: how far it came down, and what it found, newest first."""

    ids: int
    events: list[Event]


async def check_board(session: Session, board_id: BoardId | None) -> None:
    """Raises NotFound, with a sentence, for a board that is not there and has no events either."""
    if board_id is None or await session.fetchval(load_query("history/knows_board"), board_id):
        return
    raise NotFound(f"There is no board {board_id}. `scoreboard boards list` shows those there are.")


class History:
    """Reads over one session. Fails as the session does: see `open_session`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._scan = load_query("history/scan_events")
        self._newest = load_query("history/read_newest_events")
        self._below = load_query("history/find_events_below")

    async def read(self, event_id: EventId) -> HeldEvent | None:
        """One event; None where there is none of that id."""
        row = await self._session.fetchrow(load_query("history/read_event"), event_id)
        if row is None:
            return None
        *stored, nonce_expires_at = row
        return HeldEvent(_stored(stored), nonce_expires_at)

    async def count(self, wanted: EventRange) -> int:
        """How many events the range has now."""
        count: int = await self._session.fetchval(
            load_query("history/count_events"), *wanted.arguments
        )
        return count

    async def newest_id(self) -> int:
        """The highest id that can be seen; 0 where nothing is stored."""
        rows = await self._session.fetch(self._newest, 0, EVENT_ID_MAX, None, None, 1)
        return rows[0]["event_id"] if rows else 0

    async def scan(self, wanted: EventRange, batch: int) -> AsyncIterator[list[StoredEvent]]:
        """The range in the order of ids, `batch` events at a time."""
        while rows := await self._session.fetch(self._scan, *wanted.arguments, batch):
            yield [_stored(row) for row in rows]
            if len(rows) < batch:
                return
            wanted = wanted.from_id(rows[-1]["event_id"] + 1)

    async def search_back(
        self, below_id: int, board_id: BoardId | None, user_id: UserId | None, limit: int
    ) -> AsyncIterator[SearchStep]:
        """The newest events with lower ids, slice by slice until `limit` are found.

        No index leads to the events of a user, so slices of all events are looked through.
        """
        size = SLICE_FIRST
        while limit > 0:
            found = await self._session.fetchrow(self._below, below_id, size)
            if not found["events"]:
                return
            lowest: int = found["lowest"]
            rows = await self._session.fetch(
                self._newest, lowest, below_id, board_id, user_id, limit
            )
            yield SearchStep(below_id - lowest, [Event(*row) for row in rows])
            limit -= len(rows)
            below_id = lowest
            size = min(size * 4, SLICE_MAX)


def _stored(row: Sequence[Any]) -> StoredEvent:
    *values, act = row
    values.append(None if act is None else read_act(act))
    return StoredEvent(*values)
