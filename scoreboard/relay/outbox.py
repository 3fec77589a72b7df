"""From the outbox to the bus: every event at least once, each user's in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from scoreboard.bus.protocol import Bus, Update, Wake
from scoreboard.domain.errors import BusUnavailable, StorageUnavailable
from scoreboard.ledger.gaps import StandingsGaps
from scoreboard.ledger.outbox import Outbox, OutboxEvent
from scoreboard.reads.ranking import Ranking, Who
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics

EVENTS_MAX = 1000
"""Events relayed at once; a row that lists more is relayed alone."""

PAUSE_S = 0.5
"""Wait after a failure: rows stay where they are."""


class OutboxRelay:
    """Publishes what the outbox lists, then deletes it."""

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
                while await self.relay_once(on_relayed):
                    pass
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

    async def relay_once(self, on_relayed: Callable[[Wake], None]) -> int:
        """Relays one batch; how many events. Raises BusUnavailable or StorageUnavailable."""
        events = _whole_rows(await self._outbox.read(self._rows_max))
        if not events:
            return 0
        ranks = await self._show(events, on_relayed)
        await self._bus.publish_updates([_update(event, ranks) for event in events])
        await self._outbox.delete(sorted({event.outbox_id for event in events}))
        self._relayed.inc(len(events))
        return len(events)

    async def _show_waiting(self, on_relayed: Callable[[Wake], None]) -> None:
        """What cannot be published yet is shown all the same, each row once."""
        while events := await self._outbox.read(self._rows_max, self._shown_to):
            await self._show(events, on_relayed)
            self._shown_to = events[-1].outbox_id

    async def _show(
        self, events: Sequence[OutboxEvent], on_relayed: Callable[[Wake], None]
    ) -> dict[Who, int]:
        """Once more into Redis: what a crash after the commit left out is healed here."""
        ranked = await self._ranking.apply([event.total for event in events])
        if ranked.missed:
            await self._gaps.note(sorted(ranked.missed))
        on_relayed(
            Wake(
                tuple({event.total.board_id for event in events}),
                min(event.total.updated_us for event in events),
            )
        )
        return ranked.ranks


def _whole_rows(events: list[OutboxEvent]) -> list[OutboxEvent]:
    """The first rows, together at most EVENTS_MAX events, but at least one row."""
    if len(events) <= EVENTS_MAX:
        return events
    cut_id = events[EVENTS_MAX].outbox_id
    kept = [event for event in events[:EVENTS_MAX] if event.outbox_id != cut_id]
    return kept or [event for event in events if event.outbox_id == cut_id]


def _update(event: OutboxEvent, ranks: dict[Who, int]) -> Update:
    total = event.total
    rank = ranks.get((total.board_id, total.user_id))
    if rank is None:
        raise StorageUnavailable("no store can tell a rank")
    return Update(
        event_id=event.event_id,
        board_id=total.board_id,
        user_id=total.user_id,
        delta=event.delta,
        source=event.source,
        score=total.score,
        version=total.version,
        rank=rank,
        updated_us=total.updated_us,
    )
