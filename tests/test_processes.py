"""Several processes on one PostgreSQL and Redis behave as one service."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg

from scoreboard.auth.issue import TokenIssuer
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from tests.harness import Backends, new_user

ROOT = Path(__file__).parent.parent
PROCESSES = 3
COPIES = 50
EXIT_TIMEOUT_S = 30


@asynccontextmanager
async def _serve(backends: Backends) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A `scoreboard serve` process and its URL, as its log tells it."""
    assert backends.keys
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        "serve",
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
        },
    )
    assert process.stdout is not None
    url = ""
    while not url:
        line = await process.stdout.readline()
        assert line, "serve ended before it served"
        event = json.loads(line)
        url = event["url"] if event["event"] == "serving" else ""
    drained = asyncio.create_task(process.stdout.read())
    try:
        yield url, process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), EXIT_TIMEOUT_S)
        await drained


async def _redeem(
    session: aiohttp.ClientSession, url: str, bearer: str, user_id: UserId, token: str, nonce: str
) -> tuple[int, str]:
    async with session.post(
        f"{url}/scores/increment",
        headers={"Authorization": f"Bearer {bearer}", "X-Action-Nonce": nonce},
        json={"userId": user_id, "delta": 25, "actionToken": token},
    ) as response:
        body = await response.json(content_type=None)
        return response.status, body.get("code", "")


async def test_one_token_sent_50_times_over_3_processes_counts_once(backends: Backends) -> None:
    issuer = TokenIssuer(backends.keys, "scoreboard")
    user_id = new_user()
    bearer = issuer.issue_bearer(
        subject=user_id, scopes=["scores:write"], life_s=600, now_s=time.time()
    )
    granted = issuer.grant_action(
        user_id=user_id, board_id=MAIN_BOARD, delta=25, act="win", life_s=60, now_s=time.time()
    )
    async with AsyncExitStack() as stack:
        running = await asyncio.gather(
            *(stack.enter_async_context(_serve(backends)) for _ in range(PROCESSES))
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        answers = await asyncio.gather(
            *(
                _redeem(
                    session,
                    running[number % PROCESSES][0],
                    bearer,
                    user_id,
                    granted.token,
                    granted.nonce,
                )
                for number in range(COPIES)
            )
        )
    assert sorted(answers) == [(200, ""), *[(400, "nonce_reused")] * (COPIES - 1)]
    connection = await asyncpg.connect(backends.database_url)
    try:
        assert await connection.fetchval("SELECT sum(delta) FROM score_events") == 25
    finally:
        await connection.close()


async def test_sigterm_under_load_loses_nothing_and_ends_with_0(backends: Backends) -> None:
    issuer = TokenIssuer(backends.keys, "scoreboard")
    users = [new_user() for _ in range(8)]
    acknowledged = 0

    async def play(session: aiohttp.ClientSession, url: str, user_id: UserId) -> None:
        nonlocal acknowledged
        bearer = issuer.issue_bearer(
            subject=user_id, scopes=["scores:write"], life_s=600, now_s=time.time()
        )
        while True:
            granted = issuer.grant_action(
                user_id=user_id,
                board_id=MAIN_BOARD,
                delta=25,
                act="win",
                life_s=60,
                now_s=time.time(),
            )
            try:
                status, _ = await _redeem(
                    session, url, bearer, user_id, granted.token, granted.nonce
                )
            except aiohttp.ClientError:
                return
            acknowledged += status == 200
            if acknowledged == 40:
                enough.set()

    enough = asyncio.Event()
    async with _serve(backends) as (url, process), aiohttp.ClientSession() as session:
        players = [asyncio.create_task(play(session, url, user_id)) for user_id in users]
        await enough.wait()
        process.send_signal(signal.SIGTERM)
        await asyncio.gather(*players)
        assert await process.wait() == 0
    connection = await asyncpg.connect(backends.database_url)
    try:
        written = await connection.fetchval("SELECT count(*) FROM score_events")
        total = await connection.fetchval("SELECT sum(score) FROM user_scores")
    finally:
        await connection.close()
    # An answer may be lost with its connection, never the other way round.
    assert acknowledged <= written
    assert total == written * 25
