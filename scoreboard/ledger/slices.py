"""A pass over all of the events, in slices whose size nobody's ids can change.

Slices are ranges of the table's blocks, not of event ids: they are read as the disk holds them, are
of one size however many ids are missing, and together hold every row of one snapshot, since
rows of an append-only table stay where they are. The rows of a slice have no order.
"""

from __future__ import annotations

from dataclasses import dataclass

from scoreboard.ledger.session import Session
from scoreboard.ledger.statements import load_query

Place = tuple[int, int]
"""Block and row in it, as PostgreSQL's `ctid` counts them."""

BEHIND_ALL: Place = (2**32 - 1, 0)

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Slice:
    """From place `start` to before `end`; `size_mb` is what it counts for in a progress bar."""

    start: Place
    end: Place
    size_mb: int


async def read_slices(session: Session, slice_mb: int) -> list[Slice]:
    """At least one slice; the last takes whatever was appended meanwhile."""
    blocks, block_bytes = await session.fetchrow(load_query("history/read_event_blocks"))
    step = slice_mb * MEGABYTE // block_bytes
    starts = range(0, max(blocks, 1), step)
    return [
        Slice(
            (start, 0),
            BEHIND_ALL if start == starts[-1] else (start + step, 0),
            max(1, min(step, blocks - start) * block_bytes // MEGABYTE),
        )
        for start in starts
    ]
