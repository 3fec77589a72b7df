"""The clients of the benchmarks count what became of every request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.closed_loop import percentile, send_all
from benchmarks.open_loop import offer
from benchmarks.requests import reads_of_top

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[int]:
    """The port of a server."""
    app = web.Application()
    app.router.add_get("/scores/top", handler)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port


async def test_a_closed_loop_sends_every_request_once() -> None:
    taken: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        taken.append(request.headers["X-Forwarded-For"])
        return web.Response(status=200 if len(taken) % 5 else 503)

    async with answering(handle) as port:
        result = await send_all(port, reads_of_top(100), 7)
    assert len(taken) == 100
    assert len(set(taken)) > 50
    assert result.statuses == {200: 80, 503: 20}
    assert len(result.latencies_s) == 100


async def test_an_open_loop_tells_answers_from_refusals_by_their_code() -> None:
    numbers = iter(range(1000))

    async def handle(_request: web.Request) -> web.Response:
        if next(numbers) % 4:
            return web.Response(body=b"{}")
        return web.json_response({"code": "overloaded"}, status=503)

    async with answering(handle) as port:
        outcome = await offer((port,), reads_of_top(40), 400, 40)
    assert len(outcome.latencies_s) == 30
    assert outcome.refused == {"overloaded": 10}
    assert (outcome.not_sent, outcome.no_answer) == (0, 0)
    assert outcome.goodput_per_s <= 300


async def test_an_open_loop_does_not_wait_for_a_server_that_is_busy() -> None:
    is_over = asyncio.Event()
    asked = 0

    async def handle(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await is_over.wait()
        return web.Response()

    async with answering(handle) as port:
        offering = asyncio.create_task(offer((port,), reads_of_top(50), 500, 3))
        asyncio.get_running_loop().call_later(0.3, is_over.set)
        outcome = await offering
    assert asked == 3
    assert outcome.not_sent == 47
    # All three waited for the same moment: whoever was due first waited longest.
    assert outcome.latencies_s == sorted(outcome.latencies_s, reverse=True)
    assert len(outcome.latencies_s) == 3


async def test_a_connection_that_the_server_cuts_is_no_answer() -> None:
    async def handle(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with answering(handle) as port:
        outcome = await offer((port,), reads_of_top(5), 1000, 5)
    assert outcome.refused == {"connection_lost": 5}


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(each) for each in range(100, 0, -1)]
    assert [percentile(values, each) for each in (0, 50, 99, 100)] == [1, 51, 100, 100]
    assert percentile([], 99) == 0
