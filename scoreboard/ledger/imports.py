"""Bringing exported events into a database: checked as a whole first, then written in slices.

Events keep their ids, totals follow from them, and nonces are held for tokens that may still be
asked about. What is stored already and equal is passed over, so an import that was killed is simply
repeated. Anything that does not fit is refused before the first row is written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import asyncpg
from msgspec.structs import astuple

from scoreboard.domain.errors import ScoreboardError
from scoreboard.domain.identifiers import BoardId, parse_board_id
from scoreboard.ledger.acts import write_act
from scoreboard.ledger.history import StoredEvent
from scoreboard.ledger.session import Session, transaction
from scoreboard.ledger.settling import IMPORT_LOCK, take_alone
from scoreboard.ledger.statements import load_query

SLICE = 20_000

PATIENCE_S = 5.0
"""Longest wait for a lock on all totals: whoever waits for it keeps every increment waiting."""

REASON_MAX = 200

# What the server says of a row, and what the driver says of a value before it sends it.
_UNFIT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    ValueError,
    TypeError,
    OverflowError,
)

COLUMNS = (
    "event_id",
    "board_id",
    "user_id",
    "delta",
    "score_after",
    "version_after",
    "nonce",
    "kid",
    "source",
    "actor",
    "created_at",
    "act_id",
    "refers_to",
    "token",
    "act",
    "nonce_expires_at",
)

UNTOUCHED = "Nothing was imported."
OVERTAKEN = "What was imported before is whole. Stop the service, and begin with an empty database."

NonceExpiry = Callable[[StoredEvent], datetime | None]
"""Until when the nonce of an event must be held; None where it need not be any more."""


class ImportRefused(ScoreboardError):
    """The events do not fit; the message is a sentence that names the first that does not."""


class EventImport:
    """One import over one session of the schema's owner. Call `prepare`, `stage` for every batch in
    the order of ids, and then `write`.

    Raises ImportRefused, and whatever the session raises.
    """

    def __init__(
        self, session: Session, nonce_expiry: NonceExpiry, patience_s: float = PATIENCE_S
    ) -> None:
        self._session = session
        self._patience_s = patience_s
        self._nonce_expiry = nonce_expiry
        self._last_id = 0
        self._boards: set[BoardId] = set()
        self._slices: list[tuple[int, int, int]] = []
        self.events = 0
        self.known = 0

    async def prepare(self) -> None:
        """Makes the tables that stage it, which go with the session."""
        session = self._session
        if not await session.fetchval(load_query("import/may_import")):
            raise ImportRefused(
                "An import needs the rights of the schema's owner: "
                "name it in SCOREBOARD_DATABASE_URL."
            )
        if not await take_alone(session, IMPORT_LOCK):
            raise ImportRefused(
                "Another import is under way, or an export, a replay or a republication: "
                "wait until it has ended."
            )
        await session.execute(load_query("import/create_tables"))

    async def stage(self, events: Sequence[StoredEvent]) -> None:
        """Takes the next batch, and refuses what does not go on where its users stand."""
        self._check_order(events)
        first_id, last_id = events[0].event_id, events[-1].event_id
        with _refusals(f"Events {first_id} to {last_id} cannot be stored", UNTOUCHED):
            records = [_record(event, self._nonce_expiry(event)) for event in events]
            async with transaction(self._session):
                await self._session.copy_records_to_table(
                    "import_slice", records=records, columns=COLUMNS
                )
                await self._refuse_different(first_id, last_id)
                removed = await self._session.execute(
                    load_query("import/forget"), first_id, last_id
                )
                known = int(removed.split()[-1])
                if known < len(events):
                    await self._stage_new()
                    self._slices.append((first_id, last_id, len(events) - known))
        self.known += known
        self.events += len(events) - known

    async def write(self) -> AsyncIterator[int]:
        """Writes what is staged; after each slice, which is then durable, its number of events."""
        if not self.events:
            return
        await self._open_ledger()
        for first_id, last_id, events in self._slices:
            with _refusals("The database was written to meanwhile", OVERTAKEN):
                await self._write_slice(first_id, last_id)
            yield events
        # Until autovacuum comes along, plans would be those of an empty database.
        await self._session.execute(
            "ANALYZE score_events, user_scores, action_nonces, acts, compensations"
        )

    @property
    def boards(self) -> list[BoardId]:
        """The boards of all events."""
        return sorted(self._boards)

    def _check_order(self, events: Sequence[StoredEvent]) -> None:
        for event in events:
            if event.event_id <= self._last_id:
                raise ImportRefused(
                    f"Event {event.event_id} stands behind event {self._last_id}: the ids of a "
                    f"file must ascend. {UNTOUCHED}"
                )
            self._last_id = event.event_id
            if event.board_id not in self._boards:
                if parse_board_id(event.board_id) is None:
                    raise ImportRefused(
                        f"Event {event.event_id} names a board that cannot be: "
                        f"{event.board_id[:80]!r}. {UNTOUCHED}"
                    )
                self._boards.add(event.board_id)

    async def _refuse_different(self, first_id: int, last_id: int) -> None:
        different = await self._session.fetchval(
            load_query("import/find_difference"), first_id, last_id
        )
        if different is not None:
            raise ImportRefused(
                f"Event {different} is stored already with other content: "
                f"these are two histories. {UNTOUCHED}"
            )

    async def _stage_new(self) -> None:
        unfit = await self._session.fetchrow(load_query("import/find_act"))
        if unfit is not None:
            raise ImportRefused(f"Event {unfit['event_id']} {unfit['why']}. {UNTOUCHED}")
        held = await self._session.fetchrow(load_query("import/find_nonce"))
        if held is not None:
            raise ImportRefused(
                f"Event {held['event_id']} has the nonce of event {held['holder']}. {UNTOUCHED}"
            )
        row = await self._session.fetchrow(load_query("import/stage"))
        if row is not None:
            raise ImportRefused(
                f"Event {row['event_id']} leads user {row['user_id']} on board {row['board_id']} "
                f"to score {row['score_after']} as version {row['version_after']}, but score "
                f"{row['score_due']} as version {row['version_due']} is due: events are missing "
                f"before it, or the database has others of this user. {UNTOUCHED}"
            )

    async def _open_ledger(self) -> None:
        """Boards exist, and new events get ids above those that come."""
        try:
            async with transaction(self._session):
                limit_ms = int(self._patience_s * 1000)
                await self._session.execute(f"SET LOCAL lock_timeout = {limit_ms}")
                # Whoever draws ids holds a lock on one of these tables that this one waits for.
                await self._session.execute("LOCK TABLE user_scores, acts IN SHARE MODE")
                await self._session.execute(load_query("import/raise_event_ids"))
                await self._session.execute(load_query("import/raise_act_ids"))
                await self._session.execute(load_query("import/create_boards"), self.boards)
        except asyncpg.LockNotAvailableError as error:
            raise ImportRefused(
                "A transaction that writes scores or acts stays open: stop the service, or end the "
                f"transaction (see pg_stat_activity). {UNTOUCHED}"
            ) from error
        # Each total is looked up; read whole and hashed, the table would cost more than a slice.
        await self._session.execute("SET enable_hashjoin = off; SET enable_mergejoin = off")

    async def _write_slice(self, first_id: int, last_id: int) -> None:
        """Totals, nonces, events, acts and the note for Redis, in one transaction, and locked in
        the same order as `apply_increments` does.
        """
        session = self._session
        async with transaction(session):
            totals = await session.fetchrow(load_query("import/write_totals"), first_id, last_id)
            if totals["written"] != totals["users"]:
                raise ImportRefused(
                    f"The database has got other events of the same users meanwhile. {OVERTAKEN}"
                )
            await session.execute(load_query("import/write_nonces"), first_id, last_id)
            await session.execute(load_query("import/write_events"), first_id, last_id)
            other = await session.fetchval(load_query("import/write_acts"), first_id, last_id)
            if other is not None:
                raise ImportRefused(
                    f"The database has got another act {other} meanwhile. {OVERTAKEN}"
                )
            await session.execute(load_query("import/write_suspensions"), first_id, last_id)
            await session.execute(load_query("note_gaps"), self.boards)


def _record(event: StoredEvent, nonce_expires_at: datetime | None) -> tuple[Any, ...]:
    *values, act = astuple(event)
    return (*values, None if act is None else write_act(act), nonce_expires_at)


@contextmanager
def _refusals(what: str, left: str) -> Iterator[None]:
    """The rows' own faults, in a sentence. Details stay out: they quote the row."""
    try:
        yield
    except _UNFIT as error:
        raise ImportRefused(f"{what}: {str(error.args[0])[:REASON_MAX]}. {left}") from error
