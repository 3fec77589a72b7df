"""Scripts on one board's keys, each run under the epochs that are really there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.standings.connection import Argument, RedisConnection, Script

_EPOCH_TRIES = 4


class AnotherRebuild(StandingsUnavailable):
    """Another rebuild of the board is under way, or this one was removed."""


class EpochGone(StandingsUnavailable):
    """The epoch that was asked about is not live any more: the board was rebuilt."""


class Epochs(Struct, frozen=True):
    """What this process knows of a board: its epochs, empty for none."""

    live: str = ""
    building: str = ""


class BoardScripts:
    """Remembers each board's epochs, and asks again when they have moved."""

    def __init__(self, connection: RedisConnection, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix
        self._known: dict[BoardId, Epochs] = {}

    def known(self, board_id: BoardId) -> Epochs:
        """The epochs as the latest script of this process found them."""
        return self._known.get(board_id, Epochs())

    async def run(
        self, script: Script, board_id: BoardId, arguments: Sequence[Argument]
    ) -> list[Any]:
        """The reply behind 'ok'. Raises StandingsUnavailable, with the script's reason in it."""
        for _ in range(_EPOCH_TRIES):
            known = self.known(board_id)
            reply = await self._connection.run(
                script,
                self._keys(board_id, known),
                [known.live, known.building, *arguments],
            )
            if reply[0] != b"moved":
                break
            self._known[board_id] = Epochs(reply[1].decode(), reply[2].decode())
        if reply[0] != b"ok":
            raise _failure(board_id, reply)
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


def _failure(board_id: BoardId, reply: list[Any]) -> StandingsUnavailable:
    match reply:
        case [b"gone"]:
            return EpochGone(f"the standings of {board_id} were rebuilt meanwhile")
        case [b"busy", idle_s]:
            return AnotherRebuild(
                f"another rebuild of {board_id} is under way, at work {idle_s} s ago"
            )
        case [b"taken"]:
            return AnotherRebuild(
                f"this rebuild of {board_id} was removed, by another or for making no progress"
            )
        case _:
            return StandingsUnavailable(f"the standings of {board_id} are {reply[0].decode()}")
