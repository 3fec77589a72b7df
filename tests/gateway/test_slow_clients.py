"""A client that reads slowly costs little, harms nobody, and is current when it reads again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scoreboard.gateway.connection import Connection
from tests.gateway.raw import CLOSE, PING, TEXT, RawClient
from tests.gateway.service import Client, Service, serve, snapshot, until

UPDATES = 400
ENTRIES = 50
"""About 4 KB a frame, so that all updates together are far above every limit."""


@asynccontextmanager
async def _slow_and_quick(service: Service) -> AsyncIterator[tuple[RawClient, Connection, Client]]:
    service.views.put(snapshot(1, entries=ENTRIES))
    slow = await RawClient.open(service, "?view=top:10")
    (connection,) = service.connections()
    async with service.connect("view=top:10") as quick:
        await quick.version()
        yield slow, connection, quick
    slow.close()


async def _update(service: Service, connection: Connection, quick: Client) -> int:
    """Many updates, each awaited by the quick client; returns the largest buffer of the slow."""
    slow = connection.transport
    largest_bytes = 0
    for version in range(2, UPDATES + 1):
        service.publish(snapshot(version, entries=ENTRIES))
        assert await quick.version() == version
        largest_bytes = max(largest_bytes, slow.get_write_buffer_size())
    return largest_bytes


async def test_a_client_that_never_reads_takes_bounded_memory_and_others_see_all() -> None:
    async with serve() as service, _slow_and_quick(service) as (_, connection, quick):
        largest_bytes = await _update(service, connection, quick)
        assert 65_536 < largest_bytes < 131_072
        assert connection.viewing.is_behind


async def test_a_slow_client_that_reads_again_gets_the_latest_and_then_every_change() -> None:
    async with serve() as service, _slow_and_quick(service) as (slow, connection, quick):
        await _update(service, connection, quick)
        seen = [1]
        while seen[-1] < UPDATES:
            seen.append(json.loads((await slow.frame())[1])["version"])
        assert seen == sorted(seen)
        assert len(seen) < UPDATES / 4
        assert not connection.viewing.is_behind
        service.publish(snapshot(UPDATES + 1, entries=ENTRIES))
        assert json.loads((await slow.frame())[1])["version"] == UPDATES + 1


async def test_a_client_behind_for_too_long_is_cut_off() -> None:
    async with serve(websocket_behind_max_s=0.05) as service:
        async with _slow_and_quick(service) as (_, connection, quick):
            await _update(service, connection, quick)
            await service.gone(connection)
            assert connection.transport.get_write_buffer_size() == 0
            assert connection not in service.connections()
        assert service.metrics.sockets_closed.labels(code="4008")._value.get() == 1


async def test_a_client_behind_for_too_long_that_reads_in_time_learns_why() -> None:
    limits = {"websocket_behind_max_s": 0.05}
    async with serve(**limits) as service, _slow_and_quick(service) as (slow, connection, quick):
        await _update(service, connection, quick)
        await until(lambda: connection.is_closing)
        opcode, payload = await slow.frame()
        while opcode == TEXT:
            opcode, payload = await slow.frame()
    assert (opcode, payload[:2]) == (CLOSE, (4008).to_bytes(2))


async def test_more_unsent_bytes_than_allowed_end_the_connection() -> None:
    limits = {"websocket_buffer_skip_bytes": 1000, "websocket_buffer_max_bytes": 2000}
    async with serve(**limits) as service, _slow_and_quick(service) as (_, connection, quick):
        await _update(service, connection, quick)
        await service.gone(connection)
        assert connection.code == 4008


async def _ask_until_cut(client: RawClient) -> None:
    while True:
        await client.send(PING, b"x" * 100)


async def test_a_client_that_asks_without_reading_the_answers_is_cut_off() -> None:
    limits = {"websocket_buffer_max_bytes": 1000, "websocket_frames_per_s": 10_000}
    async with serve(**limits) as service:
        client = await RawClient.open(service)
        (connection,) = service.connections()
        with pytest.raises(ConnectionError):
            await _ask_until_cut(client)
        await service.gone(connection)
        assert connection.code == 4008
        client.close()
