"""Simulated players, who earn points the way that everybody must: over HTTP, with tokens.

A game server asks `POST /actions` for each grant, the player redeems it with a Bearer token of
his own. Nothing here knows the database.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
import msgspec

from cli.client import read_problem
from cli.playground.names import Player
from scoreboard.auth.issue import TokenIssuer
from scoreboard.domain.claims import Scope

GAME_SERVER = "dev-game-server"
BEARER_LIFE_S = 900
REFRESH_BEFORE_S = 60
AT_ONCE_MAX = 64
TIMEOUT_S = 15.0
BEHIND_MAX_S = 1.0
RATE_WINDOW_S = 10.0
PAUSE_FIRST_S = 0.5
PAUSE_MAX_S = 8.0
PASSING_STATUSES = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something players do, worth `least` to `most` points; `weight` is how often it happens."""

    action: str
    least: int
    most: int
    weight: int


DEEDS = (Deed("coin", 1, 5, 70), Deed("level-won", 25, 25, 24), Deed("boss", 100, 100, 6))


class Grant(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `POST /actions`."""

    action_token: str
    nonce: str


@dataclass(slots=True)
class Tally:
    """What became of the players' deeds; refusals by their code."""

    applied: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    _recent_s: deque[float] = field(default_factory=deque)
    _started_s: float = field(default_factory=time.monotonic)

    def note_applied(self) -> None:
        """Counts an increment that the service has confirmed."""
        self.applied += 1
        self._recent_s.append(time.monotonic())

    def per_second(self) -> float:
        """Increments per second over the last ten seconds."""
        now_s = time.monotonic()
        while self._recent_s and now_s - self._recent_s[0] > RATE_WINDOW_S:
            self._recent_s.popleft()
        return len(self._recent_s) / max(1.0, min(RATE_WINDOW_S, now_s - self._started_s))


class Refused(Exception):
    """The service refused a request; `is_passing` ones are worth another try after a pause."""

    def __init__(self, code: str, retry_after_s: float | None, *, is_passing: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s
        self.is_passing = is_passing


class Credentials:
    """Bearer tokens of all who take part, each renewed before it expires."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer
        self._tokens: dict[str, tuple[str, float]] = {}

    def headers(self, subject: str, scope: Scope) -> dict[str, str]:
        """The Authorization header of a subject."""
        now_s = time.time()
        token, renew_at_s = self._tokens.get(subject, ("", 0.0))
        if now_s >= renew_at_s:
            token = self._issuer.issue_bearer(
                subject=subject, scopes=[scope], life_s=BEARER_LIFE_S, now_s=now_s
            )
            self._tokens[subject] = (token, now_s + BEARER_LIFE_S - REFRESH_BEFORE_S)
        return {"Authorization": f"Bearer {token}"}


class Simulation:
    """Lets `players` act `rate` times a second in all, at random moments."""

    def __init__(
        self, base_url: str, issuer: TokenIssuer, players: Sequence[Player], rate: float
    ) -> None:
        self._base_url = base_url
        self._credentials = Credentials(issuer)
        self._players = players
        self._rate = rate
        self._chance = random.SystemRandom()
        self._failures = 0
        self._pause_until_s = 0.0
        self.tally = Tally()

    async def run(self) -> None:
        """Until cancelled; whatever the service answers, it goes on."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        seats = asyncio.Semaphore(AT_ONCE_MAX)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            due_s = time.monotonic()
            while True:
                due_s = max(due_s, self._pause_until_s, time.monotonic() - BEHIND_MAX_S)
                due_s += self._chance.expovariate(self._rate)
                await asyncio.sleep(due_s - time.monotonic())
                await seats.acquire()
                play = tasks.create_task(self._play(session))
                play.add_done_callback(lambda _: seats.release())

    async def _play(self, session: aiohttp.ClientSession) -> None:
        player = self._chance.choice(self._players)
        (deed,) = self._chance.choices(DEEDS, [each.weight for each in DEEDS])
        try:
            await self._earn(session, player, deed)
        except Refused as refused:
            self.tally.refused[refused.code] += 1
            if refused.is_passing:
                self._pause(refused.retry_after_s)
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError):
            self.tally.refused["unreachable"] += 1
            self._pause(None)
        else:
            self._failures = 0
            self.tally.note_applied()

    async def _earn(self, session: aiohttp.ClientSession, player: Player, deed: Deed) -> None:
        delta = self._chance.randint(deed.least, deed.most)
        asked = {"userId": player.user_id, "action": deed.action, "delta": delta}
        server = self._credentials.headers(GAME_SERVER, Scope.GRANT)
        grant = msgspec.json.decode(
            await self._post(session, "/actions", asked, server), type=Grant
        )
        redeemed = {"userId": player.user_id, "delta": delta, "actionToken": grant.action_token}
        mine = self._credentials.headers(player.user_id, Scope.WRITE)
        headers = {**mine, "X-Action-Nonce": grant.nonce}
        await self._post(session, "/scores/increment", redeemed, headers)

    async def _post(
        self,
        session: aiohttp.ClientSession,
        path: str,
        document: dict[str, object],
        headers: dict[str, str],
    ) -> bytes:
        """The body of a success; raises Refused."""
        async with session.post(self._base_url + path, json=document, headers=headers) as response:
            body = await response.read()
            if response.ok:
                return body
            retry_after = response.headers.get("Retry-After", "")
            raise Refused(
                read_problem(body).code,
                float(retry_after) if retry_after.isdecimal() else None,
                is_passing=response.status in PASSING_STATUSES,
            )

    def _pause(self, wanted_s: float | None) -> None:
        """Everybody rests: what the service asked for, else longer with each failure in a row."""
        self._failures += 1
        own_s = min(PAUSE_MAX_S, PAUSE_FIRST_S * 2 ** min(self._failures, 10))
        self._pause_until_s = max(
            self._pause_until_s, time.monotonic() + (own_s if wanted_s is None else wanted_s)
        )
