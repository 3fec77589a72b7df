"""What Redis holds of a board, compared with the ledger's totals inside Redis itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import TOTAL_BYTES, USER_BYTES
from scoreboard.standings.connection import RedisConnection, load_script
from scoreboard.standings.epochs import BoardScripts
from scoreboard.standings.packed import cut
from scoreboard.standings.store import SLICE

_VERSION_BYTES = 8
_END = b"0"


class Difference(StrEnum):
    """How a user in Redis differs from the ledger."""

    MISSING = "missing"
    """Not in Redis."""
    EXTRA = "extra"
    """Only in Redis."""
    OLDER = "older"
    """Redis holds an older version."""
    NEWER = "newer"
    """Redis holds a newer version than PostgreSQL: was an older backup restored?"""
    OTHER = "other"
    """The same version with another score, time or place in the order."""


class Survey(Struct, frozen=True):
    """The state of a board's index; `live` and `building` are epochs, empty for none."""

    live: str
    building: str
    is_of_this_start: bool  # of Redis
    counted: int  # users, by the field that scripts trust
    ordered: int  # users in the order
    users: int  # users with a version

    @property
    def is_complete(self) -> bool:
        """Whether both keys hold as many users as were counted."""
        return self.counted == self.ordered == self.users


class StandingsComparison:
    """Every method raises StandingsUnavailable; EpochGone once its epoch is live no more."""

    def __init__(self, connection: RedisConnection, prefix: str) -> None:
        self._connection = connection
        self._scripts = BoardScripts(connection, prefix)
        self._survey = load_script("survey")
        self._compare = load_script("compare")
        self._users = load_script("users")

    async def survey(self, board_id: BoardId) -> Survey:
        """What there is to compare."""
        run_id = await self._connection.read_run_id()
        live, building, stored, *sizes = await self._scripts.run(self._survey, board_id, [])
        return Survey(live.decode(), building.decode(), stored.decode() == run_id, *sizes)

    async def compare(
        self, board_id: BoardId, epoch: str, packed: bytes
    ) -> list[tuple[bytes, Difference]]:
        """Those of the packed totals that Redis does not hold just so, each with what is wrong."""
        differing: list[tuple[bytes, Difference]] = []
        for piece in cut(packed, SLICE):
            reply = await self._scripts.run(self._compare, board_id, [epoch, piece])
            if not reply:
                continue
            totals = {each[:USER_BYTES]: each for each in cut(piece, 1)}
            differing += (
                (totals[user], _difference(totals[user], held))
                for user, held in zip(reply[::2], reply[1::2], strict=True)
            )
        return differing

    async def list_users(self, board_id: BoardId, epoch: str) -> AsyncIterator[list[bytes]]:
        """The users (16 bytes each) whom Redis holds, some at a time; one may come twice."""
        cursor = _END
        while True:
            cursor, *users = await self._scripts.run(self._users, board_id, [epoch, cursor, SLICE])
            yield users
            if cursor == _END:
                return


def _difference(total: bytes, held: bytes) -> Difference:
    if not held:
        return Difference.MISSING
    expected = total[USER_BYTES:TOTAL_BYTES]
    if held[:_VERSION_BYTES] == expected[:_VERSION_BYTES]:
        return Difference.OTHER
    return (
        Difference.OLDER if held[:_VERSION_BYTES] < expected[:_VERSION_BYTES] else Difference.NEWER
    )
