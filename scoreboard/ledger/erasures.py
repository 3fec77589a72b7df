"""Erasures: a user leaves every board at once, and the history forgets who he was once it is safe.

In between his action tokens run out, refused as those of a suspended user. The history is rewritten
in pieces, each durable by itself, so whoever is cut off leaves less to do. The board is right all
along, for his totals are renamed last; whoever reads histories keeps away meanwhile, since the
events of the user stand under two names.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg
from msgspec import Struct

from scoreboard.domain.acts import Actor
from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import UserId
from scoreboard.ledger.acts import Write
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.settling import ERASURE_LOCK, wait_until_settled
from scoreboard.ledger.slices import read_slices
from scoreboard.ledger.statements import load_query

OPEN = "SELECT open_erasure_v1($1)"
BEGIN = "SELECT * FROM begin_erasure_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)"
ERASE_EVENTS = "SELECT erase_events_v1($1, $2)"
ERASE_ACTS = "SELECT erase_acts_v1($1, $2, $3)"
FINISH = "SELECT * FROM finish_erasure_v1($1, $2)"

SLICE_MB = 64
PIECE = 250
"""Events of one statement, for some 5 ms."""

ACTS_PIECE = 10_000
"""Acts that one statement looks through."""

PAUSE_SHARE = 3.0
"""Of the time that a piece took, how long the next one waits: increments are not to notice."""

ATTEMPTS = 3

OnPiece = Callable[[int], None]
"""Told of every megabyte of events that has been looked through."""


class Begun(Struct, frozen=True, rename="camel"):
    """An erasure that is under way. Of `boards` the user is off; none where it was before."""

    act_id: int
    is_new: bool
    due_at: datetime
    boards: list[str]


class Erased(Struct, frozen=True, rename="camel"):
    """What was rewritten."""

    act_id: int
    events: int
    acts: int
    boards: int


class Erasures:
    """Raises what its connection does: see `Database.write` and `open_session`."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._due = load_query("erasure/read_due")

    async def knows(self, user_id: UserId) -> bool:
        """Whether anything is held of the user: give it a session without a time limit."""
        (row,) = await self._write(load_query("erasure/knows_user"), user_id)
        is_known: bool = row[0]
        return is_known

    async def begin(self, user_id: UserId, wait_s: float, reason: str, actor: Actor) -> Begun:
        """Takes him off every board for good; `carry_out` follows in `wait_s`."""
        arguments = (
            user_id,
            timedelta(seconds=wait_s),
            reason,
            actor.subject,
            sorted(actor.scopes),
            actor.kid,
            actor.origin,
            actor.client_address,
            actor.request_id,
        )
        for attempt in range(1, ATTEMPTS + 1):
            try:
                (row,) = await self._write(BEGIN, *arguments)
                return Begun(*row)
            except (asyncpg.UniqueViolationError, StorageUnavailable) as error:
                cause = error.__cause__ if isinstance(error, StorageUnavailable) else error
                if not isinstance(cause, asyncpg.UniqueViolationError) or attempt == ATTEMPTS:
                    raise  # otherwise somebody else began it at the same moment
        raise AssertionError("the last attempt returns or raises")

    async def wait_s(self, act_id: int) -> float | None:
        """How long until it can be carried out; None where it is not under way any more."""
        rows = await self._write(load_query("erasure/read"), act_id)
        return rows[0]["wait_s"] if rows else None

    async def due(self) -> list[int]:
        """Acts whose erasure can be carried out, the oldest first."""
        return [row["act_id"] for row in await self._write(self._due)]


async def carry_out(
    database_url: str, act_id: int, on_piece: OnPiece = lambda _: None
) -> Erased | None:
    """Rewrites the history; None where it is done already or not due yet, or somebody else is at
    one, or reads the history for good. Raises as `open_session` does.
    """
    async with open_session(database_url, "erase") as session:
        if not await session.fetchval("SELECT pg_try_advisory_lock($1)", ERASURE_LOCK):
            return None
        rows = await session.fetch(load_query("erasure/read"), act_id)
        if not rows or not await session.fetchval(OPEN, act_id):
            return None
        return await _Rewriting(session, act_id, UserId(rows[0]["user_id"])).run(on_piece)


class _Rewriting:
    """One erasure in a session that holds the lock."""

    def __init__(self, session: Session, act_id: int, user_id: UserId) -> None:
        self._session = session
        self._act_id = act_id
        self._user_id = user_id

    async def run(self, on_piece: OnPiece) -> Erased:
        # Before any event is looked at: those up to this one are all there, others lie behind it.
        settled_id = await wait_until_settled(self._session)
        event_ids = await self._find(on_piece)
        await self._erase(event_ids)
        acts = await self._erase_acts()
        row = await self._session.fetchrow(FINISH, self._act_id, settled_id)
        assert row is not None, "the lock is held: nobody else has finished it"
        return Erased(self._act_id, len(event_ids) + row["events"], acts, row["boards"])

    async def _find(self, on_piece: OnPiece) -> list[int]:
        query = load_query("erasure/find_events")
        found: list[int] = []
        for each in await read_slices(self._session, SLICE_MB):
            rows = await self._session.fetch(query, each.start, each.end, self._user_id)
            found += [row["event_id"] for row in rows]
            on_piece(each.size_mb)
        return found

    async def _erase(self, event_ids: list[int]) -> None:
        for start in range(0, len(event_ids), PIECE):
            started_s = time.monotonic()
            piece = event_ids[start : start + PIECE]
            await self._session.fetchval(ERASE_EVENTS, self._act_id, piece)
            await asyncio.sleep((time.monotonic() - started_s) * PAUSE_SHARE)

    async def _erase_acts(self) -> int:
        erased = 0
        for first in range(1, self._act_id, ACTS_PIECE):
            last = min(first + ACTS_PIECE, self._act_id) - 1
            erased += await self._session.fetchval(ERASE_ACTS, self._act_id, first, last)
        return erased
