"""Who watches which top list: the core that WebSocket and SSE share.

The bus brings versions, the store has the last one. A channel takes whichever is newer, so a
lost message, a dead bus and a message that arrives while the store is being read are all the
same case: what is stored and what is held are compared, and the difference is loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.frames import ViewKey
from scoreboard.domain.identifiers import BoardId
from scoreboard.gateway.channel import Channel, Position
from scoreboard.gateway.delivery import Delivery
from scoreboard.gateway.staleness import Staleness
from scoreboard.gateway.subscriber import Subscriber
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics

LoadView = Callable[[BoardId, str], Awaitable[ViewMessage | None]]
"""The stored version of a view, None if there is none yet. Raises StorageUnavailable."""

LoadVersions = Callable[[Sequence[ViewKey]], Awaitable[dict[ViewKey, int]]]
"""The stored version numbers of those views that have one. Raises StorageUnavailable."""


class Hub:
    """Channels by view. A channel lives while somebody watches it."""

    def __init__(
        self,
        load_view: LoadView,
        load_versions: LoadVersions,
        settings: Settings,
        metrics: Metrics,
        now_us: Callable[[], int],
    ) -> None:
        """`now_us` is the database's clock in Unix microseconds, for the latency metric."""
        self._load_view = load_view
        self._load_versions = load_versions
        self._repair_s = settings.websocket_repair_s
        self._resume_s = settings.websocket_resume_s
        self._delivery = Delivery(settings, metrics, now_us)
        self._channels: dict[ViewKey, Channel] = {}
        self._wanted: dict[ViewKey, None] = {}
        self._has_wanted = asyncio.Event()
        self._staleness = Staleness()

    def receive(self, message: ViewMessage) -> None:
        """Takes a version from the bus and begins to show it; old ones are dropped."""
        channel = self._channels.get((message.board_id, message.view))
        if channel is not None and channel.store(message):
            self._delivery.start(channel, timed=True)

    def attend(self, subscriber: Subscriber) -> None:
        """Hears from now on whether what is shown may be out of date."""
        self._staleness.join(subscriber)

    def subscribe(
        self, subscriber: Subscriber, key: ViewKey, known: Position | None = None
    ) -> None:
        """Shows the view from now on; shown already, it is shown from its beginning again.

        `known` is the version that the client has: it is answered by what changed since then.

        Never waits: a view that nobody watched yet is loaded by `run`, once for all who ask,
        and a version that the bus brings meanwhile is simply taken.
        """
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(key)
            self._want(key)
        channel.add(subscriber, known)
        subscriber.views.add(key)
        if channel.message is not None:
            channel.pending.pop(subscriber, None)
            self._delivery.write(channel, subscriber)

    def unsubscribe(self, subscriber: Subscriber, key: ViewKey) -> None:
        """Shows the view no more; does nothing where it was not shown."""
        channel = self._channels.get(key)
        if channel is None or key not in subscriber.views:
            return
        subscriber.views.discard(key)
        channel.discard(subscriber)
        self._delivery.forget(subscriber, channel)
        if not channel.subscribers:
            # Kept for a while: whoever lost the connection may come back for what changed since.
            channel.deserted_s = asyncio.get_running_loop().time()

    def leave(self, subscriber: Subscriber) -> None:
        """Forgets a subscriber and all that it watched."""
        for key in tuple(subscriber.views):
            self.unsubscribe(subscriber, key)
        self._delivery.leave(subscriber)
        self._staleness.leave(subscriber)

    def is_behind(self, subscriber: Subscriber) -> bool:
        """Whether the subscriber is being skipped because it reads too slowly."""
        return self._delivery.is_behind(subscriber)

    async def run(self) -> None:
        """Delivers, loads and repairs until cancelled; survives StorageUnavailable."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._delivery.run())
            tasks.create_task(self._load_wanted())
            tasks.create_task(self._repair())

    def _want(self, key: ViewKey) -> None:
        self._wanted[key] = None
        self._has_wanted.set()

    async def _load_wanted(self) -> None:
        while True:
            await self._has_wanted.wait()
            self._has_wanted.clear()
            wanted, self._wanted = self._wanted, {}
            try:
                for key in wanted:
                    await self._load(key)
            except StorageUnavailable:
                continue  # the clients stay, and the next comparison wants the same again

    async def _load(self, key: ViewKey) -> None:
        channel = self._channels.get(key)
        if channel is None:
            return
        before = channel.message
        message = await self._load_view(*key)
        if message is None or self._channels.get(key) is not channel:
            return
        mine = channel.message
        if mine is not before and mine is not None and mine.epoch != message.epoch:
            # The bus changed the epoch while the store was read, so which came first is
            # unknown: the next comparison tells.
            return
        if channel.store(message):
            # The first load shows an old change to a new watcher; that is no latency of ours.
            self._delivery.start(channel, timed=before is not None)

    async def _repair(self) -> None:
        while True:
            await asyncio.sleep(self._repair_s)
            self._forget_deserted()
            if not self._channels:
                continue
            try:
                versions = await self._load_versions(tuple(self._channels))
            except StorageUnavailable:
                self._staleness.failed()
                continue
            self._staleness.succeeded()
            for key, version in versions.items():
                channel = self._channels.get(key)
                # Unequal, not greater: after a reset the store may begin to count anew.
                if channel is not None and _version(channel) != version:
                    self._want(key)

    def _forget_deserted(self) -> None:
        oldest_s = asyncio.get_running_loop().time() - self._resume_s
        for key, channel in tuple(self._channels.items()):
            if channel.deserted_s is not None and channel.deserted_s <= oldest_s:
                del self._channels[key]


def _version(channel: Channel) -> int | None:
    return None if channel.message is None else channel.message.version
