"""From the outbox to the bus: every event at least once, each user's in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress

from msgspec import Struct

from scoreboard.bus.protocol import Bus, Update, Wake, wake_for
from scoreboard.domain.errors import BusUnavailable, StorageUnavailable
from scoreboard.ledger.gaps import StandingsGaps
from scoreboard.ledger.outbox import EVENTS_MAX, Outbox, OutboxEvent
from scoreboard.reads.ranking import Ranking, Who
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics

PAUSE_S = 0.5
"""Wait after a failure: rows stay where they are."""


class _Batch(Struct, frozen=True):
    """Whole rows of the outbox that Redis knows; `updates` are empty where the bus takes none."""

    row_ids: Sequence[int]
    events: int
    updates: Sequence[Update]


class OutboxRelay:
    """Publishes what the outbox lists, then deletes it.

    The first events after quiet go out at once; then a tick passes before the next ones, so that
    under load they go together. While more waits than one batch takes, nothing is waited for: the
    next batch is read and shown while the bus confirms the one before it.
    """

    def __init__(
        self,
        outbox: Outbox,
        gaps: StandingsGaps,
        ranking: Ranking,
        bus: Bus,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._outbox = outbox
        self._gaps = gaps
        self._ranking = ranking
        self._bus = bus
        self._relayed = metrics.relayed
        self._rows_max = settings.relay_batch_max
        self._poll_s = settings.relay_poll_ms / 1000
        self._tick_s = settings.tick_ms / 1000
        self._has_work = asyncio.Event()
        self._shown_to = 0
        self._log = get_log("relay")

    def wake(self) -> None:
        """There is something in the outbox."""
        self._has_work.set()

    async def run(self, on_relayed: Callable[[Wake], None]) -> None:
        """Relays until cancelled; `on_relayed` hears which boards have changed."""
        self._shown_to = 0
        while True:
            self._has_work.clear()
            try:
                if await self._relay(on_relayed):
                    await asyncio.sleep(self._tick_s)
            except (BusUnavailable, StorageUnavailable) as error:
                self._log.warning("outbox waits", reason=str(error))
                with suppress(StorageUnavailable):
                    await self._show_waiting(on_relayed)
                await asyncio.sleep(PAUSE_S)
                continue
            try:
                async with asyncio.timeout(self._poll_s):
                    await self._has_work.wait()
            except TimeoutError:
                continue  # the poll that backs up a lost wake

    async def _relay(self, on_relayed: Callable[[Wake], None]) -> bool:
        """Relays what waits; whether anything did. Raises BusUnavailable or StorageUnavailable."""
        batch = await self._prepare((), on_relayed)
        if not batch.events:
            return False
        while self._is_full(batch):
            async with _meanwhile(self._prepare(batch.row_ids, on_relayed)) as following:
                await self._publish(batch)
                batch = await following
        await self._publish(batch)
        return True

    def _is_full(self, batch: _Batch) -> bool:
        return batch.events >= EVENTS_MAX or len(batch.row_ids) >= self._rows_max

    async def _prepare(self, in_hand: Sequence[int], on_relayed: Callable[[Wake], None]) -> _Batch:
        """The next batch, shown; without rows that are being published already."""
        events = await self._outbox.read(self._rows_max, in_hand=in_hand)
        if not events:
            return _Batch((), 0, ())
        ranks = await self._show(events, on_relayed)
        row_ids = list(dict.fromkeys(event.outbox_id for event in events))
        is_told = self._bus.carries_updates
        updates = [_update(event, ranks) for event in events] if is_told else ()
        return _Batch(row_ids, len(events), updates)

    async def _publish(self, batch: _Batch) -> None:
        if batch.updates:
            await self._bus.publish_updates(batch.updates)
        if batch.row_ids:
            await self._outbox.delete(batch.row_ids)
        self._relayed.inc(batch.events)

    async def _show_waiting(self, on_relayed: Callable[[Wake], None]) -> None:
        """What cannot be published yet is shown all the same, each row once."""
        while events := await self._outbox.read(self._rows_max, self._shown_to):
            await self._show(events, on_relayed)
            self._shown_to = events[-1].outbox_id

    async def _show(
        self, events: Sequence[OutboxEvent], on_relayed: Callable[[Wake], None]
    ) -> dict[Who, int | None]:
        """Once more into Redis: what a crash after the commit left out is healed here."""
        totals = [event.total for event in events]
        ranked = await self._ranking.apply(totals)
        if ranked.missed:
            await self._gaps.note(sorted(ranked.missed))
        on_relayed(wake_for(totals, ranked.boards_shown(totals, (each.delta for each in events))))
        return ranked.ranks


@asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, _Batch]) -> AsyncIterator[asyncio.Task[_Batch]]:
    """Runs work beside what happens inside; what nobody awaits there is given up."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait((task,))
        if not task.cancelled():
            task.exception()  # whoever left early has a reason of his own


def _update(event: OutboxEvent, ranks: dict[Who, int | None]) -> Update:
    who = (event.total.board_id, event.total.user_id)
    if who not in ranks:
        raise StorageUnavailable("no store can tell a rank")
    return Update(event.total, event.delta, event.source, ranks[who])
