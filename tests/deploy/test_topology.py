"""One of two instances dies or is replaced under load, and nobody is harmed."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from scoreboard.auth.issue import TokenIssuer
from scoreboard.web.problems import STATUS_BY_CODE
from tests.checker import check_invariants, connect, until, until_settled
from tests.deploy.files import DEPLOY
from tests.deploy.haproxy import PrivateHAProxy
from tests.deploy.load import Load
from tests.deploy.topology import balanced
from tests.harness import Backends, run_scoreboard
from tests.servers.rabbitmq import free_ports

PLAYERS = 8
WATCHERS = 3
"""Of each kind."""


@pytest.fixture
def shared(backends: Backends, amqp_url: str) -> Backends:
    """Stores for several hosts."""
    return dataclasses.replace(backends, amqp_url=amqp_url)


def _load(shared: Backends, url: str) -> Load:
    return Load(TokenIssuer(shared.keys, "scoreboard"), url, players=PLAYERS, watchers=WATCHERS)


async def _check_totals(shared: Backends, load: Load) -> None:
    """Each player's total is what he knows to be applied: nothing lost, nothing twice."""
    async with connect(shared.database_url) as connection:
        rows = await connection.fetch("SELECT user_id, score FROM user_scores")
    totals = {str(row["user_id"]): row["score"] for row in rows}
    assert totals == {each.user_id: each.total for each in load.players}
    await until_settled(shared.database_url)
    await check_invariants(
        shared.database_url, redis_url=shared.redis_url, redis_prefix=shared.redis_prefix
    )


async def _converge(shared: Backends, load: Load) -> None:
    """Every watcher is connected and shows what the ledger says."""
    scores = sorted((each.total for each in load.players), reverse=True)

    async def all_show_it() -> bool:
        return all(
            each.is_connected and [entry["score"] for entry in each.screen.entries] == scores
            for each in load.watchers
        )

    await until(all_show_it)


async def _all_connected(load: Load) -> None:
    async def are_connected() -> bool:
        return all(each.is_connected for each in load.watchers)

    await until(are_connected)


async def test_an_instance_killed_under_load_harms_nobody_who_sends_again(
    shared: Backends, tmp_path: Path
) -> None:
    async with balanced(shared, tmp_path) as topology:
        load = _load(shared, topology.url)
        async with load.watching():
            async with load.playing():
                await _all_connected(load)
                await load.more(100)
                await topology.kill(0)
                await load.more(300)
                await topology.start(0)
                await topology.is_used(0)
            await _converge(shared, load)
            await _check_totals(shared, load)
            # What was under way broke off; whoever came later was led past the dead instance.
            assert len(load.troubles) <= PLAYERS
            returned = [each for each in load.watchers if len(each.changes) > 1]
            assert returned
            assert not any(each.farewells for each in load.watchers)


async def test_an_instance_that_drains_under_load_is_noticed_by_no_player(
    shared: Backends, tmp_path: Path
) -> None:
    async with balanced(shared, tmp_path) as topology:
        load = _load(shared, topology.url)
        async with load.watching():
            async with load.playing():
                await _all_connected(load)
                await load.more(100)
                assert await topology.stop(0) == 0
                await load.more(100)
            await _converge(shared, load)
            await _check_totals(shared, load)
            assert load.troubles == []
            returned = [each for each in load.watchers if len(each.changes) > 1]
            assert returned
            assert all(each.farewells == 1 for each in returned)


async def test_an_instance_that_takes_no_connection_holds_nobody_up_for_a_second(
    backends: Backends, tmp_path: Path
) -> None:
    async with run_scoreboard(backends) as running:
        port = urlsplit(running.url).port or 0
        with _deaf() as deaf, PrivateHAProxy(tmp_path, [deaf, port]) as balancer:
            began_s = time.monotonic()
            # The first of them is the first one's turn, and no check has failed yet.
            statuses = [await _read_top(balancer.url, "127.0.0.1", "127.0.0.1") for _ in range(2)]
            assert (statuses, time.monotonic() - began_s < 1) == ([200, 200], True)


@contextmanager
def _deaf() -> Iterator[int]:
    """A port whose queue of connections is full, as that of an instance that hangs."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        with suppress(TimeoutError):
            while True:
                waiting = socket.create_connection(listener.getsockname(), timeout=0.1)
                stack.enter_context(waiting)
        yield listener.getsockname()[1]


async def test_addresses_are_those_of_clients_whatever_they_claim(
    backends: Backends, tmp_path: Path
) -> None:
    proxies = (ipaddress.ip_network("127.0.0.1/32"),)
    limits = {"rate_ip_burst": 3, "rate_ip_per_s": 0.001, "trusted_proxies": proxies}
    async with run_scoreboard(backends, **limits) as running:
        port = urlsplit(running.url).port or 0
        with PrivateHAProxy(tmp_path, [port, port]) as balancer:
            statuses = [
                await _read_top(balancer.url, "127.0.0.2", f"203.0.113.{n}") for n in range(4)
            ]
            assert statuses == [200, 200, 200, 429]
            assert await _read_top(balancer.url, "127.0.0.3", "127.0.0.2") == 200


async def _read_top(url: str, source: str, claimed: str) -> int:
    connector = aiohttp.TCPConnector(local_addr=(source, 0))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(f"{url}/scores/top", headers={"X-Forwarded-For": claimed}) as answer,
    ):
        return answer.status


async def test_without_any_instance_the_balancer_answers_with_a_problem_of_ours(
    tmp_path: Path,
) -> None:
    with PrivateHAProxy(tmp_path, free_ports(2)) as balancer:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{balancer.url}/scores/top") as answer,
        ):
            assert (answer.status, answer.content_type) == (503, "application/problem+json")
            assert answer.headers["Retry-After"] == "1"
            assert (await answer.json(content_type=None))["code"] == "overloaded"


@pytest.mark.parametrize("status", ["502", "503", "504"])
def test_what_the_balancer_answers_itself_is_a_problem_with_a_code_of_ours(status: str) -> None:
    line = rf"http-error status {status} content-type application/problem\+json string '([^']*)'"
    (text,) = re.findall(line, (DEPLOY / "haproxy.cfg").read_text())
    problem = json.loads(text)
    assert problem["code"] in STATUS_BY_CODE
    assert problem["status"] == int(status)
