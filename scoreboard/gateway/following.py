"""Users whom clients follow: looked up together, told when something about them changed.

A rank changes when others move, so it is not enough to look at who scored. Once in `personal_s`
all users that somebody here follows are read in a few round trips, whoever follows them, and each
client is sent what differs from what it was sent last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.frames import ViewKey
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Neighbours, Standing
from scoreboard.gateway.subscriber import Subscriber
from scoreboard.gateway.watches import Found, Watch
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics

ReadStandings = Callable[
    [BoardId, Sequence[UserId]], Awaitable[tuple[Sequence[Standing | None], int]]
]
"""Where each user stands, None without a score, and how many users the board has."""

ReadNeighbours = Callable[[BoardId, Sequence[UserId], int], Awaitable[Sequence[Neighbours | None]]]
"""Each user among so many above and below him. Both raise StorageUnavailable."""

TURN = 200
"""Watches judged before other work gets its turn: about 2 ms."""


class Following:
    """Every watch of this process, by board."""

    def __init__(
        self,
        read_standings: ReadStandings,
        read_neighbours: ReadNeighbours,
        settings: Settings,
        metrics: Metrics,
    ) -> None:
        self._read_standings = read_standings
        self._read_neighbours = read_neighbours
        self._pause_s = settings.personal_s
        self._skip_bytes = settings.websocket_buffer_skip_bytes
        self._metrics = metrics
        self._watches: dict[BoardId, dict[tuple[Subscriber, str], Watch]] = {}
        self._fresh: list[Watch] = []
        self._has_fresh = asyncio.Event()

    def follow(self, watch: Watch) -> None:
        """Begins or replaces a watch; its first answer comes at once."""
        board_id, view = watch.key
        self._watches.setdefault(board_id, {})[watch.subscriber, view] = watch
        watch.subscriber.views.add(watch.key)
        self._fresh.append(watch)
        self._has_fresh.set()

    def unfollow(self, subscriber: Subscriber, key: ViewKey) -> None:
        """Ends a watch; does nothing where there is none."""
        board_id, view = key
        watches = self._watches.get(board_id, {})
        if watches.pop((subscriber, view), None) is not None:
            subscriber.views.discard(key)
            if not watches:
                del self._watches[board_id]

    def leave(self, subscriber: Subscriber) -> None:
        """Ends all watches of a client."""
        for key in tuple(subscriber.views):
            self.unfollow(subscriber, key)

    async def run(self) -> None:
        """Looks and tells until cancelled; survives StorageUnavailable."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._pause_s
        while True:
            await self._wait_until(due_s)
            fresh, self._fresh = self._fresh, []
            self._has_fresh.clear()
            for board_id in {watch.key[0] for watch in fresh}:
                await self._look(board_id, [each for each in fresh if each.key[0] == board_id])
            if loop.time() >= due_s:
                due_s = loop.time() + self._pause_s
                for board_id, watches in tuple(self._watches.items()):
                    await self._look(board_id, tuple(watches.values()))

    async def _wait_until(self, due_s: float) -> None:
        try:
            async with asyncio.timeout_at(due_s):
                await self._has_fresh.wait()
        except TimeoutError:
            return

    async def _look(self, board_id: BoardId, watches: Sequence[Watch]) -> None:
        try:
            found = await self._find(board_id, watches)
        except StorageUnavailable:
            return  # they are told with the next look
        told = 0
        for number, watch in enumerate(watches, start=1):
            told += self._tell(watch, found)
            if number % TURN == 0:
                await asyncio.sleep(0)
        self._metrics.frames_sent.inc(told)

    async def _find(self, board_id: BoardId, watches: Sequence[Watch]) -> Found:
        users = _union(watch.users for watch in watches)
        read, of = await self._read_standings(board_id, users)
        standings = dict(zip(users, read, strict=True))
        neighbours: dict[tuple[UserId, int], Neighbours | None] = {}
        for radius in {watch.radius for watch in watches if watch.radius}:
            centres = _union(watch.users for watch in watches if watch.radius == radius)
            windows = await self._read_neighbours(board_id, centres, radius)
            neighbours.update(
                ((user, radius), window) for user, window in zip(centres, windows, strict=True)
            )
        return Found(standings, neighbours, of)

    def _tell(self, watch: Watch, found: Found) -> bool:
        subscriber = watch.subscriber
        board_id, view = watch.key
        if self._watches.get(board_id, {}).get((subscriber, view)) is not watch:
            return False  # ended meanwhile
        transport = subscriber.transport
        if transport.is_closing() or transport.get_write_buffer_size() > self._skip_bytes:
            return False  # what it misses still differs at the next look
        payload = watch.news(found)
        if payload is None:
            return False
        subscriber.send(payload)
        return True


def _union(groups: Iterable[Sequence[UserId]]) -> list[UserId]:
    return list(dict.fromkeys(user for group in groups for user in group))
