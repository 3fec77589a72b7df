"""The same contract as most good teams would write it by hand: one step after the other.

    python -m benchmarks.baseline_naive PORT

aiohttp, an asyncpg pool with its prepared statements, redis.asyncio, aio-pika, PyJWT twice. Each
request passes the limits in Redis (one pipeline for its address, one for its user), writes nonce,
total and event in one transaction, puts the score into a sorted set and counts the rank in one
pipeline, publishes a persistent message and awaits its confirm. Nothing is wasted: no access log,
no query that could be left out, no connection opened for a request. What it lacks is what makes
the difference: requests share nothing with each other.

DATABASE_URL, REDIS_URL, AMQP_URL and SCOREBOARD_KEYS_FILE name what it stands on.
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aio_pika
import asyncpg
import jwt
from aiohttp import web
from redis import asyncio as redis

from benchmarks.pyjwt import PyJwtVerifier
from scoreboard.auth.keys import load_keys
from scoreboard.domain.claims import TokenClass

SCHEMA = """
CREATE TABLE IF NOT EXISTS user_scores (
    user_id uuid PRIMARY KEY, score bigint NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS score_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id uuid NOT NULL,
    delta bigint NOT NULL, score_after bigint NOT NULL, nonce text NOT NULL, source text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS action_nonces (
    nonce text PRIMARY KEY, expires_at timestamptz NOT NULL)
"""
ADD_NONCE = """INSERT INTO action_nonces (nonce, expires_at) VALUES ($1, to_timestamp($2))
    ON CONFLICT DO NOTHING RETURNING nonce"""
ADD_SCORE = """INSERT INTO user_scores AS t (user_id, score, updated_at) VALUES ($1, $2, now())
    ON CONFLICT (user_id) DO UPDATE SET score = t.score + $2, updated_at = now()
    RETURNING score, updated_at"""
ADD_EVENT = """INSERT INTO score_events (user_id, delta, score_after, nonce, source)
    VALUES ($1, $2, $3, $4, $5) RETURNING event_id"""
READ_SCORE = "SELECT score, updated_at FROM user_scores WHERE user_id = $1"

RATE_MAX = 1_000_000
"""Requests of one address or user in a second: counted like any limit, never reached here."""

EXCHANGE = "scoreboard.updates"
REDIS_CONNECTIONS = 64
TOP_MAX = 50
NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)
MAX_DELTA = 1_000_000


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Service:
    """The routes over their stores."""

    def __init__(
        self,
        pool: asyncpg.Pool[Any],
        cache: redis.Redis,
        updates: aio_pika.abc.AbstractExchange,
        verifier: PyJwtVerifier,
    ) -> None:
        self._pool = pool
        self._cache: Any = cache  # its types say that every reply may be none that is awaited
        self._updates = updates
        self._verifier = verifier

    async def increment(self, request: web.Request) -> web.Response:
        """POST /scores/increment."""
        await self._limit("ip", _address(request))
        bearer = self._verify(_bearer(request), TokenClass.BEARER, 401)
        user_id, delta, token = _parse(await request.read())
        nonce = request.headers.get("X-Action-Nonce", "")
        if not NONCE.fullmatch(nonce):
            raise Refused(400, "nonce_invalid")
        _check_scope(bearer, user_id)
        action = self._verify(token, TokenClass.ACTION, 403)
        _check_action(action, user_id, delta, nonce)
        await self._limit("user", user_id)
        event_id, score, updated_at = await self._write(uuid.UUID(user_id), delta, action)
        rank = await self._put(user_id, score, updated_at)
        await self._publish(event_id, user_id, score, rank, updated_at)
        return web.json_response({"score": score, "rank": rank})

    async def top(self, request: web.Request) -> web.Response:
        """GET /scores/top."""
        await self._limit("ip", _address(request))
        limit = request.query.get("limit", "10")
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit) <= TOP_MAX):
            raise Refused(400, "invalid_payload")
        found = await self._cache.zrevrange("board", 0, int(limit) - 1, withscores=True)
        entries: list[dict[str, object]] = []
        rank, last = 0, None
        for place, (user_id, score) in enumerate(found, 1):
            rank, last = (rank if score == last else place), score
            entries.append({"userId": user_id.decode(), "score": int(score), "rank": rank})
        return web.json_response({"entries": entries, "generatedAt": _iso(datetime.now(UTC))})

    async def standing(self, request: web.Request) -> web.Response:
        """GET /scores/{userId}."""
        await self._limit("ip", _address(request))
        user_id = _user_id(request.match_info["user_id"])
        pipeline = self._cache.pipeline(transaction=False)
        score, updated = await pipeline.zscore("board", user_id).hget("updated", user_id).execute()
        if score is None or updated is None:
            row = await self._pool.fetchrow(READ_SCORE, uuid.UUID(user_id))
            if row is None:
                raise Refused(404, "not_found")
            score, updated = row["score"], _iso(row["updated_at"]).encode()
        rank = 1 + await self._cache.zcount("board", f"({int(score)}", "+inf")
        return web.json_response(
            {
                "userId": user_id,
                "score": int(score),
                "rank": rank,
                "lastUpdated": updated.decode(),
            }
        )

    async def _limit(self, policy: str, key: str) -> None:
        name = f"rate:{policy}:{key}"
        pipeline = self._cache.pipeline(transaction=False)
        count, _ = await pipeline.incr(name).expire(name, 1).execute()
        if count > RATE_MAX:
            raise Refused(429, "rate_limited")

    def _verify(self, token: str, token_class: TokenClass, status: int) -> dict[str, Any]:
        try:
            return self._verifier.verify(token, token_class)
        except jwt.PyJWTError as error:
            raise Refused(status, "token_invalid") from error

    async def _write(
        self, user_id: uuid.UUID, delta: int, action: dict[str, Any]
    ) -> tuple[int, int, datetime]:
        """Id of the event, total, time. Durable when this returns."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(ADD_NONCE, action["jti"], action["exp"]):
                raise Refused(400, "nonce_reused")
            row = await connection.fetchrow(ADD_SCORE, user_id, delta)
            event_id = await connection.fetchval(
                ADD_EVENT, user_id, delta, row["score"], action["jti"], action["act"]
            )
        return event_id, row["score"], row["updated_at"]

    async def _put(self, user_id: str, score: int, updated_at: datetime) -> int:
        """The rank."""
        pipeline = self._cache.pipeline(transaction=False)
        pipeline.zadd("board", {user_id: score}).hset("updated", user_id, _iso(updated_at))
        *_, above = await pipeline.zcount("board", f"({score}", "+inf").execute()
        return int(above) + 1

    async def _publish(
        self, event_id: int, user_id: str, score: int, rank: int, updated_at: datetime
    ) -> None:
        body = {"userId": user_id, "score": score, "rank": rank, "updatedAt": _iso(updated_at)}
        message = aio_pika.Message(
            json.dumps(body).encode(),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=str(event_id),
        )
        await self._updates.publish(message, routing_key=f"main.{user_id}")


def _address(request: web.Request) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "")
    return forwarded.rpartition(",")[2].strip() or request.remote or "unknown"


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(401, "auth_required")
    return token


def _parse(body: bytes) -> tuple[str, int, str]:
    try:
        parsed = json.loads(body)
        user_id, delta, token = parsed["userId"], parsed["delta"], parsed["actionToken"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, "invalid_payload") from error
    if type(delta) is not int or not 1 <= abs(delta) <= MAX_DELTA or not isinstance(token, str):
        raise Refused(400, "invalid_payload")
    return _user_id(user_id), delta, token


def _user_id(text: object) -> str:
    try:
        return str(uuid.UUID(str(text)))
    except ValueError as error:
        raise Refused(400, "invalid_payload") from error


def _check_scope(bearer: dict[str, Any], user_id: str) -> None:
    scopes = str(bearer.get("scope", "")).split()
    if "scores:bonus" in scopes:
        return
    if "scores:write" not in scopes or bearer["sub"] != user_id:
        raise Refused(403, "insufficient_scope")


def _check_action(action: dict[str, Any], user_id: str, delta: int, nonce: str) -> None:
    if action["sub"] != user_id:
        raise Refused(403, "action_user_mismatch")
    if action.get("delta") != delta:
        raise Refused(403, "action_delta_mismatch")
    if action["jti"] != nonce:
        raise Refused(403, "action_nonce_mismatch")


def _iso(at: datetime) -> str:
    return at.isoformat()


@web.middleware
async def _tell_problems(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401 - aiohttp's
    try:
        response: web.StreamResponse = await handler(request)
    except Refused as refused:
        return web.json_response(
            {"code": refused.code, "status": refused.status},
            status=refused.status,
            content_type="application/problem+json",
        )
    return response


def make_app(environ: Mapping[str, str]) -> web.Application:
    """The service, which opens its stores when it starts."""

    async def open_stores(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            service = await _open(stack, environ)
            app.router.add_post("/scores/increment", service.increment)
            app.router.add_get("/scores/top", service.top)
            app.router.add_get("/scores/{user_id}", service.standing)
            yield

    app = web.Application(middlewares=[_tell_problems])
    app.cleanup_ctx.append(open_stores)
    return app


async def _open(stack: AsyncExitStack, environ: Mapping[str, str]) -> Service:
    keys = load_keys(Path(environ["SCOREBOARD_KEYS_FILE"]))
    pool = await stack.enter_async_context(
        asyncpg.create_pool(environ["DATABASE_URL"], min_size=8, max_size=16)
    )
    await pool.execute(SCHEMA)
    cache = redis.Redis.from_pool(
        redis.BlockingConnectionPool.from_url(
            environ["REDIS_URL"], max_connections=REDIS_CONNECTIONS, timeout=None
        )
    )
    stack.push_async_callback(cache.aclose)
    connection = await aio_pika.connect_robust(environ["AMQP_URL"])
    await stack.enter_async_context(connection)
    channel = await connection.channel(publisher_confirms=True)
    updates = await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
    return Service(pool, cache, updates, PyJwtVerifier(keys, "scoreboard"))


def main() -> None:
    """Serves on the port named in argv until killed."""
    app = make_app(os.environ)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
