"""`GET /sse` shows what `/ws` shows."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from scoreboard.gateway.sse_framing import read_id
from scoreboard.gateway.stream import RETRY_MS
from tests.gateway.events import greeted, listen
from tests.gateway.service import HANDSHAKE, PATIENCE_S, serve, snapshot

TWO_VIEWS = "view=top:10&view=top:50"


async def test_a_bare_client_gets_a_snapshot_at_once_and_a_delta_after_each_change() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with listen(service) as client:
            greeting = await client.event()
            assert greeting.retry_ms is not None
            assert RETRY_MS[0] <= greeting.retry_ms <= RETRY_MS[1]
            first = await client.event()
            assert (first.id, first.data) == ("e1:1:main:top:10", json.loads(snapshot(1).frame))
            for version in (2, 3):
                service.publish(snapshot(version))
                event = await client.event()
                assert event.id == f"e1:{version}:main:top:10"
                assert (event.data["type"], event.data["base"]) == ("delta", version - 1)


async def test_a_websocket_and_a_stream_show_the_same_json() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with greeted(service) as stream, service.connect("view=top:10") as socket_client:
            assert (await stream.event()).data == await socket_client.frame()
            service.publish(snapshot(2))
            assert (await stream.event()).data == await socket_client.frame()


async def test_the_head_lets_nothing_be_stored_held_back_or_chunked() -> None:
    async with serve() as service, listen(service) as client:
        assert client.status == "HTTP/1.1 200 OK"
        assert client.headers["Content-Type"] == "text/event-stream"
        assert client.headers["Cache-Control"] == "no-store"
        assert client.headers["X-Accel-Buffering"] == "no"
        assert client.headers["Connection"] == "close"
        assert client.headers["Server"] == "scoreboard"
        assert not client.headers.keys() & {"Transfer-Encoding", "Content-Length"}


async def test_nothing_is_compressed_although_the_client_could_read_it() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with listen(service, Accept_Encoding="gzip, br") as client:
            assert "Content-Encoding" not in client.headers
            await client.event()
            assert await client.version() == 1


async def test_a_client_of_http_1_0_is_served_the_same_bytes() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with listen(service, http="1.0") as client:
            assert client.status == "HTTP/1.0 200 OK"
            await client.event()
            assert await client.version() == 1
            service.publish(snapshot(2))
            assert await client.version() == 2


async def test_two_views_and_another_board_are_shown_and_told_apart() -> None:
    async with serve() as service:
        service.views.put(snapshot(4, board="other"))
        service.views.put(snapshot(7, board="other", view="top:50"))
        async with greeted(service, f"{TWO_VIEWS}&board=other") as client:
            shown = [await client.event() for _ in range(2)]
            assert [each.id for each in shown] == ["e1:4:other:top:10", "e1:7:other:top:50"]
            service.publish(snapshot(8, board="other", view="top:50"))
            assert (await client.event()).id == "e1:8:other:top:50"


@pytest.mark.parametrize("watched", ["top:10", "top:50"])
async def test_whoever_returns_with_the_current_version_is_told_that_it_is(watched: str) -> None:
    # Where another client watches the same view it is there already, else it is loaded first.
    async with serve() as service:
        service.views.put(snapshot(5))
        async with (
            greeted(service, f"view={watched}"),
            listen(service, Last_Event_ID="e1:5:main:top:10") as client,
        ):
            await client.event()
            event = await client.event()
            assert event.id == "e1:5:main:top:10"
            assert (event.data["type"], event.data["base"]) == ("delta", 5)
            assert (event.data["changed"], "removed" in event.data) == ([], False)
            service.publish(snapshot(6))
            assert (await client.event()).data["base"] == 5


@pytest.mark.parametrize("watched", ["top:10", "top:50"])
async def test_whoever_returns_is_never_sent_back_to_an_older_version(watched: str) -> None:
    # Another instance had shown 7 already.
    async with serve() as service:
        service.views.put(snapshot(5))
        async with (
            greeted(service, f"view={watched}"),
            listen(service, Last_Event_ID="e1:7:main:top:10") as client,
        ):
            await client.event()
            for version in (6, 7, 8, 9):
                service.publish(snapshot(version))
            events = [await client.event() for _ in range(2)]
            assert [(each.data["base"], each.data["version"]) for each in events] == [
                (7, 8),
                (8, 9),
            ]


@pytest.mark.parametrize(
    "known",
    [
        "e1:4:main:top:10",
        "e0:5:main:top:10",
        "e1:5:other:top:10",
        "e1:5:main:top:50",
        "e1:5",
        "5",
        "e1:x:main:top:10",
        "é:5:main:top:10",
        "",
    ],
)
async def test_whoever_returns_with_anything_else_gets_a_snapshot(known: str) -> None:
    async with serve() as service:
        service.views.put(snapshot(5))
        async with (
            listen(service, Last_Event_ID=known) as first,
            listen(service, Last_Event_ID=known) as second,
        ):
            for client in (first, second):
                await client.event()
                assert await client.version() == 5


async def test_of_two_views_only_the_one_that_the_id_names_goes_on() -> None:
    async with serve() as service:
        service.views.put(snapshot(5))
        service.views.put(snapshot(5, view="top:50"))
        async with listen(service, TWO_VIEWS, Last_Event_ID="e1:5:main:top:10") as client:
            await client.event()
            events = [await client.event() for _ in range(2)]
            assert {each.id: each.data["type"] for each in events} == {
                "e1:5:main:top:10": "delta",
                "e1:5:main:top:50": "snapshot",
            }
            service.publish(snapshot(6))
            assert (await client.event()).id == "e1:6:main:top:10"


async def test_a_version_that_comes_while_the_stored_one_is_read_is_shown() -> None:
    async with serve() as service:
        service.views.put(snapshot(5))
        service.views.gate.clear()
        async with listen(service, Last_Event_ID="e1:5:main:top:10") as client:
            await client.event()
            await service.views.asked.wait()
            service.hub.receive(snapshot(6))
            assert await client.version() == 6
            service.views.gate.set()


def test_an_id_is_read_as_it_is_written() -> None:
    assert read_id("8f3a:12:main:top:10") == (("main", "top:10"), ("8f3a", 12))


async def test_a_quiet_stream_tells_now_and_then_that_it_lives_and_keeps_the_id() -> None:
    async with serve(websocket_ping_s=0.05) as service, greeted(service) as client:
        for _ in range(2):
            event = await client.event()
            assert (event.id, event.data) == (None, {"type": "ping"})


async def test_a_client_that_leaves_is_noticed_at_once_and_its_seat_is_free() -> None:
    async with serve(websocket_max=1) as service:
        async with greeted(service):
            (stream,) = service.streams()
        await service.gone(stream)
        assert not any(each.subscribers for each in service.hub._channels.values())
        assert service.metrics.sockets_closed.labels(code="1001")._value.get() == 1
        assert service.metrics.sockets._value.get() == 0
        async with greeted(service):
            pass


async def test_what_a_client_says_after_its_request_is_dropped() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with listen(service, more=b"GET /ws HTTP/1.1\r\nHost: test\r\n\r\n" * 50) as client:
            await client.event()
            assert await client.version() == 1
            service.publish(snapshot(2))
            assert await client.version() == 2


@pytest.mark.parametrize("path", ["/ws", "/sse"])
async def test_a_request_with_a_body_is_refused_and_takes_no_seat(path: str) -> None:
    async with serve(websocket_max=1) as service:
        url = service.server.make_url(f"{path}?view=top:10")
        asked = service.session.get(url, headers=HANDSHAKE, data=b"body")
        async with asyncio.timeout(PATIENCE_S), asked as answer:
            assert (await answer.json())["code"] == "invalid_payload"
        async with greeted(service):
            pass


async def test_a_body_that_never_comes_is_refused_and_ends_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serve() as service:
        sized = listen(service, Content_Length="9", more=b"half")
        chunked = listen(service, Transfer_Encoding="chunked")
        for listening in (sized, chunked):
            async with listening as client:
                assert client.status == "HTTP/1.1 400 Bad Request"
                assert not service.streams()
    assert not caplog.records


async def test_a_peer_that_vanished_is_given_up_by_the_system() -> None:
    async with serve() as service, greeted(service):
        peer: socket.socket = service.streams()[0].transport.get_extra_info("socket")
        option = getattr(socket, "TCP_USER_TIMEOUT", None)
        assert option is None or peer.getsockopt(socket.IPPROTO_TCP, option) == 35_000
