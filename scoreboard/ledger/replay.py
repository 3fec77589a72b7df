"""The totals once more, from the events alone: to compare, to correct, or as they once stood.

Whatever a replay works with are temporary tables: a run that is killed leaves nothing to clean up,
and the next one begins anew. All of it is read in one snapshot, so the comparison is exact while
increments go on.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import asyncpg
from msgspec import Struct

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Entry, rank_entries
from scoreboard.ledger.database import APP_ROLE
from scoreboard.ledger.findings import Finding, read_total_differences
from scoreboard.ledger.history import check_board
from scoreboard.ledger.session import Session, open_session, transaction
from scoreboard.ledger.settling import keep_erasures_out, wait_until_settled
from scoreboard.ledger.slices import Slice, read_slices
from scoreboard.ledger.statements import load_query

SLICE_MB = 1024

CORRECTED_AT_ONCE = 500
"""Totals whose locks are held together: for some milliseconds."""

RELAY_PATIENCE_S = 30.0
LOOK_S = 0.1

# For the sorts and hashes of one session, whatever the server gives to requests.
WORK_SETTINGS = "SET work_mem = '128MB'; SET temp_buffers = '64MB'; SET jit = off"

OnProgress = Callable[[int], None]
"""Told of every megabyte of events, or every total, that is done."""


class Comparison(Struct, frozen=True):
    """How the totals compare with `events` events, which make `totals` totals."""

    events: int
    totals: int
    differing: int
    differences: list[Finding]


class Correction(Struct, frozen=True):
    """What became of the totals that differ."""

    corrected: int
    left: int
    """Totals of boards that are gone."""


class Replay:
    """One replay over a session of its own. Fails as the session does: see `open_session`."""

    def __init__(self, session: Session, slices: list[Slice], board_id: BoardId | None) -> None:
        self._session = session
        self._slices = slices
        self._board_id = board_id
        self._settled_id = 0
        self._differing = 0
        self._corrected: set[BoardId] = set()

    @property
    def size_mb(self) -> int:
        """What `compare` and `read_top` advance by until they are done."""
        return sum(each.size_mb for each in self._slices)

    @property
    def differing(self) -> int:
        """How many totals `compare` found to differ: what `correct` advances by."""
        return self._differing

    async def compare(self, advance: OnProgress, *, to_correct: bool = False) -> Comparison:
        """Compares every total with its events; `correct` may follow if it was announced.

        Raises StorageUnavailable where it was, and a writer does not come to its end.
        """
        if to_correct:
            # Before the snapshot: then it shows every event up to this one that there ever will be.
            self._settled_id = await wait_until_settled(self._session)
        async with read_transaction(self._session):
            await self._add_up(advance, None, None)
            await self._session.execute(load_query("replay/compare_totals"), self._board_id)
            events, totals = await self._session.fetchrow(load_query("replay/count"))
            self._differing = await self._session.fetchval("SELECT count(*) FROM differences")
            differences = await read_total_differences(self._session)
        return Comparison(events, totals, self._differing, differences)

    async def read_top(
        self, event_id: int | None, at: datetime | None, limit: int, advance: OnProgress
    ) -> list[Entry]:
        """The first entries as they stood after the event or at the time that is given."""
        async with read_transaction(self._session):
            await self._add_up(advance, event_id, at)
            rows = await self._session.fetch(load_query("replay/read_top"), limit)
        return list(rank_entries((UserId(user_id), score) for user_id, score in rows))

    async def lies_ahead(self, event_id: int | None, at: datetime | None) -> bool:
        """Whether the event, or the time, is still to come: asked after `read_top` it tells that
        the board is the present one.
        """
        ahead: bool = await self._session.fetchval(load_query("replay/lies_ahead"), event_id, at)
        return ahead

    async def correct(self, advance: OnProgress) -> Correction:
        """Gives the totals that differ what their events make by now, a few at a time.

        Each few are a transaction of their own, which also notes that their boards' indexes in
        Redis must be rebuilt. Whoever is cut off has corrected some, and none by half. Call
        `outlast_outbox` when it is done.
        """
        await self._session.execute("ANALYZE differences")
        corrected = 0
        board_id, user_id = "", uuid.UUID(int=0)
        following = load_query("replay/next_differences")
        while rows := await self._session.fetch(following, board_id, user_id, CORRECTED_AT_ONCE):
            boards = [row["board_id"] for row in rows]
            users = [row["user_id"] for row in rows]
            corrected += await self._correct_some(boards, users)
            advance(len(rows))
            board_id, user_id = boards[-1], users[-1]
        return Correction(corrected, self._differing - corrected)

    async def outlast_outbox(self, patience_s: float = RELAY_PATIENCE_S) -> list[BoardId]:
        """Waits until what is in the outbox is relayed, then notes the corrected boards once more.

        It may have been written upon a wrong total. Where that had a higher version than the right
        one has now, it would stay in Redis if it came there after the rebuild. Returns the boards
        that need another rebuild since their updates still wait: none where all went well.
        """
        boards = sorted(self._corrected)
        if not boards:
            return []
        last_id = await self._session.fetchval("SELECT max(outbox_id) FROM outbox")
        waits = "SELECT EXISTS (SELECT FROM outbox WHERE outbox_id <= $1)"
        try:
            async with asyncio.timeout(patience_s):
                while await self._session.fetchval(waits, last_id):  # noqa: ASYNC110 - no event
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            return boards
        await self._session.execute(load_query("note_gaps"), boards)
        return []

    async def _add_up(self, advance: OnProgress, event_id: int | None, at: datetime | None) -> None:
        query = load_query("replay/add_part")
        for each in self._slices:
            await self._session.execute(query, each.start, each.end, self._board_id, event_id, at)
            advance(each.size_mb)
        await self._session.execute("ANALYZE replay_parts")
        await self._session.execute(load_query("replay/join_parts"))
        await self._session.execute("ANALYZE replayed")

    async def _correct_some(self, boards: list[str], users: list[uuid.UUID]) -> int:
        # What was committed since the snapshot is read without locks first, as far as it is
        # settled. So there is little left to read while the locks are held.
        recent = load_query("replay/add_recent_events")
        settled_id = await wait_until_settled(self._session)
        await self._session.execute(recent, self._settled_id)
        self._settled_id = settled_id
        async with transaction(self._session, "read_committed"):
            await self._session.execute(load_query("lock_totals"), boards, users)
            # A statement of its own, whose snapshot shows all that the locks were waited for.
            await self._session.execute(recent, self._settled_id)
            corrected = await self._session.fetch(
                load_query("replay/correct_totals"), boards, users
            )
            noted = [BoardId(row["board_id"]) for row in corrected]
            await self._session.execute(load_query("note_gaps"), noted)
        self._corrected.update(noted)
        return sum(row["totals"] for row in corrected)


@asynccontextmanager
async def open_replay(database_url: str, board_id: BoardId | None) -> AsyncIterator[Replay]:
    """A replay of one board, or of all; raises as `open_session` does, and NotFound."""
    async with open_session(database_url, "replay") as session:
        await check_board(session, board_id)
        await keep_erasures_out(session)
        await create_tables(session, "replay/create")
        yield Replay(session, await read_slices(session, SLICE_MB), board_id)


async def create_tables(session: Session, *queries: str) -> None:
    """Prepares the session and makes temporary tables.

    Raises StorageUnavailable, with a sentence, where the role may not.
    """
    try:
        await session.execute(WORK_SETTINGS)
        for query in queries:
            await session.execute(load_query(query))
    except asyncpg.InsufficientPrivilegeError as error:
        database = await session.fetchval("SELECT quote_ident(current_database())")
        raise StorageUnavailable(
            f"The role {APP_ROLE} may not make temporary tables there. As the database's owner run "
            f"`GRANT TEMPORARY ON DATABASE {database} TO {APP_ROLE}`."
        ) from error


def read_transaction(session: Session) -> AbstractAsyncContextManager[None]:
    """A transaction that sees one snapshot and can write to temporary tables alone."""
    return transaction(session, "repeatable_read", readonly=True)
