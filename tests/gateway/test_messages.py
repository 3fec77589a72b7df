"""What a client may say, and what becomes of one who abuses it."""

from __future__ import annotations

import struct

import pytest

from scoreboard.gateway.connection import FAULTS_MAX
from tests.gateway.raw import CLOSE, PING, PONG, TEXT, RawClient, masked
from tests.gateway.service import serve, snapshot


async def test_a_client_subscribes_and_unsubscribes_by_messages() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        service.views.put(snapshot(1, view="top:50"))
        async with service.connect() as client:
            await client.send(type="subscribe", view="top:10")
            await client.send(type="subscribe", view="top:50")
            assert {(await client.frame())["view"] for _ in range(2)} == {"top:10", "top:50"}
            await client.send(type="unsubscribe", view="top:10")
            await client.send(type="subscribe", view="top:50")
            await client.frame()
            service.publish(snapshot(2))
            service.publish(snapshot(2, view="top:50"))
            assert (await client.frame())["view"] == "top:50"


async def test_what_is_sent_with_the_handshake_is_heard() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        early = masked(TEXT, b'{"type":"subscribe","view":"top:10"}') + masked(PING, b"x")
        client = await RawClient.open(service, early=early)
        heard = {await client.frame() for _ in range(2)}
        client.close()
    assert (PONG, b"x") in heard
    assert any(b'"version":1' in payload for _, payload in heard)


async def test_messages_are_heeded_in_order_while_a_board_is_looked_for() -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        service.hold_boards()
        asks = masked(TEXT, b'{"type":"subscribe","view":"top:10","board":"nowhere"}')
        await client.send_bytes(asks + masked(PING, b"second") + asks + masked(PING, b"last"))
        await service.board_asked.wait()
        service.board_gate.set()
        heard = [await client.frame() for _ in range(4)]
        client.close()
    assert [opcode for opcode, _ in heard] == [TEXT, PONG, TEXT, PONG]
    assert [payload for opcode, payload in heard if opcode == PONG] == [b"second", b"last"]


@pytest.mark.parametrize("code", [b"", struct.pack("!H", 1000), struct.pack("!H", 1001)])
async def test_a_client_that_says_close_is_answered_and_forgotten(code: bytes) -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        (connection,) = service.connections()
        await client.send(CLOSE, code)
        assert await client.frame() == (CLOSE, struct.pack("!H", 1000))
        await service.gone(connection)
        with pytest.raises(EOFError):
            await client.frame()
        client.close()
    assert connection.code == (struct.unpack("!H", code)[0] if code else 1005)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (masked(TEXT, b"\xff"), 1007),
        (masked(CLOSE, struct.pack("!H", 999)), 1002),
        (struct.pack("!BBH", 0x81, 0x80 | 126, 4097) + bytes(4), 1009),
        (masked(3), 1002),
    ],
)
async def test_what_is_no_websocket_message_ends_the_connection(sent: bytes, code: int) -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        (connection,) = service.connections()
        await client.send_bytes(sent)
        assert await client.frame() == (CLOSE, struct.pack("!H", code))
        client.close()
        await service.gone(connection)


async def test_a_client_may_leave_while_a_board_is_looked_for() -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        service.hold_boards()
        await client.send(TEXT, b'{"type":"subscribe","view":"top:10"}')
        await service.board_asked.wait()
        (connection,) = service.connections()
        connection.transport.resume_reading()  # as asyncio does where a write fails
        client.close()
        await service.gone(connection)
        service.board_gate.set()
        assert not service.hub._channels


async def test_subscribing_again_brings_the_snapshot_again() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            await client.version()
            await client.send(type="subscribe", view="top:10", epoch="e1", version=1)
            assert await client.version() == 1


async def test_unsubscribing_what_is_not_shown_is_no_fault() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with service.connect() as client:
            await client.send(type="unsubscribe", view="top:10")
            await client.send(type="subscribe", view="top:10")
            assert await client.version() == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_payload"),
        ("not json", "invalid_payload"),
        ("[" * 4000, "invalid_payload"),
        ('{"x":' + "[" * 4000, "invalid_payload"),
        ('{"type":"dance"}', "invalid_payload"),
        ('{"type":"subscribe"}', "invalid_payload"),
        ('{"type":"subscribe","view":7}', "invalid_payload"),
        ('{"type":"subscribe","view":"top:10","extra":1}', "invalid_payload"),
        ('{"type":"subscribe","view":"\\ud800"}', "invalid_payload"),
        ('{"type":"subscribe","view":"top:11"}', "invalid_payload"),
        ('{"type":"subscribe","view":"top:10","board":"nowhere"}', "not_found"),
    ],
)
async def test_a_wrong_message_is_answered_and_the_connection_goes_on(text: str, code: str) -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with service.connect() as client:
            await client.socket.send_str(text)
            error = await client.frame()
            await client.send(type="subscribe", view="top:10")
            assert await client.version() == 1
    assert (error["type"], error["code"]) == ("error", code)


async def test_an_error_names_the_view_that_was_asked_for() -> None:
    async with serve() as service, service.connect() as client:
        await client.send(type="subscribe", view="top:11")
        assert (await client.frame())["view"] == "top:11"


@pytest.mark.parametrize(
    "text", ["nonsense", '{"type":"subscribe","view":"top:10","board":"nowhere"}']
)
async def test_wrong_messages_in_a_row_end_the_connection(text: str) -> None:
    async with serve() as service, service.connect() as client:
        for _ in range(FAULTS_MAX):
            await client.socket.send_str(text)
        for _ in range(FAULTS_MAX):
            await client.frame()
        assert await client.close_code() == 4501


async def test_a_right_message_between_wrong_ones_forgives_them() -> None:
    async with serve(websocket_frames_per_s=100) as service, service.connect() as client:
        for _ in range(2):
            for _ in range(FAULTS_MAX - 1):
                await client.socket.send_str("nonsense")
                await client.frame()
            await client.send(type="unsubscribe", view="top:10")
        assert not client.socket.closed


async def test_a_binary_message_ends_the_connection() -> None:
    async with serve() as service, service.connect() as client:
        await client.socket.send_bytes(b"\x00")
        assert await client.close_code() == 4501


async def test_more_views_than_allowed_end_the_connection() -> None:
    async with serve(websocket_views_max=1) as service, service.connect() as client:
        service.views.put(snapshot(1))
        await client.send(type="subscribe", view="top:10")
        await client.version()
        await client.send(type="subscribe", view="top:10")  # again: not one more
        await client.version()
        await client.send(type="subscribe", view="top:10", board="other")
        assert await client.close_code() == 4505


async def test_a_frame_as_large_as_allowed_is_taken_and_a_larger_one_is_not() -> None:
    async with serve(websocket_frame_max_bytes=1000) as service, service.connect() as client:
        await client.socket.send_str("x" * 1000)
        assert (await client.frame())["type"] == "error"
        await client.socket.send_str("x" * 1001)
        assert await client.close_code() == 1009


@pytest.mark.parametrize("opcode", ["ping", "text"])
async def test_a_flood_ends_the_connection(opcode: str) -> None:
    async with serve() as service, service.connect(autoping=False) as client:
        for _ in range(11):
            if opcode == "ping":
                await client.socket.ping()
            else:
                await client.send(type="unsubscribe", view="top:10")
        assert await client.close_code() == 4029


@pytest.mark.parametrize(("code", "label"), [(1000, "1000"), (1001, "1001"), (3999, "other")])
async def test_a_client_that_leaves_is_counted_by_its_code(code: int, label: str) -> None:
    async with serve() as service:
        async with service.connect() as client:
            (connection,) = service.connections()
            assert service.metrics.sockets._value.get() == 1
            await client.socket.close(code=code)
        await service.gone(connection)
        assert service.metrics.sockets_closed.labels(code=label)._value.get() == 1
        assert service.metrics.sockets._value.get() == 0


async def test_a_client_that_vanishes_is_counted_as_lost() -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        (connection,) = service.connections()
        client.close()
        await service.gone(connection)
        assert service.metrics.sockets_closed.labels(code="1006")._value.get() == 1
