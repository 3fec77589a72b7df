"""Several processes on one PostgreSQL and Redis behave as one service."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

import aiohttp

from scoreboard.auth.issue import TokenIssuer
from tests.checker import check_invariants, connect
from tests.harness import Backends
from tests.processes import DELTA, Player, check_acknowledged, playing, serving, until_earned

PROCESSES = 3
COPIES = 50


async def test_one_token_sent_50_times_over_3_processes_counts_once(backends: Backends) -> None:
    player = Player(TokenIssuer(backends.keys, "scoreboard"))
    granted = player.grant()
    async with AsyncExitStack() as stack:
        running = await asyncio.gather(
            *(stack.enter_async_context(serving(backends)) for _ in range(PROCESSES))
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        answers = await asyncio.gather(
            *(
                player.redeem(session, running[number % PROCESSES].url, granted)
                for number in range(COPIES)
            )
        )
    codes = sorted((status, body.get("code", "")) for status, body in answers)
    assert codes == [(200, ""), *[(400, "nonce_reused")] * (COPIES - 1)]
    async with connect(backends.database_url) as connection:
        assert await connection.fetchval("SELECT sum(delta) FROM score_events") == DELTA


async def test_sigterm_under_load_loses_nothing_and_ends_with_0(backends: Backends) -> None:
    issuer = TokenIssuer(backends.keys, "scoreboard")
    async with serving(backends) as served, playing(issuer, served.url) as players:
        await until_earned(players, 5)
        served.process.send_signal(signal.SIGTERM)
        assert await served.process.wait() == 0
    await check_acknowledged(backends.database_url, players)
    await check_invariants(backends.database_url)
