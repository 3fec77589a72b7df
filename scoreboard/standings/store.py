"""The rank index in Redis: versioned, and rebuilt whenever it cannot be trusted.

Each board has an epoch: the name of a pair of keys that hold all of its users. Which epoch is
live stands in the board's meta hash, and every script compares it with what its caller knows, so
nobody reads or writes an epoch that is gone. A rebuild fills another epoch aside while writers
write to both; then one field makes it the live one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress

from scoreboard.domain.errors import StandingsBuilding, StandingsUnavailable
from scoreboard.domain.identifiers import BoardId, UserId, user_id_bytes
from scoreboard.domain.standings import TOTAL_BYTES, Neighbours, Standing, Total
from scoreboard.standings.connection import Argument, RedisConnection, load_script
from scoreboard.standings.epochs import BoardScripts
from scoreboard.standings.packed import cut, pack_totals, read_ahead
from scoreboard.standings.replies import decode_neighbours, decode_rows, decode_standing

SLICE = 500
"""Totals in one script: about 5 ms in which Redis does nothing else."""

WINDOWS = 100
"""Users whose neighbours one script looks up: as long, with the most neighbours each."""

ABANDONED_S = 10
"""A rebuild that gives no sign of life for so long is nobody's."""

SIGN_S = 2.0
"""How often a rebuild gives one, however long the ledger takes for the next slice."""


class Standings:
    """Ranks of users. Every method raises StandingsUnavailable; ask PostgreSQL then."""

    def __init__(self, connection: RedisConnection, prefix: str) -> None:
        self._connection = connection
        self._scripts = BoardScripts(connection, prefix)
        self._apply = load_script("apply")
        self._read = load_script("read")
        self._neighbours = load_script("neighbours")
        self._top = load_script("top")
        self._begin = load_script("begin")
        self._fill = load_script("fill")
        self._finish = load_script("finish")
        self._discard = load_script("discard")
        self._examine = load_script("examine")

    async def apply(self, board_id: BoardId, totals: Sequence[Total]) -> list[int]:
        """Writes totals of one board, one for each user, and returns their present ranks in order.

        A total that is older than the one stored changes nothing; the rank is the present one, and
        0 for a suspended user, who is not on the board.
        """
        ranks: list[int] = []
        for start in range(0, len(totals), SLICE):
            packed = pack_totals(totals[start : start + SLICE])
            ranks += await self._scripts.run(self._apply, board_id, [packed])
        if len(ranks) != len(totals):
            raise StandingsBuilding("the standings are being built")
        return ranks

    async def read(self, board_id: BoardId, users: Sequence[UserId]) -> list[Standing | None]:
        """Where each user stands; None without a score."""
        standings, _ = await self.read_counted(board_id, users)
        return standings

    async def read_counted(
        self, board_id: BoardId, users: Sequence[UserId]
    ) -> tuple[list[Standing | None], int]:
        """The same, and how many users the board has."""
        standings: list[Standing | None] = []
        count = 0  # the last slice's: who came between two of them pushes no rank beyond it
        for part in _slices(users, SLICE):
            arguments = [user_id_bytes(user) for user in part]
            count, *found = await self._scripts.run(self._read, board_id, arguments)
            standings += [
                decode_standing(user, each) for user, each in zip(part, found, strict=True)
            ]
        return standings, count

    async def count(self, board_id: BoardId) -> int:
        """How many users the board has."""
        _, count = await self.read_counted(board_id, [])
        return count

    async def read_neighbours(
        self, board_id: BoardId, users: Sequence[UserId], radius: int
    ) -> list[Neighbours | None]:
        """Each user among the `radius` above and below him; None without a score."""
        neighbours: list[Neighbours | None] = []
        for part in _slices(users, WINDOWS):
            arguments: list[Argument] = [radius, *map(user_id_bytes, part)]
            count, *found = await self._scripts.run(self._neighbours, board_id, arguments)
            neighbours += [decode_neighbours(each, count) for each in found]
        return neighbours

    async def read_top(self, board_id: BoardId, limit: int) -> list[tuple[UserId, int]]:
        """The first users of the board with their scores, in the order of the board."""
        return list(decode_rows(await self._scripts.run(self._top, board_id, [limit])))

    async def examine(self, board_id: BoardId) -> bool:
        """Whether the live epoch is complete and was built on this very start of Redis.

        A restarted Redis may have come back with older data, so its epoch is not trusted.
        """
        run_id = await self._connection.read_run_id()
        try:
            reply = await self._scripts.run(self._examine, board_id, [])
        except StandingsUnavailable:
            if not self._connection.is_up:
                raise
            return False
        return bool(reply[0].decode() == run_id)

    async def rebuild(
        self,
        board_id: BoardId,
        slices: AsyncIterator[bytes],
        *,
        discard_live: bool,
        give_way: bool = False,
    ) -> int:
        """Fills a new epoch from the ledger's totals and makes it live; how many users it has.

        `slices` are packed totals, which must be read after this begins: what is committed later
        reaches the new epoch through its writer. With `discard_live` readers turn to the ledger at
        once. Raises AnotherRebuild where one takes over, or, with `give_way`, where one is under
        way already. Whatever ends it, nothing is left behind unless Redis is away.
        """
        epoch = secrets.token_hex(6)
        # Read first: should Redis start anew meanwhile, what was built must not be trusted.
        run_id = await self._connection.read_run_id()
        patience_s = ABANDONED_S if give_way else 0
        try:
            await self._scripts.run(self._begin, board_id, [epoch, int(discard_live), patience_s])
            async with self._signs_of_life(board_id, epoch):
                users = await self._fill_epoch(board_id, epoch, slices)
            await self._scripts.run(self._finish, board_id, [epoch, run_id])
        except BaseException:
            with suppress(StandingsUnavailable):
                await self._scripts.run(self._discard, board_id, [epoch, 0])
            raise
        return users

    async def discard_abandoned(self, board_id: BoardId) -> bool:
        """Removes an epoch whose rebuild makes no progress any more; whether there was one.

        Writers would have to write to it for ever. Goes by what `examine` found last.
        """
        building = self._scripts.known(board_id).building
        if not building:
            return False
        reply = await self._scripts.run(self._discard, board_id, [building, ABANDONED_S])
        return bool(reply[0])

    async def _fill_epoch(self, board_id: BoardId, epoch: str, slices: AsyncIterator[bytes]) -> int:
        filled = 0
        async with aclosing(read_ahead(slices)) as ahead:
            async for packed in ahead:
                for piece in cut(packed, SLICE):
                    await self._scripts.run(self._fill, board_id, [epoch, piece])
                filled += len(packed)
        return filled // TOTAL_BYTES

    @asynccontextmanager
    async def _signs_of_life(self, board_id: BoardId, epoch: str) -> AsyncIterator[None]:
        async def give() -> None:
            while True:
                await asyncio.sleep(SIGN_S)
                with suppress(StandingsUnavailable):  # whoever fills will notice
                    await self._scripts.run(self._fill, board_id, [epoch, b""])

        giving = asyncio.create_task(give())
        try:
            yield
        finally:
            giving.cancel()


def _slices(users: Sequence[UserId], size: int) -> Iterator[Sequence[UserId]]:
    """At most `size` at a time; nobody is one slice too."""
    for start in range(0, max(len(users), 1), size):
        yield users[start : start + size]
