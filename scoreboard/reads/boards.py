"""The boards there are, remembered."""

from __future__ import annotations

import asyncio
import time

from scoreboard.domain.boards import Board
from scoreboard.domain.errors import NotFound, StorageUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.reader import LedgerReader

REFRESH_S = 5.0
MISS_PAUSE_S = 0.2


class BoardDirectory:
    """Knows every board; changed limits hold here after at most `REFRESH_S`."""

    def __init__(self, ledger: LedgerReader) -> None:
        self._ledger = ledger
        self._boards: dict[BoardId, Board] = {}
        self._looked_at_s = float("-inf")
        self._could_look = True
        self._reading = asyncio.Lock()

    @property
    def board_ids(self) -> tuple[BoardId, ...]:
        """Every board's id."""
        return tuple(self._boards)

    def known(self, board_id: BoardId) -> Board | None:
        """The same without asking anybody; None where it would have to be asked."""
        return self._boards.get(board_id)

    async def find(self, board_id: BoardId) -> Board:
        """The board with its limits.

        Raises NotFound. An unknown one is looked up in the ledger, at most five times a second, so
        that a board made a moment ago is found and made-up names cost next to nothing.
        """
        if board_id not in self._boards:
            await self._look_again()
        try:
            return self._boards[board_id]
        except KeyError:
            raise NotFound(f"There is no board {board_id}.") from None

    async def refresh(self) -> None:
        """Reads all boards. Raises StorageUnavailable."""
        boards = await self._ledger.read_boards()
        self._boards = {board.board_id: board for board in boards}
        self._looked_at_s = time.monotonic()
        self._could_look = True

    async def run(self) -> None:
        """Keeps up with changes; what is known stays while PostgreSQL is away."""
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self.refresh()
            except StorageUnavailable:
                continue

    async def _look_again(self) -> None:
        async with self._reading:
            if time.monotonic() - self._looked_at_s >= MISS_PAUSE_S:
                self._looked_at_s = time.monotonic()
                self._could_look = False
                await self.refresh()
            elif not self._could_look:
                # Whoever waited for the look-up that failed must not begin another, one by one.
                raise StorageUnavailable
