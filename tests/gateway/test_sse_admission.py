"""Who may open a stream: the WebSocket's rules, and CORS."""

from __future__ import annotations

import pytest

from tests.gateway.events import greeted, listen
from tests.gateway.service import Service, serve, snapshot

ALLOWED = "https://board.example"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid_payload"),
        ("view=top:11", "invalid_payload"),
        ("view=top:10&board=nowhere", "not_found"),
        ("board=main&board=other", "invalid_payload"),
        ("view=top:10&token=secret", "invalid_payload"),
        ("view=top:10&access_token=secret", "invalid_payload"),
    ],
)
async def test_a_url_that_means_nothing_here_is_refused(query: str, code: str) -> None:
    async with serve() as service:
        assert await service.refused(query, "/sse") == code


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "https://board.example:8443"])
async def test_pages_of_foreign_origins_are_refused(origin: str) -> None:
    async with serve(allowed_origins=(ALLOWED,)) as service:
        assert await service.refused("view=top:10", "/sse", Origin=origin) == "policy_denied"


async def test_a_page_that_is_let_in_may_read_and_caches_keep_origins_apart() -> None:
    async with serve(allowed_origins=(ALLOWED,)) as service:
        for origin in (ALLOWED, "http://test"):
            async with listen(service, Origin=origin) as client:
                assert client.headers["Access-Control-Allow-Origin"] == origin
                assert client.headers["Vary"] == "Origin"


async def test_a_program_without_an_origin_is_let_in() -> None:
    async with serve(allowed_origins=(ALLOWED,)) as service, listen(service) as client:
        assert client.status.endswith("200 OK")
        assert "Access-Control-Allow-Origin" not in client.headers


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
async def test_other_methods_end_at_once(method: str) -> None:
    async with serve() as service:
        url = service.server.make_url("/sse?view=top:10")
        async with service.session.request(method, url) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET")


async def test_streams_and_websockets_share_the_cap_of_all() -> None:
    async with serve(websocket_max=1) as service:
        async with greeted(service):
            assert await service.refused("view=top:10") == "overloaded"
            await _see_one_gone(service)
        async with service.connect():
            assert await service.refused("view=top:10", "/sse") == "overloaded"


async def _see_one_gone(service: Service) -> None:
    (stream,) = service.streams()
    stream.cut()
    await service.gone(stream)


async def test_streams_and_websockets_share_the_cap_of_an_address() -> None:
    async with serve(websocket_max_per_ip=1) as service, greeted(service):
        assert await service.refused("view=top:10") == "rate_limited"
        other = {"X-Test-Ip": "192.0.2.2"}
        async with service.connect(headers=other):
            assert await service.refused("view=top:10", "/sse", **other) == "rate_limited"


async def test_a_program_reads_the_stream_line_by_line() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        url = service.server.make_url("/sse?view=top:10")
        async with service.session.get(url) as answer:
            lines = [await answer.content.readline() for _ in range(4)]
    assert lines[0].startswith(b"retry: ")
    assert lines[1:3] == [b"\n", b"id: e1:1:main:top:10\n"]
    assert lines[3] == b"data: " + snapshot(1).frame + b"\n"
