"""All that is held of one user, as one JSON document, read in one snapshot.

`userId`, `exportedAt`; `totals` on every board, `views` (stored states of lists) in which he
stands, `acts` that name him, the `erasures` of him that are under way, his `events` with their
tokens and nonces, and `redeemed`: of events of others that he redeemed, what does not tell of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import datetime

from scoreboard.domain.identifiers import UserId
from scoreboard.domain.times import iso_utc
from scoreboard.ledger.replay import read_transaction
from scoreboard.ledger.session import Session
from scoreboard.ledger.slices import read_slices
from scoreboard.ledger.statements import load_query

SLICE_MB = 16

OnSlice = Callable[[int], object]
"""Told of megabytes of events that were looked through."""

LISTS = ("totals", "views", "acts", "erasures")


async def read_held(
    session: Session, user_id: UserId, on_slice: OnSlice
) -> AsyncGenerator[str, None]:
    """Pieces of the document; `on_slice` is told of megabytes of events that were looked through.

    No index leads to a user's events, so all of them are. Fails as the session does.
    """
    await session.execute("SET TIME ZONE 'UTC'")
    async with read_transaction(session):
        now: datetime = await session.fetchval("SELECT now()")
        yield f'{{"userId":"{user_id}","exportedAt":"{iso_utc(now)}"'
        for name in LISTS:
            rows = await session.fetch(load_query(f"held/read_{name}"), user_id)
            yield f',"{name}":[{",".join(row[0] for row in rows)}]'
        async for piece in _read_events(session, user_id, on_slice):
            yield piece
        yield "}\n"


async def _read_events(
    session: Session, user_id: UserId, on_slice: OnSlice
) -> AsyncGenerator[str, None]:
    query = load_query("held/read_events")
    redeemed: list[str] = []
    separator = ',"events":['
    for each in await read_slices(session, SLICE_MB):
        rows = await session.fetch(query, each.start, each.end, user_id)
        for is_own, document in rows:
            if not is_own:
                redeemed.append(document)
                continue
            yield separator + document
            separator = ","
        on_slice(each.size_mb)
    yield "]" if separator == "," else separator + "]"
    yield f',"redeemed":[{",".join(redeemed)}]'
