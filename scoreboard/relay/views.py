"""Views: the top of each board, computed once per tick for the whole cluster."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import msgspec

from scoreboard.bus.protocol import Bus, ViewMessage, Wake
from scoreboard.domain.errors import BusUnavailable, StorageUnavailable
from scoreboard.domain.frames import TOP_VIEWS, Snapshot, ViewKey, encode_frame
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


class Seen(msgspec.Struct, frozen=True):
    """What one look found of a view; `changed_us` is when the oldest unseen change was made."""

    entries: bytes
    generated_at: datetime
    changed_us: int | None


class ViewRelay:
    """Stores and publishes the next version of each view that changed.

    The first change of a view after quiet goes out at once; further ones wait for its tick to
    pass, and then only the latest state is sent. Boards are looked at more often than that: most
    increments change no view, and one view's tick is not another's.
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
        self._shown: dict[ViewKey, bytes] = {}
        self._due_s: dict[ViewKey, float] = {}
        """When each view may be sent again."""
        self._held: dict[ViewKey, int | None] = {}
        """Views that wait for that, and when the oldest of their changes was made."""
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
        self._held.clear()
        self._mark_all()
        swept_s = time.monotonic()
        while True:
            await self._wait_for_change(swept_s + SWEEP_S - time.monotonic())
            if time.monotonic() - swept_s >= SWEEP_S:
                self._mark_all()
                swept_s = time.monotonic()
            if not self._changed:
                continue
            changed, self._changed = self._changed, {}
            self._has_change.clear()
            for board_id, changed_us in changed.items():
                await self._look(board_id, term, changed_us)
            await asyncio.sleep(self._tick_s / LOOKS_PER_TICK)

    async def _wait_for_change(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._has_change.wait()
        except TimeoutError:
            return

    async def _look(self, board_id: BoardId, term: int, changed_us: int | None) -> None:
        try:
            top = await self._tops.read_now(board_id)
            for view, size in TOP_VIEWS.items():
                key, (entries, _) = (board_id, view), top.encode(size)
                if entries == self._shown.get(key):
                    self._held.pop(key, None)
                else:
                    seen = Seen(entries, from_unix_us(top.generated_us), changed_us)
                    await self._show(key, term, seen)
        except StorageUnavailable:
            # The sweep comes back to it.
            self._log.warning("view waits", board=board_id)

    async def _show(self, key: ViewKey, term: int, seen: Seen) -> None:
        now_s = time.monotonic()
        due_s = self._due_s.get(key, 0.0)
        if now_s < due_s:
            self._held[key] = _earlier(self._held.get(key), seen.changed_us)
            asyncio.get_running_loop().call_later(due_s - now_s, self._mark, key[0], None)
            return
        self._due_s[key] = now_s + self._tick_s
        stored = await self._views.advance(*key, term, seen.entries, seen.generated_at)
        self._shown[key] = seen.entries
        changed_us = _earlier(self._held.pop(key, None), seen.changed_us)
        await self._publish(view_message(*key, stored, changed_us))

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
        self._changed[board_id] = _earlier(self._changed.get(board_id), changed_us)
        self._has_change.set()


def _earlier(first_us: int | None, second_us: int | None) -> int | None:
    """The time of the older change; None where neither is known."""
    if first_us is None or second_us is None:
        return second_us if first_us is None else first_us
    return min(first_us, second_us)
