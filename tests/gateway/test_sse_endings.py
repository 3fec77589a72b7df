"""A stream whose client reads slowly, and one whose instance goes away."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.events import EventClient, greeted, listen
from tests.gateway.service import PATIENCE_S, Service, serve, snapshot

UPDATES = 400
ENTRIES = 50
"""About 4 KB an event, so that all updates together are far above every limit."""


async def _update(service: Service) -> int:
    """Many updates, each awaited by a quick WebSocket; the largest buffer of the slow stream."""
    slow = service.streams()[0].transport
    largest_bytes = 0
    async with service.connect("view=top:10") as quick:
        await quick.version()
        for version in range(2, UPDATES + 1):
            service.publish(snapshot(version, entries=ENTRIES))
            assert await quick.version() == version
            largest_bytes = max(largest_bytes, slow.get_write_buffer_size())
    return largest_bytes


async def test_a_client_that_never_reads_takes_bounded_memory_and_is_current_when_it_does() -> None:
    async with serve() as service:
        service.views.put(snapshot(1, entries=ENTRIES))
        async with greeted(service) as slow:
            (stream,) = service.streams()
            assert 65_536 < await _update(service) < 131_072
            assert stream.viewing.is_behind
            seen = [0]
            while seen[-1] < UPDATES:
                seen.append(await slow.version())
            assert seen == sorted(seen)
            assert len(seen) < UPDATES / 4


async def test_a_client_behind_for_too_long_is_cut_off() -> None:
    async with serve(websocket_behind_max_s=0.05) as service:
        service.views.put(snapshot(1, entries=ENTRIES))
        async with greeted(service):
            (stream,) = service.streams()
            await _update(service)
            await service.gone(stream)
            assert stream.transport.get_write_buffer_size() == 0
        assert service.metrics.sockets_closed.labels(code="4008")._value.get() == 1


async def test_who_does_not_read_is_sent_no_heartbeat() -> None:
    async with serve(websocket_ping_s=0.02) as service:
        service.views.put(snapshot(1, entries=ENTRIES))
        async with greeted(service):
            (stream,) = service.streams()
            await _update(service)
            unsent_bytes = stream.transport.get_write_buffer_size()
            stream.beat(stream._ping_due_s)
            assert stream.transport.get_write_buffer_size() == unsent_bytes


async def _read_to_the_end(client: EventClient) -> None:
    with pytest.raises(EOFError):
        await client.event()


async def test_a_drain_tells_every_client_when_to_return_and_ends_the_stream() -> None:
    async with serve() as service:
        async with greeted(service) as one, greeted(service) as two, service.connect() as third:
            drain = asyncio.create_task(service.gateway.drain())
            for client in (one, two):
                bye = await client.event()
                assert bye.data == {"type": "bye", "code": 4001, "reconnectInMs": [500, 1000]}
                assert bye.id is None
                assert bye.retry_ms is not None
                assert 500 <= bye.retry_ms <= 1000
                await _read_to_the_end(client)
            assert (await third.frame())["type"] == "bye"
            assert await third.close_code() == 4001
            await asyncio.wait_for(drain, PATIENCE_S)
        assert await service.refused("view=top:10", "/sse") == "overloaded"
        assert service.metrics.sockets_closed.labels(code="4001")._value.get() == 3


async def test_a_client_that_is_still_being_admitted_when_the_drain_begins_is_dismissed() -> None:
    async with serve() as service:
        service.board_gate.clear()

        async def dismissed() -> None:
            async with listen(service) as client:
                await client.event()
                await _read_to_the_end(client)

        connecting = asyncio.create_task(dismissed())
        await asyncio.wait_for(service.board_asked.wait(), PATIENCE_S)
        await service.gateway.drain()
        service.board_gate.set()
        await asyncio.wait_for(connecting, PATIENCE_S)


async def test_a_drain_ends_in_time_although_a_client_does_not_read() -> None:
    async with serve(drain_s=0.1) as service:
        service.views.put(snapshot(1, entries=ENTRIES))
        async with greeted(service):
            (stream,) = service.streams()
            await _update(service)
            await asyncio.wait_for(service.gateway.drain(), PATIENCE_S)
            await service.gone(stream)
            assert stream.code == 4001
