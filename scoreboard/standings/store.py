"""The rank index in Redis: versioned, and rebuilt whenever it cannot be trusted.

Each board has an epoch: the name of a pair of keys that hold all of its users. Which epoch is
live stands in the board's meta hash, and every script compares it with what its caller knows, so
nobody reads or writes an epoch that is gone. A rebuild fills another epoch aside while writers
write to both; then one field makes it the live one.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import AsyncIterator, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.domain.errors import StandingsBuilding, StandingsUnavailable
from scoreboard.domain.identifiers import (
    BoardId,
    UserId,
    user_id_bytes,
    user_id_from_bytes,
)
from scoreboard.domain.standings import Standing, Total
from scoreboard.standings.connection import Argument, RedisConnection, Script, load_script

_PACKED = struct.Struct(">QQQ")  # version, event id, updated in Unix µs
_EPOCH_TRIES = 4

SLICE = 500
"""Totals in one script: about 5 ms in which Redis does nothing else."""


class Epochs(Struct, frozen=True):
    """What this process knows of a board: its epochs, empty for none."""

    live: str = ""
    building: str = ""


class Standings:
    """Ranks of users. Every method raises StandingsUnavailable; ask PostgreSQL then."""

    def __init__(self, connection: RedisConnection, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix
        self._known: dict[BoardId, Epochs] = {}
        self._apply = load_script("apply")
        self._read = load_script("read")
        self._top = load_script("top")
        self._begin = load_script("begin")
        self._finish = load_script("finish")
        self._examine = load_script("examine")

    async def apply(self, board_id: BoardId, totals: Sequence[Total]) -> list[int]:
        """Writes totals of one board, one for each user, and returns their present ranks in order.

        A total that is older than the one stored changes nothing; the rank is the present one.
        """
        ranks: list[int] = []
        for start in range(0, len(totals), SLICE):
            ranks += await self._write(board_id, totals[start : start + SLICE])
        if len(ranks) != len(totals):
            raise StandingsBuilding("the standings are being built")
        return ranks

    async def read(self, board_id: BoardId, users: Sequence[UserId]) -> list[Standing | None]:
        """Where each user stands; None without a score."""
        reply = await self._run(self._read, board_id, [user_id_bytes(user) for user in users])
        return [
            None if found is None else _standing(user, found)
            for user, found in zip(users, reply, strict=True)
        ]

    async def read_top(self, board_id: BoardId, limit: int) -> list[tuple[UserId, int]]:
        """The first users of the board with their scores, in the order of the board."""
        reply = await self._run(self._top, board_id, [limit])
        return [
            (user_id_from_bytes(member[8:]), _score(negative))
            for member, negative in zip(reply[::2], reply[1::2], strict=True)
        ]

    async def examine(self, board_id: BoardId) -> bool:
        """Whether the live epoch is complete and was built on this very start of Redis.

        A restarted Redis may have come back with older data, so its epoch is not trusted.
        """
        run_id = await self._connection.read_run_id()
        try:
            reply = await self._run(self._examine, board_id, [])
        except StandingsUnavailable:
            if not self._connection.is_up:
                raise
            return False
        return bool(reply[0].decode() == run_id)

    async def rebuild(
        self, board_id: BoardId, totals: AsyncIterator[list[Total]], *, discard_live: bool
    ) -> int:
        """Fills a new epoch from the ledger's totals and makes it live; how many users it has.

        `totals` must be read after this begins: what is committed later reaches the new epoch
        through its writer. With `discard_live` readers turn to the ledger at once.
        """
        epoch = secrets.token_hex(6)
        await self._run(self._begin, board_id, [epoch, int(discard_live)])
        users = 0
        await self._write(board_id, [])  # learns the new epoch, also where there are no users
        async for batch in totals:
            await self._write(board_id, batch)
            if self._known[board_id].building != epoch:
                raise StandingsUnavailable("another rebuild took over")
            users += len(batch)
        run_id = await self._connection.read_run_id()
        await self._run(self._finish, board_id, [epoch, run_id])
        return users

    async def _write(self, board_id: BoardId, totals: Sequence[Total]) -> list[int]:
        arguments: list[Argument] = []
        for total in totals:
            arguments += (
                user_id_bytes(total.user_id),
                _PACKED.pack(total.version, total.reached, total.updated_us),
                str(-total.score),
            )
        return await self._run(self._apply, board_id, arguments)

    async def _run(
        self, script: Script, board_id: BoardId, arguments: Sequence[Argument]
    ) -> list[Any]:
        """The reply behind 'ok'; asks again when the epochs have moved."""
        for _ in range(_EPOCH_TRIES):
            known = self._known.get(board_id, Epochs())
            reply = await self._connection.run(
                script,
                self._keys(board_id, known),
                [known.live, known.building, *arguments],
            )
            if reply[0] != b"moved":
                break
            self._known[board_id] = Epochs(reply[1].decode(), reply[2].decode())
        if reply[0] != b"ok":
            raise StandingsUnavailable(f"the standings of {board_id} are {reply[0].decode()}")
        return reply[1:]

    def _keys(self, board_id: BoardId, known: Epochs) -> list[str]:
        # The braces put all keys of a board into one slot of a Redis Cluster.
        board = f"{self._prefix}:{{{board_id}}}"
        return [
            f"{board}:meta",
            f"{board}:{known.live}:order",
            f"{board}:{known.live}:users",
            f"{board}:{known.building}:order",
            f"{board}:{known.building}:users",
        ]


def _standing(user_id: UserId, found: list[Any]) -> Standing:
    negative, rank, packed = found
    version, _reached, updated_us = _PACKED.unpack(packed)
    return Standing(user_id, _score(negative), rank, version, updated_us)


def _score(negative: bytes) -> int:
    """Redis prints a large sorted-set score with an exponent; a float holds every score exactly."""
    return -int(float(negative))
