"""`scoreboard serve --workers`: several processes on one port are one service."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from cli.output import CommandFailed
from cli.supervisor.messages import LINE_MAX_BYTES
from cli.supervisor.port import reserve_port
from cli.supervisor.process import SILENCES_MAX, WorkerProcess
from cli.supervisor.supervisor import LONGEST_PAUSE_S, STEADY_S, Pauses
from scoreboard.auth.issue import TokenIssuer
from scoreboard.bootstrap import Service
from scoreboard.domain.errors import ConfigurationError
from tests.checker import PATIENCE_S, check_invariants, until, until_settled
from tests.cli.program import alive, ending, read_json, run, run_apart, started
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.processes import (
    Player,
    ServeProcess,
    check_acknowledged,
    playing,
    serving,
    until_earned,
)
from tests.relay.watching import watching

WORKERS = ("--workers", "2")
COPIES = 50
CANARY = "canary-password"
# Histograms and counters: what must never go back.
COUNTED = re.compile(r"^(\S+(?:_total|_count|_bucket|_sum)(?:\{.*\})?) (\S+)$", re.MULTILINE)


@asynccontextmanager
async def _clients(backends: Backends, served: ServeProcess) -> AsyncIterator[list[Scoreboard]]:
    """One client for each worker: it keeps the one connection that the kernel gave to it."""
    issuer = TokenIssuer(backends.keys, "scoreboard")
    by_worker: dict[str, Scoreboard] = {}
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(PATIENCE_S):
            while len(by_worker) < 2:
                connector = aiohttp.TCPConnector(limit=1)
                session = await stack.enter_async_context(
                    aiohttp.ClientSession(connector=connector)
                )
                client = Scoreboard(cast(Service, served), session, issuer)
                answer = await client.get("/healthz")
                worker = answer.headers["X-Request-ID"].split("-")[1]
                by_worker.setdefault(worker, client)
        assert set(by_worker) == {"1", "2"}
        yield list(by_worker.values())


async def _workers(session: aiohttp.ClientSession, served: ServeProcess) -> dict[int, Any]:
    async with session.get(f"{served.admin_url}/workers") as response:
        document = await response.json()
    return {each["worker"]: each for each in document["workers"]}


async def _until_bus_is_up(client: Scoreboard) -> None:
    async def is_up() -> bool:
        return bool((await client.get("/readyz")).body["dependencies"]["bus"] == "up")

    await until(is_up)


async def test_watchers_of_each_worker_see_what_is_earned_at_the_other(backends: Backends) -> None:
    # Without a repair within the test: only the bus can bring the news.
    quiet = {"instance_id": "w", "websocket_repair_s": "1000"}
    async with (
        serving(backends, *WORKERS, **quiet) as served,
        _clients(backends, served) as clients,
        _clients(backends, served) as watchers,
    ):
        for client in clients:
            await _until_bus_is_up(client)
        async with watching(watchers[0]) as first, watching(watchers[1]) as second:
            assert "\nscoreboard_sockets 2.0\n" in await clients[0].metrics()
            user_id = new_user()
            for number, client in enumerate(clients, 1):
                assert (await client.increment(user_id, 25)).status == 200
                await first.until_scores(25 * number)
                await second.until_scores(25 * number)
        metrics = await clients[0].metrics()
    assert "\nscore_increment_total 2.0\n" in metrics
    assert "\nscoreboard_workers 2.0\n" in metrics
    assert "\nscoreboard_relay_leads 1.0\n" in metrics
    assert {line["worker"] for line in served.lines if line["event"] == "increment"} == {1, 2}
    assert {line["instance"] for line in served.lines} == {"w"}
    assert all(line.get("admin_url") != "" for line in served.lines)


async def test_one_token_sent_50_times_to_two_workers_counts_once(backends: Backends) -> None:
    player = Player(TokenIssuer(backends.keys, "scoreboard"))
    granted = player.grant()
    async with serving(backends, *WORKERS) as served, aiohttp.ClientSession() as session:
        answers = await asyncio.gather(
            *(player.redeem(session, served.url, granted) for _ in range(COPIES))
        )
    codes = sorted((status, body.get("code", "")) for status, body in answers)
    assert codes == [(200, ""), *[(400, "nonce_reused")] * (COPIES - 1)]
    assert {line["worker"] for line in served.lines if line["event"] == "increment"} == {1, 2}


async def test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost(
    backends: Backends,
) -> None:
    issuer = TokenIssuer(backends.keys, "scoreboard")
    async with (
        serving(backends, *WORKERS) as served,
        aiohttp.ClientSession() as session,
        playing(issuer, served.url) as players,
        _watching_metrics(session, served) as scraped,
    ):
        await until_earned(players, 10)
        before = (await _workers(session, served))[1]["pid"]
        os.kill(before, signal.SIGKILL)
        await _until_replaced(session, served, before)
        await until_earned(players, 10)
        await until_settled(backends.database_url)
        assert "\nscoreboard_worker_restarts_total 1.0\n" in scraped[-1]
        assert "\nscoreboard_workers 2.0\n" in scraped[-1]
    await check_acknowledged(backends.database_url, players)
    await check_invariants(backends.database_url)
    (line,) = [each for each in served.lines if each["event"] == "worker ended"]
    assert (line["worker"], line["reason"], line["restart_in_s"]) == (1, "signal 9", 0.0)


async def _until_replaced(
    session: aiohttp.ClientSession, served: ServeProcess, before: int
) -> None:
    """Until worker 1 is another process than `before`, and serves."""

    async def is_replaced() -> bool:
        worker = (await _workers(session, served))[1]
        return bool(worker["pid"] != before and worker["isServing"])

    await until(is_replaced)


async def test_a_worker_that_the_system_cannot_start_is_tried_again_while_others_serve(
    backends: Backends,
) -> None:
    async with serving(backends, *WORKERS) as served, aiohttp.ClientSession() as session:
        workers = await _workers(session, served)
        limits = resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        os.kill(workers[1]["pid"], signal.SIGKILL)

        async def has_failed() -> bool:
            return any(line["event"] == "worker not started" for line in served.lines)

        await until(has_failed)
        assert alive({workers[2]["pid"]})
        resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, limits)
        await _until_replaced(session, served, workers[1]["pid"])


async def test_a_worker_that_hangs_does_not_count_as_serving(backends: Backends) -> None:
    async with serving(backends, *WORKERS) as served, aiohttp.ClientSession() as session:
        hung = (await _workers(session, served))[1]["pid"]

        async def is_missed() -> bool:
            async with session.get(f"{served.admin_url}/metrics") as response:
                return "\nscoreboard_workers 1.0\n" in await response.text()

        os.kill(hung, signal.SIGSTOP)
        try:
            await until(is_missed)
            assert not (await _workers(session, served))[1]["isServing"]
        finally:
            os.kill(hung, signal.SIGCONT)

        async def is_back() -> bool:
            return bool((await _workers(session, served))[1]["isServing"])

        await until(is_back)


@asynccontextmanager
async def _watching_metrics(
    session: aiohttp.ClientSession, served: ServeProcess
) -> AsyncIterator[list[str]]:
    """Every scrape while the block runs; afterwards none may have gone back."""
    scraped: list[str] = []

    async def scrape() -> None:
        while True:
            async with session.get(f"{served.admin_url}/metrics") as response:
                scraped.append(await response.text())

    scraping = asyncio.create_task(scrape())
    try:
        yield scraped
    finally:
        scraping.cancel()
    known: dict[str, float] = {}
    for text in scraped:
        found = {name: float(value) for name, value in COUNTED.findall(text)}
        assert found.keys() >= known.keys()
        assert [name for name, value in known.items() if found[name] < value] == []
        known = found
    assert known["score_increment_total"] > 0


async def test_two_interrupts_under_load_end_every_worker_in_order(backends: Backends) -> None:
    backends.database_url = backends.database_url.replace("postgres@", f"postgres:{CANARY}@")
    issuer = TokenIssuer(backends.keys, "scoreboard")
    async with (
        serving(backends, *WORKERS) as served,
        aiohttp.ClientSession() as session,
        playing(issuer, served.url) as players,
    ):
        workers = await _workers(session, served)
        pids = {each["pid"] for each in workers.values()}
        assert CANARY not in _arguments(pids | {served.process.pid})
        await until_earned(players, 5)
        for _ in range(2):  # the terminal's Ctrl-C reaches the whole group
            os.killpg(served.process.pid, signal.SIGINT)
        assert await served.process.wait() == 0
        assert alive(pids) == set()
    await check_acknowledged(backends.database_url, players)
    await check_invariants(backends.database_url)
    assert CANARY not in json.dumps(served.lines)
    events = [line["event"] for line in served.lines]
    assert not {"worker ended", "worker killed"} & set(events)
    assert events.count("draining") == 3


def _arguments(pids: set[int]) -> str:
    shown = subprocess.run(
        ["ps", "-o", "args=", "-p", ",".join(map(str, pids))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert len(shown.splitlines()) == len(pids)
    return shown


async def test_workers_end_when_their_supervisor_is_killed(backends: Backends) -> None:
    async with serving(backends, *WORKERS) as served:
        async with aiohttp.ClientSession() as session:
            workers = await _workers(session, served)
        pids = {each["pid"] for each in workers.values()}
        assert alive(pids) == pids
        served.process.kill()

        async def have_ended() -> bool:
            return not alive(pids)

        await until(have_ended)
    assert [line["event"] for line in served.lines].count("draining") == 2


@asynccontextmanager
async def _hung_worker(backends: Backends) -> AsyncIterator[WorkerProcess]:
    """A worker that serves, but does nothing any more; afterwards it must have been killed."""
    settings = backends.settings()
    environ = {
        **os.environ,
        "SCOREBOARD_DATABASE_URL": settings.database_url,
        "SCOREBOARD_REDIS_URL": settings.redis_url,
        "SCOREBOARD_KEYS_FILE": str(settings.keys_file),
        "SCOREBOARD_PORT": "0",
    }
    worker = await WorkerProcess.start(1, environ, lambda _families: None)
    await worker.until_serving()
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield worker
            assert await worker.until_ended() == -signal.SIGKILL
    finally:
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
    assert not worker.is_serving


async def test_a_worker_that_does_not_end_in_time_is_killed(backends: Backends) -> None:
    async with _hung_worker(backends) as worker:
        assert await worker.stop(patience_s=0.1) is False


async def test_a_worker_that_hangs_for_good_is_killed(backends: Backends) -> None:
    async with _hung_worker(backends) as worker:
        for _ in range(SILENCES_MAX - 1):
            await worker.look_after(patience_s=0.01)
        assert alive({worker.pid})
        await worker.look_after(patience_s=0.01)


@pytest.mark.parametrize(
    "said", [b"nonsense\n", b"x" * (LINE_MAX_BYTES + 1)], ids=["undecodable", "too-long"]
)
async def test_a_worker_that_cannot_be_understood_is_killed_and_its_start_fails(
    said: bytes,
) -> None:
    mine, its = socket.socketpair()
    with its:
        streams = await asyncio.open_unix_connection(sock=mine, limit=LINE_MAX_BYTES)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import time; time.sleep(60)"), pass_fds=(its.fileno(),)
        )
        worker = WorkerProcess(1, process, streams, lambda _families: None)
        async with asyncio.timeout(PATIENCE_S):
            its.settimeout(0)
            await asyncio.get_running_loop().sock_sendall(its, said)
            with pytest.raises(CommandFailed, match="signal 9"):
                await worker.until_serving()
            await worker.stop(patience_s=PATIENCE_S)


def test_what_keeps_workers_from_starting_is_told_once(backends: Backends, tmp_path: Path) -> None:
    assert backends.keys
    variables = {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_KEYS_FILE": str(tmp_path / "gone.json"),
        "SCOREBOARD_PORT": "0",
        "SCOREBOARD_ADMIN_PORT": "0",
    }
    result = run_apart("serve", *WORKERS, cwd=tmp_path, env=variables)
    assert (result.code, result.out) == (2, "")
    assert "gone.json" in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize("count", ["0", "65", "two"])
def test_a_number_of_workers_that_cannot_be_is_wrong_usage(count: str, tmp_path: Path) -> None:
    assert run("serve", "--workers", count, cwd=tmp_path).code == 2


def test_a_port_that_others_share_already_is_refused() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match=f"Port {port} .*SCOREBOARD_PORT"),
            reserve_port("127.0.0.1", port),
        ):
            raise AssertionError


def test_a_start_waits_for_the_port_while_workers_of_an_earlier_one_drain(
    backends: Backends, tmp_path: Path
) -> None:
    assert backends.keys
    with socket.socket() as earlier:
        earlier.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        earlier.bind(("127.0.0.1", 0))
        earlier.listen()
        port = earlier.getsockname()[1]
        variables = {
            "SCOREBOARD_DATABASE_URL": backends.database_url,
            "SCOREBOARD_REDIS_URL": backends.redis_url,
            "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
            "SCOREBOARD_PORT": str(port),
            "SCOREBOARD_ADMIN_PORT": "0",
        }
        with started("serve", *WORKERS, cwd=tmp_path, env=variables) as process:
            assert read_json(process)["event"] == "waiting for the port"
            earlier.close()
            line = read_json(process)
            while "admin_url" not in line:
                line = read_json(process)
            assert line["url"] == f"http://127.0.0.1:{port}"
            process.terminate()
            assert ending(process).code == 0


def test_a_system_that_cannot_share_ports_is_told_what_to_do() -> None:
    with (
        pytest.raises(ConfigurationError, match="SO_REUSEPORT"),
        reserve_port("127.0.0.1", 0, share=None),
    ):
        raise AssertionError


def test_a_worker_that_dies_young_again_and_again_waits_longer_each_time() -> None:
    pauses = Pauses()
    assert [pauses.after(1.0) for _ in range(4)] == [0.0, 0.5, 1.0, 2.0]
    assert [pauses.after(1.0) for _ in range(9)][-1] == LONGEST_PAUSE_S
    assert pauses.after(STEADY_S) == 0.0
    assert pauses.after(1.0) == 0.5


async def test_each_worker_of_each_instance_admits_its_share_while_redis_is_away(
    backends: Backends,
) -> None:
    backends.redis_url = "redis://127.0.0.1:1"
    limits = {"rate_user_burst": 12, "rate_user_per_s": 0.001}
    async with run_scoreboard(backends, instances=2, workers=3, **limits) as running:
        user_id = new_user()
        statuses = [(await running.increment(user_id)).status for _ in range(3)]
    assert statuses == [200, 200, 429]
