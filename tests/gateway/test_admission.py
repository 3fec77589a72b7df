"""Who is let in, decided before the upgrade."""

from __future__ import annotations

import pytest

from scoreboard.domain.frames import SUBPROTOCOL
from tests.gateway.service import Service, serve, snapshot


def _own_origin(service: Service, scheme: str = "http") -> str:
    return f"{scheme}://{service.server.host}:{service.server.port}"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("view=top:11", "invalid_payload"),
        ("view=top:10&view=me", "auth_required"),
        ("view=around:26", "invalid_payload"),
        ("view=users", "invalid_payload"),
        ("view=users&users=nobody", "invalid_payload"),
        ("view=top:10&users=0b0f6d7e-0000-4000-8000-000000000001", "invalid_payload"),
        ("view=", "invalid_payload"),
        ("view=top:10&board=nowhere", "not_found"),
        ("view=top:10&board=NOT+A+BOARD", "not_found"),
        ("board=main&board=other", "invalid_payload"),
        ("view=top:10&token=secret", "invalid_payload"),
        ("access_token=secret", "invalid_payload"),
    ],
)
async def test_a_url_that_means_nothing_here_is_refused(query: str, code: str) -> None:
    async with serve() as service:
        assert await service.refused(query) == code


async def test_more_views_than_a_socket_may_show_are_refused() -> None:
    async with serve(websocket_views_max=1) as service:
        assert await service.refused("view=top:10&view=top:50") == "invalid_payload"


async def test_a_request_that_is_no_handshake_is_refused() -> None:
    async with serve() as service:
        assert await service.refused("view=top:10", Upgrade="h2c") == "invalid_payload"
        broken = {"Sec-WebSocket-Key": "short"}
        assert await service.refused("view=top:10", **broken) == "invalid_payload"


async def test_the_subprotocol_is_chosen_when_offered() -> None:
    async with serve() as service:
        async with service.connect(protocols=["other", SUBPROTOCOL]) as client:
            assert client.socket.protocol == SUBPROTOCOL
        foreign = {"Sec-WebSocket-Protocol": "graphql-ws"}
        assert await service.refused(**foreign) == "invalid_payload"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "https://board.example.evil.example",
        "https://evilboard.example",
        "https://board.example:8443",
        "http://board.example",
        "https://board.example/",
        "https://user@board.example",
        "https://board.example, https://evil.example",
        "file://",
    ],
)
async def test_pages_of_foreign_origins_are_refused(origin: str) -> None:
    async with serve(allowed_origins=("https://board.example",)) as service:
        assert await service.refused("view=top:10", Origin=origin) == "policy_denied"


async def test_own_and_allowed_origins_and_programs_are_let_in() -> None:
    async with serve(allowed_origins=("https://Board.example",)) as service:
        service.views.put(snapshot(1))
        origins = (_own_origin(service), _own_origin(service, "https"), "https://board.example")
        for origin in (*origins, None):
            async with service.connect("view=top:10", origin=origin) as client:
                assert await client.version() == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1.evil.example", "127.0.0.1"])
async def test_a_look_alike_of_the_own_host_is_refused(host: str) -> None:
    async with serve() as service:
        assert await service.refused(Origin=f"http://{host}") == "policy_denied"


async def test_a_star_lets_every_origin_in() -> None:
    async with serve(allowed_origins=("*",)) as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10", origin="https://any.example") as client:
            assert await client.version() == 1


async def test_connections_are_capped_in_all_and_a_seat_is_free_again_after_its_client() -> None:
    async with serve(websocket_max=1) as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10"):
            assert await service.refused("view=top:10") == "overloaded"
            (connection,) = service.connections()
        await service.gone(connection)
        async with service.connect("view=top:10") as client:
            assert await client.version() == 1


async def test_connections_of_one_address_are_capped_and_others_are_not() -> None:
    async with serve(websocket_max_per_ip=1) as service:
        async with service.connect():
            assert await service.refused() == "rate_limited"
            async with service.connect(headers={"X-Test-Ip": "192.0.2.2"}) as client:
                assert not client.socket.closed
            connection = service.connections()[0]
        await service.gone(connection)
        async with service.connect() as client:
            assert not client.socket.closed


async def test_a_view_named_twice_is_shown_once() -> None:
    async with serve(websocket_views_max=1) as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10&view=top:10") as client:
            shown = [await client.version()]
            service.publish(snapshot(2))
            shown.append(await client.version())
    assert shown == [1, 2]


async def test_a_refused_handshake_takes_no_seat() -> None:
    async with serve(websocket_max=1) as service:
        for _ in range(3):
            assert await service.refused("view=nothing") == "invalid_payload"
        async with service.connect() as client:
            assert not client.socket.closed
