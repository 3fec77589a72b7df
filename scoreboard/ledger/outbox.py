"""The outbox: events that wait to be relayed, one row per transaction."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from scoreboard.domain.identifiers import EventId
from scoreboard.domain.standings import Total
from scoreboard.ledger.database import Database
from scoreboard.ledger.statements import load_query

EVENTS_MAX = 1000
"""Events read at once; the row that reaches it is still read whole."""


class OutboxEvent(Struct, frozen=True):
    """One event and the outbox row that lists it."""

    outbox_id: int
    event_id: EventId
    delta: int
    source: str
    total: Total


class OutboxState(Struct, frozen=True, rename="camel"):
    """Rows that wait (counted to 10,000 at most) and the age of the oldest in seconds."""

    depth: int
    age_s: float


class Outbox:
    """Every method raises StorageUnavailable where PostgreSQL cannot answer in time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read = load_query("read_outbox")
        self._delete = load_query("delete_outbox")
        self._state = load_query("read_outbox_state")

    async def read(
        self, rows_max: int, behind: int = 0, in_hand: Sequence[int] = ()
    ) -> list[OutboxEvent]:
        """The events of the oldest rows, until they are `EVENTS_MAX`; rows come whole.

        Without rows up to `behind` and those `in_hand`. Per user in the order of their versions, as
        long as only rows in hand are left out: a row may commit behind one with a higher id, and
        whoever reads on from an id would find its user's next event first.
        """
        rows = await self._database.fetch(self._read, rows_max, behind, in_hand, EVENTS_MAX)
        return [
            OutboxEvent(
                outbox_id,
                event_id,
                delta,
                source,
                Total(board_id, user_id, score, version, event_id, created_us, bool(is_suspended)),
            )
            for (
                outbox_id,
                event_id,
                board_id,
                user_id,
                delta,
                source,
                score,
                version,
                is_suspended,
                created_us,
            ) in rows
        ]

    async def delete(self, outbox_ids: Sequence[int]) -> None:
        """Forgets rows whose events are relayed."""
        await self._database.fetch(self._delete, outbox_ids)

    async def read_state(self) -> OutboxState:
        """How much waits, and for how long."""
        rows = await self._database.fetch(self._state)
        return OutboxState(rows[0]["depth"], rows[0]["age_s"])
