"""The live views of a whole instance: real tokens, real stores, real increments."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.ledger.outages import proxied

PATIENCE_S = 20.0


class Watcher:
    """A client of `/ws`."""

    def __init__(self, socket: Any) -> None:  # noqa: ANN401 - aiohttp's
        self._socket = socket

    async def send(self, **message: object) -> None:
        """Sends a JSON text."""
        await self._socket.send_str(json.dumps(message))

    async def until(self, kind: str, **members: object) -> dict[str, Any]:
        """The next frame of this type with these members."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame: dict[str, Any] = json.loads(await self._socket.receive_str())
                if frame["type"] == kind and members.items() <= frame.items():
                    return frame


@asynccontextmanager
async def watching(running: Scoreboard, query: str = "") -> AsyncIterator[Watcher]:
    """A watcher of the instance."""
    async with running.session.ws_connect(f"{running.url}/ws{query}") as socket:
        yield Watcher(socket)


async def test_one_sees_oneself_among_others_by_ones_own_token(scoreboard: Scoreboard) -> None:
    me, rival = new_user(), new_user()
    await scoreboard.increment(rival, 30)
    async with watching(scoreboard) as watcher:
        await watcher.send(type="authenticate", token=scoreboard.bearer(me))
        assert (await watcher.until("authenticated"))["userId"] == me
        await watcher.send(type="subscribe", view="me")
        await watcher.send(type="subscribe", view="around:2")
        assert (await watcher.until("me"))["rank"] is None
        await scoreboard.increment(me, 40)
        assert (await watcher.until("me", score=40))["rank"] == 1
        await scoreboard.increment(rival, 20)
        frame = await watcher.until("me", rank=2)
        assert (frame["score"], frame["of"], frame["version"]) == (40, 2, 1)
        around = await watcher.until("around")
        while [each["userId"] for each in around["entries"]] != [rival, me]:
            around = await watcher.until("around")


@pytest.mark.parametrize("scopes", [("scores:write",), ("actions:grant",)])
async def test_a_token_that_names_no_user_shows_nothing_personal(
    scoreboard: Scoreboard, scopes: tuple[str, ...]
) -> None:
    async with watching(scoreboard) as watcher:
        token = scoreboard.bearer("game-server", *scopes)
        await watcher.send(type="authenticate", token=token)
        assert (await watcher.until("error"))["code"] == "token_invalid"


async def test_the_handshake_may_carry_the_token(scoreboard: Scoreboard) -> None:
    me = new_user()
    await scoreboard.increment(me, 5)
    headers = {"Authorization": f"Bearer {scoreboard.bearer(me)}"}
    url = f"{scoreboard.url}/ws?view=me"
    async with scoreboard.session.ws_connect(url, headers=headers) as socket:
        assert (await Watcher(socket).until("me"))["score"] == 5
    refused = await scoreboard.get("/ws?view=me", headers={"Upgrade": "websocket"})
    assert (refused.status, refused.code) == (401, "auth_required")
    forged = {"Authorization": "Bearer x.y.z"}
    refused = await scoreboard.get("/sse?view=me", headers=forged)
    assert (refused.status, refused.code) == (401, "token_invalid")


async def test_personal_views_go_on_while_redis_is_away(backends: Backends) -> None:
    away = dataclasses.replace(backends, redis_url="redis://127.0.0.1:1/0")
    me, rival = new_user(), new_user()
    async with run_scoreboard(away, personal_s=0.1) as running, watching(running) as watcher:
        assert (await running.increment(me, 5)).status == 200
        await watcher.send(type="subscribe", view="users", users=[me, rival])
        assert (await watcher.until("users"))["entries"] == [{"userId": me, "score": 5, "rank": 1}]
        assert (await running.increment(rival, 9)).status == 200
        frame = await watcher.until("users")
        assert {each["userId"]: each["rank"] for each in frame["entries"]} == {rival: 1, me: 2}


async def test_watchers_are_told_while_the_ledger_is_away(backends: Backends) -> None:
    async with proxied(backends.database_url) as (proxy, url):
        behind = dataclasses.replace(backends, database_url=url)
        settings = {"websocket_repair_s": 0.05, "database_timeout_ms": 500}
        async with (
            run_scoreboard(behind, **settings) as running,
            watching(running, "?view=top:10") as watcher,
        ):
            await watcher.until("snapshot")
            await proxy.cut()
            await watcher.until("status", stale=True)
            async with watching(running, "?view=top:10") as late:
                await late.until("status", stale=True)
                await proxy.restore()
                await late.until("status", stale=False)
            await watcher.until("status", stale=False)
