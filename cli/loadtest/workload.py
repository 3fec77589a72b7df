"""What is asked: requests as bytes, drawn by the mix, with tokens that were signed ahead."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from itertools import accumulate
from pathlib import Path

import msgspec

from cli.loadtest.plan import Plan
from cli.loadtest.users import drawer, user_of
from scoreboard import __version__
from scoreboard.auth.issue import GrantedAction, TokenIssuer
from scoreboard.auth.keys import load_keys
from scoreboard.domain.claims import Scope
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, Nonce, UserId

ACTION = "loadtest"
DELTA = 1
GAME_SERVER = "loadtest-game-server"
STOCK_MAX = 20_000
SLICE = 16
"""So many are signed at a time while the load runs: half a millisecond's work."""

BEARER_LIFE_S = 900
RESERVE_S = 20.0
"""Tokens this close to their expiry are not sent any more."""


class Job(msgspec.Struct):
    """A request. Times on the monotonic clock; it is due when the schedule says so."""

    operation: str
    request: bytes
    user_id: UserId | None = None
    due_s: float = 0.0
    sent_s: float = 0.0


class Grant(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `POST /actions`."""

    action_token: str
    nonce: str


def open_issuer(plan: Plan) -> TokenIssuer | None:
    """Whoever signs for this plan, None where nothing is written. Raises ConfigurationError."""
    if plan.writes_share == 0:
        return None
    return TokenIssuer(load_keys(Path(plan.keys_file)), plan.issuer)


class Workload:
    """Draws the requests of one process. `minting_cpu_s` is what signing took of its CPU time."""

    def __init__(self, plan: Plan, issuer: TokenIssuer | None) -> None:
        """`issuer` may be None where nothing is written."""
        self._plan = plan
        self._issuer = issuer
        self._draw_user = drawer(plan.users, plan.zipf)
        self._chance = random.SystemRandom().random
        self._operations = tuple(plan.mix)
        self._weights = tuple(accumulate(plan.mix.values()))
        self._bearers: dict[str, tuple[str, float]] = {}
        self._stock: deque[tuple[Job, float]] = deque()
        self._host = (
            f"Host: {plan.target.authority}\r\nUser-Agent: scoreboard-loadtest/{__version__}\r\n"
        )
        board = "" if plan.board == MAIN_BOARD else f"/boards/{plan.board}"
        self._root = plan.target.path + board
        self._top = self._get("/scores/top?limit=10")
        self.stock_target = 0
        self.minting_cpu_s = 0.0

    def draw(self) -> Job:
        """The next request; with `--grant live` an increment begins with its grant."""
        point = self._chance() * self._weights[-1]
        operation = next(
            name for name, end in zip(self._operations, self._weights, strict=True) if point < end
        )
        if operation == "top":
            return Job("top", self._top)
        if operation == "user":
            return Job("user", self._get(f"/scores/{user_of(self._draw_user())}"))
        return self.draw_increment()

    def draw_increment(self) -> Job:
        """The next increment, or its grant."""
        return self._ask() if self._plan.grant == "live" else self._take()

    async def stock_up(self, wanted: int | None) -> None:
        """Signs for `wanted` requests, None where nobody knows how many there will be."""
        if self._plan.grant == "live" or self._plan.writes_share == 0:
            return
        share = STOCK_MAX if wanted is None else int(wanted * self._plan.writes_share * 1.02) + 1
        self.stock_target = min(STOCK_MAX, share)
        while len(self._stock) < self.stock_target:
            self.refill()
            await asyncio.sleep(0)  # who is told to end must hear it

    def refill(self) -> None:
        """Signs a slice more where some are missing."""
        begun_s = time.process_time()
        for _ in range(min(SLICE, self.stock_target - len(self._stock))):
            self._stock.append(self._sign())
        self.minting_cpu_s += time.process_time() - begun_s

    def follow(self, job: Job, body: bytes) -> Job | None:
        """The increment that a grant was for; None where the answer holds no grant."""
        assert job.user_id is not None
        try:
            grant = msgspec.json.decode(body, type=Grant)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return self._increment(job.user_id, grant.action_token, grant.nonce)

    def _take(self) -> Job:
        now_s = time.monotonic()
        while self._stock:
            job, usable_until_s = self._stock.popleft()
            if now_s < usable_until_s:
                return job
        begun_s = time.process_time()
        job, _ = self._sign()
        self.minting_cpu_s += time.process_time() - begun_s
        return job

    def _sign(self) -> tuple[Job, float]:
        """An increment, and until when it may be sent."""
        assert self._issuer is not None
        user_id = user_of(self._draw_user())
        life_s = self._plan.action_life_s
        granted: GrantedAction = self._issuer.grant_action(
            user_id=user_id,
            board_id=BoardId(self._plan.board),
            delta=DELTA,
            act=ACTION,
            life_s=life_s,
            now_s=time.time(),
        )
        usable_s = max(life_s / 2, life_s - RESERVE_S)
        job = self._increment(user_id, granted.token, granted.nonce)
        return job, time.monotonic() + usable_s

    def _ask(self) -> Job:
        user_id = user_of(self._draw_user())
        body = f'{{"userId":"{user_id}","action":"{ACTION}","delta":{DELTA}}}'
        bearer = self._bearer(GAME_SERVER, Scope.GRANT)
        return Job("grant", self._post(f"{self._root}/actions", bearer, "", body), user_id)

    def _increment(self, user_id: UserId, token: str, nonce: Nonce | str) -> Job:
        body = f'{{"userId":"{user_id}","delta":{DELTA},"actionToken":"{token}"}}'
        bearer = self._bearer(user_id, Scope.WRITE)
        nonce_line = f"X-Action-Nonce: {nonce}\r\n"
        address = f"{self._root}/scores/increment"
        return Job("increment", self._post(address, bearer, nonce_line, body), user_id)

    def _bearer(self, subject: str, scope: Scope) -> str:
        """A Bearer token that outlives every action token signed now."""
        assert self._issuer is not None
        now_s = time.monotonic()
        token, renew_at_s = self._bearers.get(subject, ("", 0.0))
        if now_s >= renew_at_s:
            life_s = BEARER_LIFE_S + self._plan.action_life_s
            token = self._issuer.issue_bearer(
                subject=subject, scopes=[scope], life_s=life_s, now_s=time.time()
            )
            self._bearers[subject] = (token, now_s + BEARER_LIFE_S - RESERVE_S)
        return token

    def _get(self, path: str) -> bytes:
        return f"GET {self._root}{path} HTTP/1.1\r\n{self._host}\r\n".encode()

    def _post(self, path: str, bearer: str, extra: str, body: str) -> bytes:
        return (
            f"POST {path} HTTP/1.1\r\n{self._host}Content-Type: application/json\r\n"
            f"Authorization: Bearer {bearer}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
