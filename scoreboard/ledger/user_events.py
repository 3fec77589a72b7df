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


class UserTotal(Struct, frozen=True, rename="camel"):
    """What a user has, suspended or not; `suspended_until` None where no end is set."""

    score: int
    version: int
    last_updated: datetime
    is_suspended: bool
    suspended_until: datetime | None


class UserEvents(Struct, frozen=True):
    """A page, newest first. `following` is below which id to go on; None where nothing is left.

    `total` is None for whoever has no score on this board.
    """

    total: UserTotal | None
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
    # After them: a total that is as new as the events, or newer.
    totals = await fetch(load_query("read_user_total"), board_id, user_id)
    following = _following(events, limit, rows[0]["lowest"])
    return UserEvents(UserTotal(*totals[0]) if totals else None, events, following)


def _following(events: list[UserEvent], limit: int, lowest: int | None) -> int | None:
    if events and events[-1].version == 1:
        return None
    return events[-1].event_id if len(events) == limit else lowest
