"""Views: the top of each board, computed once per tick for the whole cluster."""

from __future__ import annotations

import asyncio
import time

import msgspec

from scoreboard.bus.protocol import Bus, ViewMessage, Wake
from scoreboard.domain.errors import BusUnavailable, StorageUnavailable
from scoreboard.domain.frames import TOP_VIEWS, Snapshot, encode_frame
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Entry
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.ledger.views import StoredView, ViewStore
from scoreboard.reads.boards import BoardDirectory
from scoreboard.reads.top import TopReader
from scoreboard.relay.waking import LOOKS_PER_TICK
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log

SWEEP_S = 1.0
"""How often every board is looked at, whether or not somebody said that it changed."""

_decode_entries = msgspec.json.Decoder(tuple[Entry, ...]).decode


def view_message(
    board_id: BoardId, view: str, stored: StoredView, changed_us: int | None
) -> ViewMessage:
    """A stored view as gateways receive it."""
    snapshot = Snapshot(
        view=view,
        board=board_id,
        epoch=stored.epoch,
        version=stored.version,
        entries=_decode_entries(stored.entries),
        generated_at=iso_utc(stored.generated_at),
    )
    return ViewMessage(
        board_id,
        view,
        stored.term,
        stored.epoch,
        stored.version,
        encode_frame(snapshot),
        changed_us,
    )


class ViewRelay:
    """Stores and publishes the next version of each view that changed.

    The first change after quiet goes out at once; further ones wait for the tick to pass, and
    then only the latest state is sent. Most increments change no view: a look that found nothing
    is followed by another one soon, since it kept nobody busy.
    """

    def __init__(
        self,
        tops: TopReader,
        views: ViewStore,
        boards: BoardDirectory,
        bus: Bus,
        settings: Settings,
    ) -> None:
        self._tops = tops
        self._views = views
        self._boards = boards
        self._bus = bus
        self._tick_s = settings.tick_ms / 1000
        self._changed: dict[BoardId, int | None] = {}
        self._has_change = asyncio.Event()
        self._shown: dict[tuple[BoardId, str], bytes] = {}
        self._log = get_log("relay")

    def mark(self, wake: Wake) -> None:
        """Boards whose standings changed."""
        for board_id in wake.board_ids:
            self._mark(board_id, wake.changed_us)

    async def run(self, term: int) -> None:
        """Shows changes under this term until cancelled. Raises LeaseLost when outdated."""
        # Each view is written once whatever it shows: from then on the term of whoever led before,
        # and may only have been stopped, is refused.
        self._shown.clear()
        self._mark_all()
        swept_s = time.monotonic()
        while True:
            await self._wait_for_change(swept_s + SWEEP_S - time.monotonic())
            if time.monotonic() - swept_s >= SWEEP_S:
                self._mark_all()
                swept_s = time.monotonic()
            if not self._changed:
                continue
            looked_s = time.monotonic()
            has_shown = await self._look(term)
            pause_s = self._tick_s if has_shown else self._tick_s / LOOKS_PER_TICK
            await asyncio.sleep(looked_s + pause_s - time.monotonic())

    async def _look(self, term: int) -> bool:
        """Whether any view of the boards that may have changed did."""
        changed, self._changed = self._changed, {}
        self._has_change.clear()
        has_shown = False
        for board_id, changed_us in changed.items():
            has_shown |= await self._show(board_id, term, changed_us)
        return has_shown

    async def _wait_for_change(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._has_change.wait()
        except TimeoutError:
            return

    async def _show(self, board_id: BoardId, term: int, changed_us: int | None) -> bool:
        has_shown = False
        try:
            top = await self._tops.read_now(board_id)
            for view, size in TOP_VIEWS.items():
                entries, _ = top.encode(size)
                if entries != self._shown.get((board_id, view)):
                    generated_at = from_unix_us(top.generated_us)
                    stored = await self._views.advance(board_id, view, term, entries, generated_at)
                    self._shown[board_id, view] = entries
                    has_shown = True
                    await self._publish(view_message(board_id, view, stored, changed_us))
        except StorageUnavailable:
            # The sweep comes back to it.
            self._log.warning("view waits", board=board_id)
        return has_shown

    async def _publish(self, message: ViewMessage) -> None:
        try:
            await self._bus.publish_view(message)
        except BusUnavailable:
            # Gateways compare versions with the ledger and repair the hole.
            self._log.warning("view not published", board=message.board_id, view=message.view)

    def _mark_all(self) -> None:
        for board_id in self._boards.board_ids:
            self._mark(board_id, None)

    def _mark(self, board_id: BoardId, changed_us: int | None) -> None:
        known = self._changed.get(board_id)
        if known is None or (changed_us is not None and changed_us < known):
            self._changed[board_id] = changed_us
        self._has_change.set()
