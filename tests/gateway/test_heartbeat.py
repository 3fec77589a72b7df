"""Clients that live stay, silent ones go."""

from __future__ import annotations

import json
import struct

from tests.gateway.raw import CLOSE, PING, PONG, TEXT, RawClient
from tests.gateway.service import serve, snapshot

PING_S = 0.05
PONG_S = 0.1


async def test_a_client_that_never_answers_a_ping_is_dismissed() -> None:
    async with serve(websocket_ping_s=PING_S, websocket_pong_s=PONG_S) as service:
        client = await RawClient.open(service)
        frames = [await client.frame() for _ in range(3)]
        client.close()
    assert frames[0] == (PING, b"")
    assert frames[1][0] == TEXT
    assert json.loads(frames[1][1]) == {"type": "ping"}
    assert frames[2] == (CLOSE, struct.pack("!H", 4012))


async def test_a_client_that_answers_is_kept_and_served() -> None:
    async with serve(websocket_ping_s=PING_S, websocket_pong_s=PONG_S) as service:
        client = await RawClient.open(service)
        for _ in range(5):  # takes longer than a silent client would be given
            assert (await client.frame())[0] == PING
            await client.send(PONG)
            assert (await client.frame())[0] == TEXT
        service.views.put(snapshot(1))
        await client.send(TEXT, b'{"type":"subscribe","view":"top:10"}')
        opcode, payload = await client.frame()
        client.close()
    assert opcode == TEXT
    assert json.loads(payload)["version"] == 1


async def test_a_clients_own_ping_is_answered_with_its_payload() -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        await client.send(PING, b"hello")
        assert await client.frame() == (PONG, b"hello")
        client.close()
