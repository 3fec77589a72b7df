"""Requests as bytes, signed before a measurement begins so that signing is no part of it."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keyring import KeyRing
from scoreboard.domain.identifiers import MAIN_BOARD, UserId

USERS = 1000
ADDRESSES = 1000
DELTA = 25
ACTION_LIFE_S = 300
BEARER_LIFE_S = 3600
HOST = "Host: 127.0.0.1\r\n"


def made_up_users(count: int = USERS) -> list[UserId]:
    """Users who have no score yet."""
    return [UserId(str(uuid.UUID(int=number + 1))) for number in range(count)]


def filled_user(number: int) -> UserId:
    """The user of that number, counted from 0, in a ledger that `ledger_rows.fill` has filled."""
    digest = hashlib.md5(f"user {number}".encode(), usedforsecurity=False).hexdigest()
    return UserId(str(uuid.UUID(digest)))


def address(number: int) -> str:
    """One of the addresses that requests seem to come from; 198.18.0.0/15 is for benchmarks."""
    return f"198.18.{number // 250}.{number % 250 + 1}"


@dataclass
class Signer:
    """Signs for players; remembers their Bearer tokens, as a client does."""

    keys: KeyRing
    _bearers: dict[UserId, str] = field(default_factory=dict)

    def increments(self, users: Sequence[UserId], count: int, delta: int = DELTA) -> list[bytes]:
        """So many increments of users drawn at random, each from one of ADDRESSES addresses."""
        issuer = TokenIssuer(self.keys, "scoreboard")
        now_s = time.time()
        return [
            self._increment(issuer, user, delta, now_s) for user in random.choices(users, k=count)
        ]

    def one_each(self, users: Sequence[UserId], delta: int = DELTA) -> list[bytes]:
        """One increment of every user."""
        issuer = TokenIssuer(self.keys, "scoreboard")
        now_s = time.time()
        return [self._increment(issuer, user, delta, now_s) for user in users]

    def bearer(self, user: UserId) -> str:
        """What the user authenticates himself with."""
        return self._bearer(TokenIssuer(self.keys, "scoreboard"), user, time.time())

    def _increment(self, issuer: TokenIssuer, user: UserId, delta: int, now_s: float) -> bytes:
        granted = issuer.grant_action(
            user_id=user,
            board_id=MAIN_BOARD,
            delta=delta,
            act="win",
            life_s=ACTION_LIFE_S,
            now_s=now_s,
        )
        body = f'{{"userId":"{user}","delta":{delta},"actionToken":"{granted.token}"}}'
        return (
            f"POST /scores/increment HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
            f"X-Forwarded-For: {address(random.randrange(ADDRESSES))}\r\n"
            f"Authorization: Bearer {self._bearer(issuer, user, now_s)}\r\n"
            f"X-Action-Nonce: {granted.nonce}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _bearer(self, issuer: TokenIssuer, user: UserId, now_s: float) -> str:
        if user not in self._bearers:
            self._bearers[user] = issuer.issue_bearer(
                subject=user, scopes=["scores:write"], life_s=BEARER_LIFE_S, now_s=now_s
            )
        return self._bearers[user]


def reads_of_top(count: int) -> list[bytes]:
    """GET /scores/top, each from one of ADDRESSES addresses."""
    return [_get("/scores/top?limit=10") for _ in range(count)]


def reads_of_standings(users: Sequence[UserId], count: int) -> list[bytes]:
    """GET /scores/{userId} of users drawn at random."""
    return [_get(f"/scores/{user}") for user in random.choices(users, k=count)]


def _get(path: str) -> bytes:
    forwarded = f"X-Forwarded-For: {address(random.randrange(ADDRESSES))}\r\n"
    return f"GET {path} HTTP/1.1\r\n{HOST}{forwarded}\r\n".encode()
