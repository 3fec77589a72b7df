"""The probes and the metrics."""

from __future__ import annotations

import asyncio

import aiohttp

from scoreboard.bootstrap import open_service
from tests.harness import Backends, Scoreboard, new_user
from tests.web.support import PATIENCE_S, Draft

ASKED_FOR = (
    "score_increment_total",
    "score_increment_failures_total",
    "scoreboard_update_latency_ms_bucket",
)


async def test_a_living_process_says_so(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get("/healthz")
    assert (answer.status, answer.body) == (200, {"status": "alive"})
    assert answer.headers["Cache-Control"] == "no-store"


async def test_readiness_tells_how_each_dependency_is(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get("/readyz")
    assert (answer.status, answer.body["status"]) == (200, "ready")
    assert set(answer.body["dependencies"]) == {"postgresql", "redis", "bus"}
    assert set(answer.body["dependencies"].values()) <= {"up", "down"}


async def test_a_draining_instance_is_alive_and_not_ready(backends: Backends) -> None:
    async with aiohttp.ClientSession() as session:
        opened = open_service(backends.settings())
        service = await opened.__aenter__()
        socket = await session.ws_connect(f"{service.url}/ws?view=top:10")
        # The drain goes on for as long as this client does not answer its farewell.
        draining = asyncio.create_task(opened.__aexit__(None, None, None))
        await asyncio.sleep(0)
        async with session.get(f"{service.url}/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["status"] == "draining"
        async with session.get(f"{service.url}/healthz") as answer:
            assert answer.status == 200
        async with asyncio.timeout(PATIENCE_S):
            async for _ in socket:
                continue
            await draining


async def test_metrics_have_the_names_that_were_asked_for(scoreboard: Scoreboard) -> None:
    await scoreboard.increment(new_user())
    await Draft(scoreboard, headers={"Authorization": "Bearer x.y.z"}).send()
    text = await scoreboard.metrics()
    for name in ASKED_FOR:
        assert f"\n{name}" in text
    assert "\nscore_increment_total 1.0" in text
    assert '\nscore_increment_failures_total{code="token_invalid"} 1.0' in text
    assert '\nscoreboard_auth_failures_total{code="token_invalid"} 1.0' in text


async def test_metrics_stand_on_the_admin_port_alone(scoreboard: Scoreboard) -> None:
    assert (await scoreboard.get("/metrics")).status == 404
    for path in ("/scores/top", "/healthz", "/openapi.json"):
        async with scoreboard.session.get(scoreboard.service.admin_url + path) as answer:
            assert answer.status == 404


async def test_metrics_name_no_user(scoreboard: Scoreboard) -> None:
    alice = new_user()
    await scoreboard.increment(alice)
    await scoreboard.get(f"/scores/{alice}")
    assert alice not in await scoreboard.metrics()
