"""Screens note what came when, and what the frames say is read from boards and from deltas."""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.watchers import Screens, by_version, commit_to_screen_s, delays_s, handshake
from benchmarks.watching import Arrivals, Plan, find_frame

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BOARD = b'{"type":"snapshot","version":%d,"entries":[{"userId":"u","score":%d,"rank":1}]}'
DELTA = b'{"type":"delta","version":%d,"base":%d,"changed":[{"userId":"%b","score":%d,"rank":1}]}'


def arrived(frames: dict[bytes, list[float]]) -> Arrivals:
    return Arrivals(by_frame={frame: array("d", times) for frame, times in frames.items()})


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@asynccontextmanager
async def showing(handler: Handler, count: int, *, reads: bool = True) -> AsyncIterator[Screens]:
    """So many screens before a server."""
    app = web.Application()
    app.router.add_get("/ws", handler)
    async with TestServer(app) as server:
        assert server.port is not None
        screens = Screens(Plan(server.port, [handshake()] * count, reads=reads))
        await asyncio.to_thread(screens.__enter__)
        try:
            yield screens
        finally:
            await asyncio.to_thread(screens.__exit__, None, None, None)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_taken_only_when_it_is_whole(size: int) -> None:
    payload = b"x" * size
    if size < 126:
        head = bytes([0x81, size])
    elif size < 65_536:
        head = bytes([0x81, 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x81, 127]) + size.to_bytes(8, "big")
    frame = head + payload
    whole = (1, 3 + len(head), 3 + len(frame))
    assert find_frame(b"abc" + frame + b"more", 3) == whole
    cuts = {0, 1, len(head) - 1, len(frame) - 1}
    assert all(find_frame(b"abc" + frame[:cut], 3) is None for cut in cuts)


async def test_screens_note_what_a_gateway_sends_and_answer_its_pings() -> None:
    pongs: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        await socket.send_str("first")
        await socket.send_str('{"type":"ping"}')
        await socket.ping()
        pongs.append((await socket.receive()).type.name)
        await socket.send_str("last" * 100)
        await socket.receive()
        return socket

    before_s = time.time()
    async with showing(handle, 3) as screens:
        arrivals = Arrivals()
        await asyncio.to_thread(screens.collect_rest, arrivals)
    assert pongs == ["PONG"] * 3
    assert {frame: len(times) for frame, times in arrivals.by_frame.items()} == {
        b"first": 3,
        b"last" * 100: 3,
    }
    assert (arrivals.frames, arrivals.size, arrivals.lost) == (6, 3 * (2 + 5 + 4 + 400), 0)
    assert all(
        before_s < each < time.time() for times in arrivals.by_frame.values() for each in times
    )


async def test_screens_that_are_cut_are_counted() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        request.transport.abort()
        return socket

    async with showing(handle, 2) as screens:
        arrivals = Arrivals()
        await asyncio.to_thread(screens.collect_rest, arrivals)
    assert arrivals.lost == 2


async def test_a_refused_handshake_is_told() -> None:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=429)

    with pytest.raises(ConnectionError, match="429"):
        async with showing(handle, 1):
            pass


def test_a_commit_is_timed_to_the_first_frame_that_shows_it_on_each_screen() -> None:
    arrivals = arrived(
        {
            BOARD % (1, 10): [100.0],
            DELTA % (2, 1, b"u", 12): [101.0],
            DELTA % (2, 0, b"u", 12): [101.5],  # a screen that had missed the version before
            DELTA % (3, 2, b"somebody else", 99): [101.7],
            DELTA % (4, 3, b"u", 13): [102.0],
            b'{"type":"ping"}': [103.0],
        }
    )
    commits = [(11, at(100)), (12, at(100.75))]
    assert commit_to_screen_s(arrivals, "u", commits) == [1.0, 1.5, 0.25, 0.75]


def test_versions_are_told_whatever_they_were_made_from() -> None:
    arrivals = arrived({BOARD % (7, 1): [1.0], DELTA % (7, 5, b"u", 1): [2.0], b"{}": [3.0]})
    assert by_version(arrivals) == {7: [1.0, 2.0]}


def test_whoever_was_skipped_waited_for_the_version_that_came_later() -> None:
    arrivals = arrived(
        {
            BOARD % (1, 1): [10.25, 10.5],
            BOARD % (2, 1): [11.25],
            BOARD % (4, 1): [13.5, 13.75],
        }
    )
    dues_s = {1: 10.0, 2: 11.0, 3: 12.0, 4: 13.0}
    found = sorted(delays_s(arrivals, dues_s, 2))
    # Version 2 came to one screen only, 3 to none: they waited until 4 was on both.
    assert found == [0.25, 0.25, 0.5, 0.5, 0.75, 1.75, 1.75, 2.75]
    assert math.inf in delays_s(arrivals, {**dues_s, 5: 14.0}, 2)
