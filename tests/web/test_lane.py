"""The express lane answers as the usual way does; what is not for it takes the usual way."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.web.connection import LaneServer
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.support import (
    ABSENT,
    EMPTY,
    PATIENCE_S,
    Draft,
    connected,
    rows,
    totals_locked,
    waiting_backend,
)

Change = dict[str, Any]

REFUSED: dict[str, Change] = {
    "auth_required": {"headers": {"Authorization": ABSENT}},
    "token_invalid": {"headers": {"Authorization": "Bearer x.y.z"}},
    "invalid_payload": {"body": {"delta": "5"}},
    "nonce_missing": {"headers": {"X-Action-Nonce": ABSENT}},
    "nonce_invalid": {"headers": {"X-Action-Nonce": "short"}},
    "action_token_missing": {"body": {"actionToken": ABSENT}},
    "insufficient_scope": {"body": {"userId": new_user()}},
    "action_token_invalid": {"body": {"actionToken": "x.y.z"}},
    "action_delta_mismatch": {"grant": {"delta": 6}},
    "action_nonce_mismatch": {"headers": {"X-Action-Nonce": "A" * 22}},
    "action_token_expired": {"granted_s": 400},
    "version_conflict": {"headers": {"If-Match": '"7"'}},
}


class UsualWays:
    """How many requests aiohttp's own way has begun to handle since this was made."""

    def __init__(self) -> None:
        # Held: what is collected meanwhile would be missing from the sum.
        self._servers = [each for each in gc.get_objects() if isinstance(each, LaneServer)]
        self._before = self._sum()

    @property
    def taken(self) -> int:
        """Of all instances that run."""
        return self._sum() - self._before

    def _sum(self) -> int:
        return sum(each.requests_count for each in self._servers)


async def until(is_so: Callable[[], object]) -> None:
    """Returns once it is."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - the loop's own turns are what is waited for
            await asyncio.sleep(0)


async def ask(running: Scoreboard, *parts: bytes) -> tuple[str, dict[str, str], Any]:
    """Status line, headers and body of the answer to a request that arrives in these parts."""
    async with connected(running) as (reader, writer):
        for part in parts:
            ways = UsualWays()
            writer.write(part)
            if part is not parts[-1]:  # its handler has begun: they are no one segment
                await until(partial(getattr, ways, "taken"))
        return await read_answer(reader)


async def read_answer(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], Any]:
    """The next answer on a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip("\r\n")
    status, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = await reader.readexactly(int(headers["Content-Length"]))
    return status, headers, json.loads(body)


def kept_alive(draft: Draft) -> bytes:
    """The request as clients send it that go on using their connection."""
    return draft.text().replace(b"Connection: close\r\n", b"")


def without_what_differs(answer: tuple[str, dict[str, str], Any]) -> tuple[str, Change, Change]:
    """Names of all headers, values of those that do not tell one request from another."""
    status, headers, body = answer
    varying = ("Date", "X-Request-ID", "Content-Length")
    told = {name: "" if name in varying else value for name, value in headers.items()}
    return status, told, {**body, "requestId": ""}


async def both_ways(make: Callable[[], Draft]) -> tuple[Any, Any]:
    """The answers of lane and usual way to two requests that are alike."""
    running = make().running
    ways = UsualWays()
    whole = await ask(running, kept_alive(make()))
    assert ways.taken == 0, "the lane left it to the usual way"
    request = kept_alive(make())
    parted = await ask(running, request[:-1], request[-1:])
    assert ways.taken == 1
    return whole, parted


async def test_a_receipt_is_the_same_by_both_ways(scoreboard: Scoreboard) -> None:
    first, second = await both_ways(lambda: Draft(scoreboard, headers={"X-Request-ID": "mine"}))
    assert first[0] == "HTTP/1.1 200 OK"
    assert (first[2], second[2]) == ({"score": 5, "rank": 1}, {"score": 5, "rank": 1})
    assert without_what_differs(first) == without_what_differs(second)
    assert first[1]["X-Request-ID"] == second[1]["X-Request-ID"] == "mine"


@pytest.mark.parametrize("code", REFUSED)
async def test_a_refusal_is_the_same_by_both_ways_and_leaves_nothing(
    scoreboard: Scoreboard, backends: Backends, code: str
) -> None:
    first, second = await both_ways(lambda: Draft(scoreboard, **REFUSED[code]))
    assert first[2]["code"] == code
    assert without_what_differs(first) == without_what_differs(second)
    assert await rows(backends.database_url) == EMPTY


async def test_a_spent_token_is_told_the_same_by_both_ways(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard)
    assert (await draft.send()).status == 200
    first, second = await both_ways(lambda: draft)
    assert first[2]["code"] == "nonce_reused"
    assert (first[2]["applied"], first[2]["rank"], first[2]["score"]) == (True, 1, 5)
    assert without_what_differs(first) == without_what_differs(second)


async def test_a_board_of_its_own_has_the_lane_too(scoreboard: Scoreboard, arena: BoardId) -> None:
    ways = UsualWays()
    answer = await ask(scoreboard, kept_alive(Draft(scoreboard, board_id=arena)))
    assert (answer[0], ways.taken) == ("HTTP/1.1 200 OK", 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Content-Type: application/json", b"Content-Type: application/json; charset=utf-8"),
        (b"Host: test", b"Host: test\r\nConnection: close"),
        (b"Host: test", b"Host: test\r\nExpect: 100-continue"),
        (b"Host: test", b"Host: test\r\nContent-Encoding: gzip"),
        (b"POST /scores/increment", b"POST /boards/no-such-board/scores/increment"),
        (b"POST /scores/increment", b"POST /scores/increment?x=1"),
        (b"POST /scores/increment", b"PUT /scores/increment"),
        (b" HTTP/1.1", b" HTTP/1.0"),
    ],
)
async def test_what_is_out_of_the_ordinary_takes_the_usual_way(
    scoreboard: Scoreboard, old: bytes, new: bytes
) -> None:
    ways = UsualWays()
    async with connected(scoreboard) as (reader, writer):
        writer.write(kept_alive(Draft(scoreboard)).replace(old, new, 1))
        assert (await reader.readline()).startswith(b"HTTP/1.")
    assert ways.taken == 1


async def test_an_address_near_its_limit_takes_the_usual_way(backends: Backends) -> None:
    async with run_scoreboard(backends, rate_ip_burst=4, rate_ip_per_s=0.001) as running:
        ways = UsualWays()
        for _ in range(3):
            await ask(running, kept_alive(Draft(running)))
        assert ways.taken == 0
        answers = [await ask(running, kept_alive(Draft(running))) for _ in range(3)]
        assert ways.taken == 3
    assert [answer[0].split(" ")[1] for answer in answers] == ["200", "429", "429"]


async def test_a_user_over_the_limit_is_told_by_the_lane(backends: Backends) -> None:
    async with run_scoreboard(backends, rate_user_burst=1, rate_user_per_s=0.001) as running:
        user_id, ways = new_user(), UsualWays()
        drafts = [Draft(running, user_id=user_id) for _ in range(2)]
        answers = await asyncio.gather(*(ask(running, kept_alive(each)) for each in drafts))
        assert ways.taken == 0
        told = next(each for each in answers if each[0].startswith("HTTP/1.1 429"))
        assert told[1]["RateLimit"].startswith('"user";r=0;t=')
        assert told[1]["RateLimit-Policy"].startswith('"user";q=1;')


async def test_many_requests_on_one_connection_are_answered_in_turn(
    scoreboard: Scoreboard,
) -> None:
    user_id, count = new_user(), 20
    requests = [kept_alive(Draft(scoreboard, user_id=user_id)) for _ in range(count)]
    async with connected(scoreboard) as (reader, writer):
        writer.write(requests[0])
        await writer.drain()
        writer.write(b"".join(requests[1:]))
        answers = [await read_answer(reader) for _ in range(count)]
    assert [answer[2]["score"] for answer in answers] == [5 * each for each in range(1, count + 1)]


async def test_a_client_that_leaves_has_its_increment_all_the_same(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    user_id = new_user()
    async with totals_locked(backends.database_url), connected(scoreboard) as (_, writer):
        writer.write(kept_alive(Draft(scoreboard, user_id=user_id)))
        await waiting_backend(backends.database_url)
    # The next one of the same user is written after it.
    assert (await scoreboard.increment(user_id, 5)).body["score"] == 10


async def test_a_service_that_stops_answers_what_the_lane_has_taken(backends: Backends) -> None:
    serving = run_scoreboard(backends)
    running = await serving.__aenter__()
    async with connected(running) as (reader, writer):
        async with totals_locked(backends.database_url):
            writer.write(kept_alive(Draft(running)))
            await waiting_backend(backends.database_url)
            stopping = asyncio.create_task(serving.__aexit__(None, None, None))
            while running.service._probes.is_ready:  # noqa: ASYNC110 - until it drains
                await asyncio.sleep(0)
        assert (await read_answer(reader))[0] == "HTTP/1.1 200 OK"
        assert await reader.read() == b""
    await stopping


async def test_those_who_are_too_many_are_told_so_at_a_bounded_rate(backends: Backends) -> None:
    limits = {"queue_max": 1, "batches_in_flight": 1, "refusals_per_s": 100}
    async with run_scoreboard(backends, **limits) as running, AsyncExitStack() as stack:
        ends = [await stack.enter_async_context(connected(running)) for _ in range(12)]
        ways = UsualWays()
        loop = asyncio.get_running_loop()
        async with totals_locked(backends.database_url):
            began_s = loop.time()
            for number, (_, writer) in enumerate(ends):
                writer.write(kept_alive(Draft(running)))
                if number == 0:
                    await waiting_backend(backends.database_url)
                    began_s = loop.time()
            told = [await read_answer(reader) for reader, _ in ends[2:]]
            took_s = loop.time() - began_s
        assert {(answer[0], answer[2]["code"]) for answer in told} == {
            ("HTTP/1.1 503 Service Unavailable", "overloaded")
        }
        assert took_s > 0.08  # ten of them, one each 10 ms
        # The one in the batch and the one in the queue are served.
        served = [await read_answer(reader) for reader, _ in ends[:2]]
        assert {answer[0] for answer in served} == {"HTTP/1.1 200 OK"}
        assert ways.taken == 0


def top_request(path: str, *lines: str) -> bytes:
    """A read as clients send it."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: test", *lines, "", ""]).encode()


@pytest.mark.parametrize("path", ["/scores/top", "/scores/top?limit=1", "/boards/arena/scores/top"])
async def test_a_top_that_is_known_is_answered_the_same_by_both_ways(
    backends: Backends, arena: BoardId, path: str
) -> None:
    # Nobody else reads it meanwhile: a relay would.
    kept = {"top_cache_ms": 60_000, "top_fallback_cache_ms": 60_000, "roles": ("api",)}
    async with run_scoreboard(backends, **kept) as running:
        for board_id in (MAIN_BOARD, arena):
            for _ in range(2):
                await running.increment(new_user(), 5, board_id=board_id)
        await ask(running, top_request("/scores/top"))
        ways = UsualWays()
        await ask(running, top_request(path, 'If-None-Match: "none"'))
        assert ways.taken == 1
        usual = await ask(running, top_request(path, 'If-None-Match: "none"'))
        quick = await ask(running, top_request(path))
        assert ways.taken == 2
    assert quick[2] == usual[2]
    assert without_what_differs(quick) == without_what_differs(usual)


@pytest.mark.parametrize(
    "path",
    [
        "/scores/top?limit=0",
        "/scores/top?limit=51",
        "/scores/top?limit=1&x=2",
        "/boards/no/scores/top",
    ],
)
async def test_a_top_that_is_asked_for_otherwise_takes_the_usual_way(
    scoreboard: Scoreboard, path: str
) -> None:
    ways = UsualWays()
    await ask(scoreboard, top_request(path))
    assert ways.taken == 1


async def test_a_top_that_has_to_be_read_takes_the_usual_way(backends: Backends) -> None:
    async with run_scoreboard(
        backends, top_cache_ms=1, top_fallback_cache_ms=1, roles=("api",)
    ) as running:
        await running.increment(new_user(), 5)
        ways = UsualWays()
        await asyncio.sleep(0.01)
        assert (await ask(running, top_request("/scores/top")))[0] == "HTTP/1.1 200 OK"
        assert ways.taken == 1


async def test_reads_of_the_lane_count_against_their_address(backends: Backends) -> None:
    limits = {"rate_ip_burst": 4, "rate_ip_per_s": 0.001, "top_cache_ms": 60_000}
    async with run_scoreboard(backends, **limits) as running:
        answers = [await ask(running, top_request("/scores/top")) for _ in range(6)]
    assert [answer[0].split(" ")[1] for answer in answers] == ["200"] * 4 + ["429"] * 2
