"""Instances that each do a part of the whole."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.checker import until
from tests.cli.program import run
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.relay.watching import watching

REST = (("GET", "/scores/top"), ("POST", "/scores/increment"), ("POST", "/actions"))
LIVE = (("GET", "/ws"), ("GET", "/sse"))
ALWAYS = (("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/openapi.json"))
PAGES = ("/", "/docs")


async def _until_bus_is_up(scoreboard: Scoreboard) -> None:
    async def is_up() -> bool:
        readiness = await scoreboard.get("/readyz")
        return bool(readiness.body["dependencies"]["bus"] == "up")

    await until(is_up)


@pytest.mark.parametrize("bus", ["rabbitmq", "redis"])
async def test_an_instance_for_each_role_are_one_service_together(
    backends: Backends, amqp_url: str, bus: str
) -> None:
    shared = dataclasses.replace(backends, amqp_url=amqp_url if bus == "rabbitmq" else "")
    # Without a repair within the test: only the bus can bring the news.
    quiet = {"websocket_repair_s": 1000.0}
    async with (
        run_scoreboard(shared, roles=("relay",)) as relay,
        run_scoreboard(shared, roles=("api",)) as api,
        run_scoreboard(shared, roles=("gateway",), **quiet) as gateway,
    ):
        for each in (relay, api, gateway):
            await _until_bus_is_up(each)
        user_id = new_user()
        async with watching(gateway) as watcher:
            for total in (25, 50):
                assert (await api.increment(user_id, 25)).status == 200
                await watcher.until_scores(total)


@pytest.mark.parametrize(
    ("role", "there", "not_there"),
    [
        pytest.param("api", REST, LIVE, id="api"),
        pytest.param("gateway", LIVE, REST, id="gateway"),
        pytest.param("relay", (), (*REST, *LIVE), id="relay"),
    ],
)
async def test_an_instance_has_the_routes_of_its_role_and_the_probes(
    backends: Backends,
    role: str,
    there: tuple[tuple[str, str], ...],
    not_there: tuple[tuple[str, str], ...],
) -> None:
    async with run_scoreboard(backends, roles=(role,)) as running:
        for method, path in (*there, *ALWAYS):
            assert (await running.send(method, path)).status != 404, path
        for path in PAGES:
            async with running.session.get(running.url + path) as page:
                assert page.status == 200, path
        for method, path in not_there:
            answer = await running.send(method, path)
            assert (answer.status, answer.code) == (404, "not_found"), path


@pytest.mark.parametrize("given", ["option", "variable"])
@pytest.mark.parametrize(
    ("roles", "told"),
    [
        pytest.param("api,replay", "'replay', which is none of api, gateway, relay", id="unknown"),
        pytest.param(" , ", "at least one of api, gateway, relay", id="none"),
    ],
)
def test_roles_that_do_not_exist_are_told_in_one_sentence(
    roles: str, told: str, given: str, tmp_path: Path
) -> None:
    variables = {
        "SCOREBOARD_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere",
        "SCOREBOARD_REDIS_URL": "redis://127.0.0.1:1",
    }
    if given == "option":
        result = run("serve", "--roles", roles, cwd=tmp_path, env=variables)
    else:
        result = run("serve", cwd=tmp_path, env={**variables, "SCOREBOARD_ROLES": roles})
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert len(result.err.splitlines()) == 1
