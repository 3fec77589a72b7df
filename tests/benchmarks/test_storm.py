"""Clients that are lost come back with what they have, and hold the board that was really sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from itertools import islice, pairwise

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.beside import Beside
from benchmarks.made_up_boards import messages, small_changes
from benchmarks.open_loop import Outcome
from benchmarks.returning import Crowd, Report, Return, come_back
from benchmarks.sections.storm import Storm
from benchmarks.shown import NOTHING, OutOfStep, Shown, apply
from benchmarks.visitor import AGAIN, FIRST, Ended, Visitor
from scoreboard.bus.protocol import ViewMessage
from scoreboard.gateway.framing import text_frame
from scoreboard.gateway.history import History
from tests.checker import until

PATIENCE_S = 20
ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def published(count: int) -> list[ViewMessage]:
    return list(islice(messages(small_changes()), count))


def delta(old: ViewMessage, new: ViewMessage) -> bytes:
    history = History()
    history.add(old)
    history.add(new)
    found = history.delta_since(old.version)
    assert found is not None
    return found


def rows_of(message: ViewMessage) -> tuple[tuple[str, int, int], ...]:
    entries = msgspec.json.decode(message.frame)["entries"]
    return tuple((each["userId"], each["score"], each["rank"]) for each in entries)


def test_deltas_make_the_board_that_was_published() -> None:
    boards = published(50)
    shown = apply(NOTHING, boards[0].frame)
    for old, new in pairwise(boards):
        shown = apply(shown, delta(old, new))
        assert shown.rows == rows_of(new)
    assert shown.version == boards[-1].version


def test_what_leaves_and_what_comes_is_placed_as_the_delta_says() -> None:
    rows = (("a", 30, 1), ("b", 20, 2), ("c", 10, 3))
    changed = [{"userId": "n", "score": 25, "rank": 2, "position": 2}]
    changed.append({"userId": "b", "score": 20, "rank": 3, "position": 3})
    frame = {"type": "delta", "epoch": "e", "version": 8, "base": 7, "changed": changed}
    shown = apply(Shown("e", 7, rows), json.dumps({**frame, "removed": ["c"]}).encode())
    assert shown.rows == (("a", 30, 1), ("n", 25, 2), ("b", 20, 3))


def test_a_frame_is_applied_ignored_or_out_of_step_by_its_versions() -> None:
    first, second, third = published(3)
    shown = apply(NOTHING, second.frame)
    assert apply(shown, first.frame) is shown
    assert apply(shown, delta(first, second)) is shown
    assert apply(shown, b'{"type":"ping"}') is shown
    with pytest.raises(OutOfStep):
        apply(apply(NOTHING, first.frame), delta(second, third))
    with pytest.raises(OutOfStep):
        apply(Shown("another epoch", second.version, ()), delta(second, third))
    assert apply(Shown("another epoch", 10**9, ()), first.frame).version == first.version


def test_a_visitor_shows_what_comes_and_asks_for_what_he_missed() -> None:
    first, second, third = published(3)
    visitor = Visitor()
    assert visitor.begin() == FIRST
    assert visitor.feed(ANSWER[:20]) == b""
    assert not visitor.is_upgraded
    assert visitor.feed(ANSWER[20:] + text_frame(first.frame)) == b""
    assert visitor.is_current
    asked = visitor.feed(text_frame(delta(second, third)))
    subscribe = {"type": "subscribe", "view": "top:10", "epoch": first.epoch}
    assert json.loads(asked[8:]) == {**subscribe, "version": first.version}
    assert visitor.out_of_step == 1
    visitor.feed(text_frame(delta(first, third)))
    assert visitor.shown.rows == rows_of(third)


def test_a_visitor_comes_back_with_what_he_has_and_when_he_was_told() -> None:
    first, second = published(2)
    visitor = Visitor()
    visitor.begin()
    visitor.feed(ANSWER + text_frame(first.frame) + b"\x89\x00")
    visitor.feed(text_frame(b'{"type":"bye","code":4001,"reconnectInMs":[500,1000]}'))
    assert visitor.wait_s == (0.5, 1.0)
    with pytest.raises(Ended):
        visitor.feed(b"\x88\x02\x0f\xa1")
    visitor.end()
    assert visitor.begin() == AGAIN
    asked = visitor.feed(ANSWER)
    assert json.loads(asked[8:])["version"] == first.version
    assert not visitor.is_current
    visitor.feed(text_frame(delta(first, second)))
    assert visitor.is_current


@pytest.mark.parametrize(
    "received",
    [
        b"",
        b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
        ANSWER + text_frame(b'{"type":"error","code":"x"}'),
    ],
)
def test_a_connection_of_no_use_is_ended(received: bytes) -> None:
    visitor = Visitor()
    visitor.begin()
    with pytest.raises(Ended):
        visitor.feed(received)


async def test_a_crowd_that_is_cut_comes_back_and_is_counted() -> None:
    first, second = published(2)
    sockets: list[web.WebSocketResponse] = []
    asked: list[dict[str, object]] = []
    refused = iter([True])

    async def handle(request: web.Request) -> web.StreamResponse:
        if "view" not in request.query and next(refused, False):
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if "view" in request.query:
            await socket.send_bytes(b"")  # is no text, and shows nothing
            await socket.send_str(first.frame.decode())
            sockets.append(socket)
        async for message in socket:
            asked.append(message.json())
            await socket.send_str(delta(first, second).decode())
        return socket

    async def have_asked() -> bool:
        return len(asked) == 4

    app = web.Application()
    app.router.add_get("/ws", handle)
    async with TestServer(app) as server, asyncio.timeout(PATIENCE_S):
        assert server.port is not None
        clients = Beside[Report](come_back, Crowd((server.port,), server.port, 4))
        await asyncio.to_thread(clients.__enter__)
        try:
            for socket in sockets:
                await socket.close()
            await until(have_asked)
            await asyncio.sleep(0.3)  # a sample or two
            report = await asyncio.to_thread(clients.collect)
        finally:
            await asyncio.to_thread(clients.__exit__, None, None, None)
    assert {each["version"] for each in asked} == {first.version}
    assert len(report.returns) == 4
    assert all(each.lost_s <= each.connected_s <= each.shown_s for each in report.returns)
    assert sorted(each.attempts for each in report.returns) == [1, 1, 1, 2]
    assert report.failures == {"HTTP/1.1 503 Service Unavailable": 1}
    assert report.boards == Counter({(second.epoch, second.version, rows_of(second)): 4})
    assert {(here, true) for _, here, true in report.samples} >= {(4, 4)}


def test_a_storm_is_told_from_the_cut_on() -> None:
    returns = [Return(100.0, 101.0, 100.0 + took_s, 1) for took_s in (1.0, 2.0, 3.0)]
    dues_s = [number * 0.5 for number in range(20)]  # the first was due at 96
    latencies_s = [0.05 if 4 <= due < 6 else 0.01 for due in dues_s]
    outcome = Outcome(10.0, 20, latencies_s, dues_s, start_s=96.0)
    figures = Storm(100.0, outcome, Report(returns=returns)).figures()
    assert (figures["lost"], figures["median s"], figures["max s"]) == (3, 2, 3)
    assert figures["p99 during / before"] == pytest.approx(5)
