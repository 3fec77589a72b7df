"""Players and watchers that do what the documentation asks of clients, and note what they meet."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from scoreboard.auth.issue import GrantedAction, TokenIssuer
from scoreboard.domain.identifiers import MAIN_BOARD
from tests.harness import new_user

DELTA = 25
PATIENCE_S = 30.0
PAUSE_S = 0.02
"""Between two actions, so that the load leaves the machine some room: an instance starts in it."""
RETRY_S = (0.05, 0.15)
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same request is sent again."""


@dataclass(frozen=True)
class Attempt:
    """One request of a player: when it was answered (monotonic), and `trouble` if it was not."""

    ended_s: float
    took_s: float
    trouble: str = ""


class Player:
    """A user who redeems one action after the other, each until he knows what became of it."""

    def __init__(self, issuer: TokenIssuer, note: Callable[[Attempt], None]) -> None:
        self._issuer = issuer
        self._note = note
        self.user_id = new_user()
        self.applied = 0
        now_s = time.time()
        self._bearer = issuer.issue_bearer(
            subject=self.user_id, scopes=["scores:write"], life_s=600, now_s=now_s
        )

    async def play(self, session: aiohttp.ClientSession, url: str, enough: asyncio.Event) -> None:
        """Until it is enough; the last action is seen through too."""
        while not enough.is_set():
            granted = self._issuer.grant_action(
                user_id=self.user_id,
                board_id=MAIN_BOARD,
                delta=DELTA,
                act="win",
                life_s=60,
                now_s=time.time(),
            )
            async with asyncio.timeout(PATIENCE_S):
                await self._see_through(session, url, granted)
            self.applied += 1
            await asyncio.sleep(PAUSE_S)

    async def _see_through(
        self, session: aiohttp.ClientSession, url: str, granted: GrantedAction
    ) -> None:
        while True:
            if await self._redeem(session, url, granted):
                return
            await asyncio.sleep(random.uniform(*RETRY_S))  # noqa: S311 - no secret

    async def _redeem(
        self, session: aiohttp.ClientSession, url: str, granted: GrantedAction
    ) -> bool:
        """Whether it is certainly applied now; False to send it again."""
        started_s = time.monotonic()
        trouble = ""
        try:
            async with session.post(
                f"{url}/scores/increment",
                headers={
                    "Authorization": f"Bearer {self._bearer}",
                    "X-Action-Nonce": granted.nonce,
                },
                json={"userId": self.user_id, "delta": DELTA, "actionToken": granted.token},
            ) as answer:
                body = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as error:
            trouble = type(error).__name__
        else:
            is_applied = answer.status == 200 or body.get("applied") is True
            assert is_applied or answer.status in AGAIN, (answer.status, body)
            trouble = "" if is_applied else f"{answer.status} {body['code']}"
        ended_s = time.monotonic()
        self._note(Attempt(ended_s, ended_s - started_s, trouble))
        return not trouble


@dataclass
class Watcher:
    """A client of `/ws` or `/sse` that comes back whenever it is sent away or cut off."""

    path: str
    is_connected: bool = False
    changes: list[tuple[float, int]] = field(default_factory=list)
    """When (monotonic) it was connected, +1, and disconnected, −1."""
    farewells: int = 0
    shown: list[dict[str, Any]] = field(default_factory=list)
    """The entries of the latest snapshot."""
    _last_id: str = ""
    _return_ms: tuple[int, int] = (100, 300)

    async def watch(self, session: aiohttp.ClientSession, url: str) -> None:
        """Until cancelled."""
        listen: Callable[[aiohttp.ClientSession, str], Awaitable[None]]
        listen = self._listen_to_socket if self.path == "/ws" else self._listen_to_stream
        while True:
            self._return_ms = (100, 300)
            try:
                await listen(session, f"{url}{self.path}?view=top:10")
            except (aiohttp.ClientError, ConnectionError):
                pass  # refused or cut off: the same as an end without a farewell
            finally:
                self._note_connection(is_connected=False)
            await asyncio.sleep(random.uniform(*self._return_ms) / 1000)  # noqa: S311 - no secret

    async def _listen_to_socket(self, session: aiohttp.ClientSession, url: str) -> None:
        async with session.ws_connect(url) as socket:
            self._note_connection(is_connected=True)
            versions: list[int] = []
            async for message in socket:
                self._take(json.loads(message.data), versions)

    async def _listen_to_stream(self, session: aiohttp.ClientSession, url: str) -> None:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        timeout = aiohttp.ClientTimeout(total=None)
        async with session.get(url, headers=headers, timeout=timeout) as answer:
            if answer.status != 200:
                return
            self._note_connection(is_connected=True)
            versions: list[int] = []
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    self._last_id = value
                elif name == "data":
                    self._take(json.loads(value), versions)

    def _take(self, frame: dict[str, Any], versions: list[int]) -> None:
        if frame["type"] == "bye":
            self.farewells += 1
            self._return_ms = tuple(frame["reconnectInMs"])
        elif frame["type"] == "snapshot":
            assert not versions or frame["version"] > versions[-1], "a version went back"
            versions.append(frame["version"])
            self.shown = frame["entries"]

    def _note_connection(self, *, is_connected: bool) -> None:
        if self.is_connected != is_connected:
            self.is_connected = is_connected
            self.changes.append((time.monotonic(), 1 if is_connected else -1))


class Load:
    """Players and watchers on one address; see `playing` and `watching`."""

    def __init__(self, issuer: TokenIssuer, url: str, *, players: int, watchers: int) -> None:
        self.url = url
        self.attempts: list[Attempt] = []
        self.players = [Player(issuer, self._note) for _ in range(players)]
        self.watchers = [Watcher(path) for _ in range(watchers) for path in ("/ws", "/sse")]
        self._progress = asyncio.Event()

    @property
    def troubles(self) -> list[str]:
        """What players met instead of an answer."""
        return [attempt.trouble for attempt in self.attempts if attempt.trouble]

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """The players play; afterwards each knows what became of every action of his."""
        enough = asyncio.Event()
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as players:
            for player in self.players:
                players.create_task(player.play(session, self.url, enough))
            try:
                yield
            finally:
                enough.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """The watchers watch."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            tasks = [group.create_task(each.watch(session, self.url)) for each in self.watchers]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def more(self, count: int) -> None:
        """Until so many more attempts have been made."""
        goal = len(self.attempts) + count
        async with asyncio.timeout(PATIENCE_S):
            while len(self.attempts) < goal:
                self._progress.clear()
                await self._progress.wait()

    def _note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self._progress.set()
