"""`scoreboard serve` as a process of its own, and players that use it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from scoreboard.auth.issue import GrantedAction, TokenIssuer
from scoreboard.domain.identifiers import MAIN_BOARD
from tests.checker import connect, until
from tests.harness import Backends, new_user

ROOT = Path(__file__).parent.parent
EXIT_TIMEOUT_S = 30
DELTA = 25
RETRY_S = (0.01, 0.1)
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same request is sent again."""


@dataclass
class ServeProcess:
    """A process that serves; `lines` is its log so far."""

    process: asyncio.subprocess.Process
    url: str = ""
    admin_url: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)

    async def read_log(self) -> None:
        """To the end; fails where a line is no JSON object of its own."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            event = json.loads(line)
            self.lines.append(event)
            if event.get("admin_url"):
                self.url, self.admin_url = event["url"], event["admin_url"]
                return
        assert self.url, "serve ended before it served"


@asynccontextmanager
async def serving(
    backends: Backends, *arguments: str, **settings: str
) -> AsyncIterator[ServeProcess]:
    """Runs until the block is left. Settings are named without prefix, in lower case.

    The process leads a group of its own, as under a shell.
    """
    assert backends.keys
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        "serve",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={
            **os.environ,
            "SCOREBOARD_DATABASE_URL": backends.database_url,
            "SCOREBOARD_REDIS_URL": backends.redis_url,
            "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
            "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
            "SCOREBOARD_PORT": "0",
            "SCOREBOARD_ADMIN_PORT": "0",
            "SCOREBOARD_DATABASE_TIMEOUT_MS": "5000",
            "SCOREBOARD_RATE_USER_BURST": "1000",
            **{f"SCOREBOARD_{name.upper()}": text for name, text in settings.items()},
        },
        start_new_session=True,
    )
    served = ServeProcess(process)
    await served.read_log()
    reading = asyncio.create_task(served.read_log())
    try:
        yield served
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), EXIT_TIMEOUT_S)
        finally:
            with suppress(ProcessLookupError):  # as it should be: nobody is left
                os.killpg(process.pid, signal.SIGKILL)
        await reading


@dataclass(frozen=True)
class Attempt:
    """One request of a player: when it was answered (monotonic), and `trouble` if it was not."""

    ended_s: float
    took_s: float
    trouble: str = ""


class Player:
    """One user who earns, and sends each request again until he knows what became of it."""

    def __init__(
        self, issuer: TokenIssuer, note: Callable[[Attempt], object] = lambda _attempt: None
    ) -> None:
        self._issuer = issuer
        self._note = note
        self.user_id = new_user()
        self.scores: list[int] = []
        """The total after each acknowledged increment."""
        self._bearer = issuer.issue_bearer(
            subject=self.user_id, scopes=["scores:write"], life_s=600, now_s=time.time()
        )

    @property
    def total(self) -> int:
        """What is certainly his: the sum of what was acknowledged."""
        return len(self.scores) * DELTA

    def grant(self) -> GrantedAction:
        """An action of his."""
        return self._issuer.grant_action(
            user_id=self.user_id,
            board_id=MAIN_BOARD,
            delta=DELTA,
            act="win",
            life_s=60,
            now_s=time.time(),
        )

    async def redeem(
        self, session: aiohttp.ClientSession, url: str, granted: GrantedAction
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of one increment of his."""
        async with session.post(
            f"{url}/scores/increment",
            headers={"Authorization": f"Bearer {self._bearer}", "X-Action-Nonce": granted.nonce},
            json={"userId": self.user_id, "delta": DELTA, "actionToken": granted.token},
        ) as response:
            return response.status, await response.json(content_type=None)

    async def play(self, url: str) -> None:
        """Earns as fast as he is answered, until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                await self.earn(session, url)

    async def earn(self, session: aiohttp.ClientSession, url: str) -> None:
        """Redeems one action, and sends it again until it is certainly applied."""
        granted = self.grant()
        while True:
            if await self._attempt(session, url, granted):
                return
            await asyncio.sleep(random.uniform(*RETRY_S))  # noqa: S311 - no secret

    async def _attempt(
        self, session: aiohttp.ClientSession, url: str, granted: GrantedAction
    ) -> bool:
        started_s = time.monotonic()
        trouble = ""
        try:
            status, body = await self.redeem(session, url, granted)
        except (aiohttp.ClientError, TimeoutError) as error:
            trouble = type(error).__name__
        else:
            if status == 200 or body.get("applied") is True:
                self.scores.append(body["score"])
            else:
                assert status in AGAIN, (status, body)
                trouble = f"{status} {body['code']}"
        ended_s = time.monotonic()
        self._note(Attempt(ended_s, ended_s - started_s, trouble))
        return not trouble


@asynccontextmanager
async def playing(issuer: TokenIssuer, url: str, count: int = 8) -> AsyncIterator[list[Player]]:
    """Players who play while the block runs."""
    players = [Player(issuer) for _ in range(count)]
    tasks = [asyncio.create_task(player.play(url)) for player in players]
    try:
        yield players
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended


async def until_earned(players: Sequence[Player], count: int) -> None:
    """Returns once each has earned so many times more."""
    goals = [len(player.scores) + count for player in players]

    async def have_earned() -> bool:
        return all(len(each.scores) >= goal for each, goal in zip(players, goals, strict=True))

    await until(have_earned)


async def check_acknowledged(database_url: str, players: Sequence[Player]) -> None:
    """I3: every acknowledged total is in the ledger, as an event of that user."""
    async with connect(database_url) as connection:
        rows = await connection.fetch("SELECT user_id, score_after FROM score_events")
    written = {(str(row["user_id"]), row["score_after"]) for row in rows}
    for player in players:
        assert {(player.user_id, score) for score in player.scores} <= written
        assert player.scores == sorted(set(player.scores))
