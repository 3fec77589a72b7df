"""Up to which id the history is settled: nothing can appear there any more.

Ids are drawn before their transactions commit, so event 10 may be seen after event 11, and an id
that is missing may come yet or never. Neither the highest id seen nor the snapshot's xmin tells the
two apart: the one leaves out what commits late, the other waits for any transaction at all. What
tells is this: a writer locks totals before it draws ids, and its lock on the table shows until
others see its commit. So once everybody who held that lock when `n` was the last id drawn has let
go, every id up to `n` is either there or will never be. An import moves the sequence first
and brings ids below it afterwards: it counts as a writer for as long as it lasts.
"""

from __future__ import annotations

import asyncio

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.ledger.session import Session
from scoreboard.ledger.statements import load_query

IMPORT_LOCK = 0x5C0_1E9047
"""Advisory lock that an import holds alone, and whoever relies on settled ids with others."""

ERASURE_LOCK = 0x5C0_E4A5E
"""Advisory lock that an erasure holds alone, and whoever reads a history for good with others."""

LOOK_S = 0.05
ENDING_S = 1.0
PATIENCE_S = 30.0


class Settling:
    """Follows the writers; belongs to one session, since names of transactions are used again."""

    def __init__(self, session: Session, settled_id: int = 0) -> None:
        self._session = session
        self._last_drawn = load_query("history/read_last_drawn_id")
        self._open_writers = load_query("history/read_open_writers")
        self._pending_id = 0
        self._pending: frozenset[str] = frozenset()
        self.settled_id = settled_id

    async def look(self) -> int:
        """Asks who writes; the id up to which all that a later statement sees is all there is."""
        # In this order: whoever draws a higher id than this one does not matter yet.
        last_id = await self._session.fetchval(self._last_drawn)
        rows = await self._session.fetch(self._open_writers, IMPORT_LOCK)
        writers = frozenset(row[0] for row in rows)
        if not writers:
            self.settled_id = last_id
        elif not (self._pending & writers):
            # At first nobody is awaited, and `_pending_id` is 0.
            self.settled_id = max(self.settled_id, self._pending_id)
            self._pending_id, self._pending = last_id, writers
        return self.settled_id


async def keep_imports_out(session: Session) -> None:
    """For as long as the session lasts. Raises StorageUnavailable where an import is under way."""
    if not await _take(session, "pg_try_advisory_lock_shared", IMPORT_LOCK):
        raise StorageUnavailable(
            "An import is under way, whose events are not all there yet: "
            "run this again once it has ended."
        )


async def keep_erasures_out(session: Session) -> None:
    """For as long as the session lasts. Raises StorageUnavailable where one rewrites the history,
    or has been interrupted while it did: events of one user stand under two names then.
    """
    if not await _take(session, "pg_try_advisory_lock_shared", ERASURE_LOCK):
        raise StorageUnavailable("A user is being erased: run this again once that has ended.")
    if await session.fetchval("SELECT EXISTS (SELECT FROM erasures WHERE is_writing)"):
        raise StorageUnavailable(
            "The erasure of a user has been interrupted. The service goes on with it, or the same "
            "`scoreboard users erase`: run this again afterwards."
        )


async def take_alone(session: Session, lock: int) -> bool:
    """Whether the session holds the lock now, until it ends."""
    return await _take(session, "pg_try_advisory_lock", lock)


async def _take(session: Session, function: str, lock: int) -> bool:
    """Tries for a moment: who has just ended may hold it, as a session outlasts its command."""
    for _ in range(round(ENDING_S / LOOK_S)):
        if await session.fetchval(f"SELECT {function}($1)", lock):
            return True
        await asyncio.sleep(LOOK_S)
    return False


async def wait_until_settled(session: Session, patience_s: float = PATIENCE_S) -> int:
    """The last id drawn by now, once everything up to it is settled.

    Keeps imports out for as long as the session lasts. Raises StorageUnavailable where one is under
    way already, or a writer for longer than any should be.
    """
    await keep_imports_out(session)
    settling = Settling(session)
    drawn_id = await session.fetchval(load_query("history/read_last_drawn_id"))
    try:
        async with asyncio.timeout(patience_s):
            while await settling.look() < drawn_id:  # noqa: ASYNC110 - locks send no event
                await asyncio.sleep(LOOK_S)
    except TimeoutError as error:
        raise StorageUnavailable(
            f"A transaction that writes scores has been open for more than {patience_s:.0f} s, so "
            "nobody can tell which events are still to come. End it (see pg_stat_activity)."
        ) from error
    return int(drawn_id)
