"""The events of one user, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.ledger.database import Row
from scoreboard.ledger.statements import load_query

LOOKED_AT_MAX = 20_000
"""Events of whomever that one page looks through: about 20 ms."""


class UserEvent(Struct, frozen=True, rename="camel"):
    """One event as moderators see it; `score` and `version` are those that it led to.

    `act_id` where an act led to it, `kid` where a token earned it; `undone_by` is the event that
    refers to this one.
    """

    event_id: EventId
    delta: int
    score: int
    version: int
    source: str
    actor: str
    kid: str | None
    created_at: datetime
    act_id: int | None
    refers_to: EventId | None
    undone_by: EventId | None


class UserEvents(Struct, frozen=True):
    """A page, newest first. `following` is below which id to go on; None where nothing is left."""

    events: list[UserEvent]
    following: int | None


async def read_user_events(
    fetch: Callable[..., Awaitable[list[Row]]],
    board_id: BoardId,
    user_id: UserId,
    below_id: int,
    limit: int,
) -> UserEvents:
    """At most `limit`, and perhaps none though more follow: each page looks through so many only.
    The first one has his last event.

    `fetch` runs one statement, and what it raises is not translated here.
    """
    query = load_query("read_user_events")
    rows = await fetch(query, board_id, user_id, below_id, limit, LOOKED_AT_MAX)
    events = [UserEvent(*row[1:]) for row in rows if row["event_id"] is not None]
    if events and events[-1].version == 1:
        return UserEvents(events, None)
    if len(events) == limit:
        return UserEvents(events, events[-1].event_id)
    return UserEvents(events, rows[0]["lowest"])
