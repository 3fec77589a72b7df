"""The hand-written service that the product is measured against keeps the same contract."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aiohttp.test_utils import TestClient, TestServer

from benchmarks.baseline_naive import EXCHANGE, make_app
from scoreboard.auth.issue import GrantedAction, TokenIssuer
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import load_keys, write_keys
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from tests.harness import new_user

PATIENCE_S = 10
DELTA = 25


@dataclass
class Naive:
    """The service, and players who use it."""

    client: TestClient[Any, Any]
    issuer: TokenIssuer

    def grant(self, user: UserId, delta: int = DELTA) -> GrantedAction:
        return self.issuer.grant_action(
            user_id=user, board_id=MAIN_BOARD, delta=delta, act="win", life_s=60, now_s=time.time()
        )

    async def redeem(
        self, user: UserId, granted: GrantedAction, delta: int = DELTA, bearer_of: str = ""
    ) -> tuple[int, Any]:
        """Status and body."""
        bearer = self.issuer.issue_bearer(
            subject=bearer_of or user, scopes=["scores:write"], life_s=60, now_s=time.time()
        )
        headers = {"Authorization": f"Bearer {bearer}", "X-Action-Nonce": granted.nonce}
        body = {"userId": user, "delta": delta, "actionToken": granted.token}
        async with self.client.post("/scores/increment", headers=headers, json=body) as response:
            return response.status, await response.json(content_type=None)

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body."""
        async with self.client.get(path) as response:
            return response.status, await response.json(content_type=None)


@pytest.fixture
async def naive(
    empty_database_url: str, redis_url: str, amqp_url: str, tmp_path: Path
) -> AsyncIterator[Naive]:
    keys_file = tmp_path / "keys" / "keys.json"
    write_keys(keys_file, generate_keys("hs256"))
    app = make_app(
        {
            "DATABASE_URL": empty_database_url,
            "REDIS_URL": redis_url,
            "AMQP_URL": amqp_url,
            "SCOREBOARD_KEYS_FILE": str(keys_file),
        }
    )
    async with TestClient(TestServer(app)) as client:
        yield Naive(client, TokenIssuer(load_keys(keys_file), "scoreboard"))


async def test_an_increment_is_added_up_ranked_and_published(naive: Naive, amqp_url: str) -> None:
    connection = await aio_pika.connect(amqp_url)
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue(exclusive=True)
        first, second = new_user(), new_user()
        await queue.bind(EXCHANGE, f"main.{second}")
        assert await naive.redeem(first, naive.grant(first)) == (200, {"score": 25, "rank": 1})
        assert await naive.redeem(first, naive.grant(first)) == (200, {"score": 50, "rank": 1})
        assert await naive.redeem(second, naive.grant(second)) == (200, {"score": 25, "rank": 2})
        async with asyncio.timeout(PATIENCE_S):
            message = await anext(aiter(queue.iterator(no_ack=True)))
    published = json.loads(message.body)
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
    assert {**published, "updatedAt": ""} == {
        "userId": second,
        "score": 25,
        "rank": 2,
        "updatedAt": "",
    }


async def test_a_token_counts_once_also_when_sent_20_times_at_once(naive: Naive) -> None:
    user = new_user()
    granted = naive.grant(user)
    answers = await asyncio.gather(*(naive.redeem(user, granted) for _ in range(20)))
    codes = sorted((status, body.get("code", "")) for status, body in answers)
    assert codes == [(200, ""), *[(400, "nonce_reused")] * 19]
    assert (await naive.get(f"/scores/{user}"))[1]["score"] == DELTA


async def test_what_the_tokens_do_not_say_is_refused(naive: Naive) -> None:
    user, other = new_user(), new_user()
    granted = naive.grant(user)
    forged = GrantedAction(granted.token[:-4] + "AAAA", granted.nonce, granted.expires_at_s)
    renamed = GrantedAction(granted.token, naive.grant(user).nonce, granted.expires_at_s)
    answers = [
        await naive.redeem(user, granted, delta=26),
        await naive.redeem(user, granted, bearer_of=other),
        await naive.redeem(other, granted),
        await naive.redeem(user, forged),
        await naive.redeem(user, renamed),
    ]
    assert [(status, body["code"]) for status, body in answers] == [
        (403, "action_delta_mismatch"),
        (403, "insufficient_scope"),
        (403, "action_user_mismatch"),
        (403, "token_invalid"),
        (403, "action_nonce_mismatch"),
    ]
    assert (await naive.get(f"/scores/{user}"))[0] == 404


async def test_reads_show_users_in_order_and_ties_share_a_rank(naive: Naive) -> None:
    users = [new_user() for _ in range(3)]
    for user, delta in zip(users, (10, 30, 10), strict=True):
        await naive.redeem(user, naive.grant(user, delta), delta)
    _, top = await naive.get("/scores/top?limit=3")
    assert [(each["score"], each["rank"]) for each in top["entries"]] == [(30, 1), (10, 2), (10, 2)]
    assert top["entries"][0]["userId"] == users[1]
    _, standing = await naive.get(f"/scores/{users[2]}")
    assert (standing["score"], standing["rank"]) == (10, 2)
    assert (await naive.get("/scores/top?limit=51"))[0] == 400
