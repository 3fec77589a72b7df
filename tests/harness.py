"""A running instance of the service, and the means to talk to it as clients do."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from multidict import CIMultiDict

from scoreboard.auth.issue import GrantedAction, TokenIssuer
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.keys import load_keys, write_keys
from scoreboard.bootstrap import Service, open_service
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.settings import Settings

GRANT_LIFE_S = 60
BEARER_LIFE_S = 600

Headers = dict[str, str] | list[tuple[str, str]]


def new_user() -> UserId:
    """A user that no other test knows."""
    return UserId(str(uuid.uuid4()))


@dataclass
class Answer:
    """What came back; `body` is the parsed JSON, None where there was none."""

    status: int
    body: Any
    headers: CIMultiDict[str]

    @property
    def code(self) -> str:
        """The code of a problem; `ok` where it is none."""
        return str(self.body["code"]) if self.status >= 400 else "ok"


@dataclass
class Backends:
    """Where an instance keeps its things; several instances may share them."""

    database_url: str
    redis_url: str
    redis_prefix: str
    keys_file: Path
    amqp_url: str = ""

    @property
    def keys(self) -> KeyRing:
        """The keys, made on first use."""
        if not self.keys_file.exists():
            write_keys(self.keys_file, generate_keys("hs256"))
        return load_keys(self.keys_file)

    def settings(self, **overrides: Any) -> Settings:
        """Settings for one instance on free ports, with limits that no test meets by accident."""
        assert self.keys
        values: dict[str, Any] = {
            "database_url": self.database_url,
            "redis_url": self.redis_url,
            "redis_prefix": self.redis_prefix,
            "amqp_url": self.amqp_url,
            "keys_file": self.keys_file,
            "instance_id": f"test-{uuid.uuid4().hex[:8]}",
            "port": 0,
            "admin_port": 0,
            "rate_ip_per_s": 1e6,
            "rate_ip_burst": 1_000_000,
            "rate_user_per_s": 1e6,
            "rate_user_burst": 1_000_000,
            # The test machine may be busy; no test waits for these.
            "database_timeout_ms": 5000,
            "redis_timeout_ms": 2000,
            **overrides,
        }
        settings = Settings(**values)
        settings.check()
        return settings


@dataclass
class Scoreboard:
    """A client of one running instance that holds its keys."""

    service: Service
    session: aiohttp.ClientSession
    issuer: TokenIssuer
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = self.service.url

    def bearer(self, subject: str, *scopes: str, life_s: int = BEARER_LIFE_S) -> str:
        """A Bearer token; `scores:write` unless scopes are given."""
        return self.issuer.issue_bearer(
            subject=subject,
            scopes=scopes or ("scores:write",),
            life_s=life_s,
            now_s=time.time(),
        )

    def grant(
        self,
        user_id: UserId,
        delta: int,
        *,
        board_id: BoardId = MAIN_BOARD,
        act: str = "win",
        life_s: int = GRANT_LIFE_S,
        now_s: float | None = None,
    ) -> GrantedAction:
        """An action token."""
        return self.issuer.grant_action(
            user_id=user_id,
            board_id=board_id,
            delta=delta,
            act=act,
            life_s=life_s,
            now_s=time.time() if now_s is None else now_s,
        )

    async def increment(
        self,
        user_id: UserId,
        delta: int = 1,
        *,
        granted: GrantedAction | None = None,
        bearer: str | None = None,
        board_id: BoardId = MAIN_BOARD,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Redeems an action, granted for this call unless one is given."""
        granted = granted or self.grant(user_id, delta, board_id=board_id)
        path = "" if board_id == MAIN_BOARD else f"/boards/{board_id}"
        return await self.send(
            "POST",
            f"{path}/scores/increment",
            headers={
                "Authorization": f"Bearer {bearer or self.bearer(user_id)}",
                "X-Action-Nonce": granted.nonce,
                **(headers or {}),
            },
            json={"userId": user_id, "delta": delta, "actionToken": granted.token},
        )

    async def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return await self.send("GET", path, **options)

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        """Any request; `options` are aiohttp's."""
        async with self.session.request(method, self.url + path, **options) as response:
            text = await response.text()
            body = await response.json(content_type=None) if text else None
            return Answer(response.status, body, CIMultiDict(response.headers))

    async def metrics(self) -> str:
        """The exposition text of the admin port."""
        async with self.session.get(self.service.admin_url + "/metrics") as response:
            return await response.text()


@asynccontextmanager
async def run_scoreboard(backends: Backends, **overrides: Any) -> AsyncIterator[Scoreboard]:
    """An instance that serves for as long as the context lasts."""
    settings = backends.settings(**overrides)
    async with open_service(settings) as service, aiohttp.ClientSession() as session:
        yield Scoreboard(service, session, TokenIssuer(backends.keys, settings.issuer))
