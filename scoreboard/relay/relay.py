"""The relay: outbox, views and upkeep under one lease."""

from __future__ import annotations

import asyncio

from scoreboard.bus.protocol import Wake
from scoreboard.relay.erasing import DueErasures
from scoreboard.relay.housekeeping import Housekeeper
from scoreboard.relay.leader import Leader
from scoreboard.relay.lifting import SuspensionEnds
from scoreboard.relay.mending import StandingsMender
from scoreboard.relay.outbox import OutboxRelay
from scoreboard.relay.running import UnfinishedRuns
from scoreboard.relay.views import ViewRelay
from scoreboard.relay.waking import Waker


class Relay:
    """This instance's part in relaying: it leads, or it wakes the one that does."""

    def __init__(  # noqa: PLR0913, PLR0917 - its parts
        self,
        leader: Leader,
        outbox: OutboxRelay,
        views: ViewRelay,
        mender: StandingsMender,
        housekeeper: Housekeeper,
        suspensions: SuspensionEnds,
        runs: UnfinishedRuns,
        erasures: DueErasures,
        waker: Waker,
    ) -> None:
        self._leader = leader
        self._outbox = outbox
        self._views = views
        self._mender = mender
        self._housekeeper = housekeeper
        self._suspensions = suspensions
        self._runs = runs
        self._erasures = erasures
        self._waker = waker
        self._is_leading = False

    def on_commit(self, wake: Wake) -> None:
        """A batch of this process is durable, and Redis was told."""
        if self._is_leading:
            self.on_wake(wake)
        else:
            self._waker.notify(wake)

    def on_wake(self, wake: Wake) -> None:
        """Some process committed."""
        if self._is_leading:
            self._outbox.wake()
            self._views.mark(wake)
            if wake.has_run:
                self._runs.wake()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._waker.run())
            group.create_task(self._leader.run(self._lead))

    async def _lead(self, term: int) -> None:
        self._is_leading = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._outbox.run(self._views.mark))
                group.create_task(self._views.run(term))
                group.create_task(self._mender.run())
                group.create_task(self._housekeeper.run())
                group.create_task(self._suspensions.run(self._outbox.wake))
                group.create_task(self._runs.run(self._outbox.wake))
                group.create_task(self._erasures.run(self._outbox.wake))
        finally:
            self._is_leading = False
