"""Many totals in one run of bytes, packed by PostgreSQL and cut by Redis: nothing between them
touches a single user.

Bytes 16 to 40 of each are what the index holds of a user.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import suppress

from scoreboard.domain.errors import ScoreboardError
from scoreboard.domain.identifiers import (
    BoardId,
    EventId,
    user_id_bytes,
    user_id_from_bytes,
)
from scoreboard.domain.standings import TOTAL_BYTES, Total

_TOTAL = struct.Struct(">16sQQQq")


def pack_totals(totals: Sequence[Total]) -> bytes:
    """The same the other way round."""
    return b"".join(
        [
            _TOTAL.pack(
                user_id_bytes(total.user_id),
                total.version,
                0 if total.is_suspended else total.reached,
                total.updated_us,
                -total.score,
            )
            for total in totals
        ]
    )


def unpack_totals(board_id: BoardId, packed: bytes) -> list[Total]:
    """The totals of one board that `packed` holds."""
    return [
        Total(
            board_id,
            user_id_from_bytes(user),
            -negative,
            version,
            EventId(reached),
            updated_us,
            is_suspended=reached == 0,
        )
        for user, version, reached, updated_us, negative in _TOTAL.iter_unpack(packed)
    ]


def cut(packed: bytes, count: int) -> Iterator[bytes]:
    """The same in pieces of at most `count` totals."""
    size = count * TOTAL_BYTES
    for start in range(0, len(packed), size):
        yield packed[start : start + size]


async def read_ahead(slices: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Each slice, while the one behind it is being read."""

    async def read_next() -> bytes | None:
        return await anext(slices, None)

    reading = asyncio.create_task(read_next())
    try:
        while (found := await reading) is not None:
            reading = asyncio.create_task(read_next())
            yield found
    finally:
        reading.cancel()
        # Whoever stops listening has a reason of his own, which this one must not replace.
        with suppress(asyncio.CancelledError, ScoreboardError, Exception):
            await reading
