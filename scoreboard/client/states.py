"""What applications are told of live boards."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from scoreboard.client.frames import Entry
from scoreboard.client.views import NOTHING, Shown

Connection = Literal["connecting", "open", "waiting"]
Reason = Literal["closed", "silent", "refused", "unreachable"]


class LiveState(Struct, frozen=True):
    """One view as it is now.

    `connection`: `connecting`, `open`, or `waiting` to come back; the view shows meanwhile what
    it last did. `is_stale`: the service says that it cannot ask its ledger.
    """

    view: str
    board: str
    shown: Shown
    connection: Connection
    is_stale: bool

    @property
    def is_known(self) -> bool:
        """Whether anything has come yet."""
        return self.shown is not NOTHING

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The list, in the order of the board; in the view `users`, as they were named."""
        return self.shown.entries

    @property
    def version(self) -> int | None:
        """Of the list; in the view `me`, of one's own score."""
        return self.shown.version


class Interruption(Struct, frozen=True):
    """Why there is no connection, and after how many seconds the next is tried."""

    reason: Reason
    pause_s: float
    close_code: int | None = None
    status: int | None = None
