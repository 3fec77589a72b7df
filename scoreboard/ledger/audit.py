"""The invariants of the history: every event follows from the one before, every nonce stands once.

An audit holds one snapshot, which others can share for as long as it lasts: whatever they find
belongs to the same moment. Only temporary tables are written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.findings import EXAMPLES, Finding, read_total_differences
from scoreboard.ledger.history import check_board
from scoreboard.ledger.replay import SLICE_MB, OnProgress, create_tables, read_transaction
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.settling import keep_erasures_out
from scoreboard.ledger.slices import Slice, read_slices
from scoreboard.ledger.statements import load_query


class Audited(Struct, frozen=True):
    """What was looked at, and what is wrong with it."""

    events: int
    totals: int
    differences: list[Finding]
    erased: int = 0
    """Events whose tokens are gone, together with the ids of their users."""


class Audit:
    """One audit over a session of its own. Fails as the session does: see `open_session`."""

    def __init__(
        self, session: Session, slices: list[Slice], board_id: BoardId | None, nonce_keep_s: int
    ) -> None:
        self._session = session
        self._slices = slices
        self._board_id = board_id
        self._nonce_keep = timedelta(seconds=nonce_keep_s)

    @property
    def size_mb(self) -> int:
        """What `check` advances by until all is read; as much again until all is checked."""
        return sum(each.size_mb for each in self._slices)

    async def export_snapshot(self) -> str:
        """The name under which other sessions can share the snapshot."""
        name: str = await self._session.fetchval("SELECT pg_export_snapshot()")
        return name

    async def read_slices(self, slice_mb: int) -> list[Slice]:
        """All of the events in slices of another size."""
        return await read_slices(self._session, slice_mb)

    async def check(self, advance: OnProgress) -> Audited:
        """Totals, versions, running scores, nonces, and what acts of moderation led to."""
        await self._read(advance)
        checks = (
            self._check_chains,
            self._check_totals,
            self._check_nonces,
            self._check_held,
            self._check_acts,
        )
        for number, check in enumerate(checks, start=1):
            await check()
            share = self.size_mb * number // len(checks)
            advance(share - self.size_mb * (number - 1) // len(checks))
        events, totals = await self._session.fetchrow(load_query("replay/count"))
        erased = await self._session.fetchval("SELECT count(*) FROM audited WHERE is_erased")
        differences = [*await read_total_differences(self._session), *await self._read_breaks()]
        return Audited(events, totals, differences, erased)

    async def _read(self, advance: OnProgress) -> None:
        query = load_query("audit/add")
        for each in self._slices:
            await self._session.execute(query, each.start, each.end, self._board_id)
            advance(each.size_mb)
        await self._session.execute("ANALYZE audited")

    async def _check_chains(self) -> None:
        await self._session.execute(load_query("audit/chain"))
        await self._session.execute("ANALYZE replayed")
        if await self._session.fetchval("SELECT EXISTS (SELECT FROM replayed WHERE breaks > 0)"):
            await self._session.execute(load_query("audit/note_chain_breaks"))

    async def _check_totals(self) -> None:
        await self._session.execute(load_query("replay/compare_totals"), self._board_id)

    async def _check_nonces(self) -> None:
        await self._session.execute(load_query("audit/note_reused_nonces"))

    async def _check_held(self) -> None:
        query = load_query("audit/note_nonce_differences")
        await self._session.execute(query, self._board_id, self._nonce_keep)

    async def _check_acts(self) -> None:
        await self._session.execute(load_query("audit/note_act_differences"), self._board_id)

    async def _read_breaks(self) -> Iterable[Finding]:
        rows = await self._session.fetch(load_query("audit/read_breaks"), EXAMPLES)
        return [Finding(*row) for row in rows]


@asynccontextmanager
async def open_audit(
    database_url: str, board_id: BoardId | None, nonce_keep_s: int
) -> AsyncIterator[Audit]:
    """An audit of one board, or of all; raises as `open_session` does, and NotFound.

    `nonce_keep_s` is how long past the end of its token the service holds a nonce.
    """
    async with open_session(database_url, "verify") as session:
        await check_board(session, board_id)
        await keep_erasures_out(session)
        await create_tables(session, "replay/create", "audit/create")
        async with read_transaction(session):
            yield Audit(session, await read_slices(session, SLICE_MB), board_id, nonce_keep_s)
