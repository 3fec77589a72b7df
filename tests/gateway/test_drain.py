"""The farewell."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.raw import CLOSE, TEXT, RawClient
from tests.gateway.service import PATIENCE_S, Service, serve, snapshot

CROWD = 260
"""More sockets than one batch."""


async def test_every_client_is_told_when_to_return_and_closed() -> None:
    async with serve() as service:
        async with service.connect("view=top:10") as one, service.connect() as two:
            drain = asyncio.create_task(service.gateway.drain())
            for client in (one, two):
                assert await client.frame() == {
                    "type": "bye",
                    "code": 4001,
                    "reconnectInMs": [500, 1000],
                }
                assert await client.close_code() == 4001
            await asyncio.wait_for(drain, PATIENCE_S)
        assert not service.connections()


async def test_new_connections_are_refused_from_then_on() -> None:
    async with serve() as service:
        await service.gateway.drain()
        assert await service.refused("view=top:10") == "overloaded"


async def test_a_drain_waits_for_clients_although_others_left_before() -> None:
    async with serve() as service:
        async with service.connect():
            (first,) = service.connections()
        await service.gone(first)
        async with service.connect() as client:
            drain = asyncio.create_task(service.gateway.drain())
            await client.frame()
            assert not drain.done()
            assert await client.close_code() == 4001
            await asyncio.wait_for(drain, PATIENCE_S)


async def test_a_handshake_that_began_before_the_drain_is_dismissed_too() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        service.board_gate.clear()
        connecting = asyncio.create_task(_dismissed(service))
        await asyncio.wait_for(service.board_asked.wait(), PATIENCE_S)
        await service.gateway.drain()
        service.board_gate.set()
        assert await connecting == 4001


async def _dismissed(service: Service) -> int | None:
    async with service.connect("view=top:10") as client:
        return await client.close_code()


async def test_clients_are_asked_back_in_windows_one_after_the_other() -> None:
    async with serve(websocket_max_per_ip=CROWD) as service, asyncio.TaskGroup() as crowd:
        ready = asyncio.Semaphore(0)

        async def farewell() -> tuple[int, int]:
            async with service.connect() as client:
                ready.release()
                return tuple((await client.frame())["reconnectInMs"])

        clients = [crowd.create_task(farewell()) for _ in range(CROWD)]
        for _ in range(CROWD):
            await asyncio.wait_for(ready.acquire(), PATIENCE_S)
        await service.gateway.drain()
        windows = [await client for client in clients]
    assert windows.count((500, 1000)) == 250
    assert windows.count((1000, 1500)) == CROWD - 250


async def test_close_is_said_once_and_the_answer_awaited() -> None:
    async with serve() as service:
        client = await RawClient.open(service)
        drain = asyncio.create_task(service.gateway.drain())
        opcode, _ = await client.frame()
        code = (4001).to_bytes(2)
        assert (opcode, await client.frame()) == (TEXT, (CLOSE, code))
        assert service.connections()
        await client.send(CLOSE, code)
        with pytest.raises(EOFError):
            await client.frame()
        await asyncio.wait_for(drain, PATIENCE_S)
        client.close()


async def test_a_drain_ends_in_time_although_a_client_does_not_answer() -> None:
    async with serve(drain_s=0.1) as service:
        client = await RawClient.open(service)
        (connection,) = service.connections()
        await asyncio.wait_for(service.gateway.drain(), 1)
        assert connection.transport.is_closing()
        await service.gone(connection)
        client.close()
