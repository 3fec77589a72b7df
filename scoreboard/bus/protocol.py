"""What the bus carries, and the one Protocol that both transports implement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Total


class Update(Struct, frozen=True):
    """One event of the ledger as other services learn of it.

    `total` is the one that the event led to, so its `reached` is the id of the event. `rank` is
    the one when published; None for the suspended.
    """

    total: Total
    delta: int
    source: str
    rank: int | None


class ViewMessage(Struct, frozen=True):
    """One version of a view, encoded by the relay once for every socket.

    `frame` is the JSON text of a snapshot. `term` is the relay's lease term: gateways drop a
    lower one. `changed_us` is the database's time of the oldest change it shows, None if unknown.
    """

    board_id: BoardId
    view: str
    term: int
    epoch: str
    version: int
    frame: bytes
    changed_us: int | None


class Wake(Struct, frozen=True):
    """A writer committed: the relay should look into the outbox.

    `board_ids` are those whose top may look different, often none. `changed_us` as in ViewMessage.
    `has_run` where an act about many events was begun, and is to be carried out.
    """

    board_ids: tuple[BoardId, ...]
    changed_us: int
    has_run: bool = False


WAKE_FOR_RUN = Wake((), 0, has_run=True)
"""An act about many events was begun."""


def wake_for(totals: Sequence[Total], board_ids: Iterable[BoardId]) -> Wake:
    """Tells of new totals, at least one."""
    return Wake(tuple(board_ids), min(total.updated_us for total in totals))


class Bus(Protocol):
    """Carries messages between instances. Every method but `run` fails with BusUnavailable."""

    @property
    def is_connected(self) -> bool:
        """Whether messages can be carried now."""
        ...

    @property
    def carries_updates(self) -> bool:
        """Whether other services are told of each event; else updates need not be made."""
        ...

    async def run(
        self, on_view: Callable[[ViewMessage], None], on_wake: Callable[[Wake], None]
    ) -> None:
        """Connects, subscribes, delivers and reconnects until cancelled.

        A server that is away never ends it; what a callback raises does.
        """
        ...

    async def publish_updates(self, updates: Sequence[Update]) -> None:
        """Publishes in order; returns when every message is confirmed as stored."""
        ...

    async def publish_view(self, message: ViewMessage) -> None:
        """Sends a view to every instance, at most once: holes are repaired by version."""
        ...

    async def publish_wake(self, wake: Wake) -> None:
        """Wakes the relay wherever it is; may be lost, since the relay also polls."""
        ...
