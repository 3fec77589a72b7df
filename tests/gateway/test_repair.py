"""Stale versions are dropped and holes repaired, whatever the bus does."""

from __future__ import annotations

import asyncio

from tests.gateway.service import PATIENCE_S, Service, serve, snapshot

REPAIR_S = 0.02


async def _next_comparison(service: Service) -> None:
    service.views.asked.clear()
    await asyncio.wait_for(service.views.asked.wait(), PATIENCE_S)


async def test_a_version_that_is_not_newer_is_dropped() -> None:
    async with serve() as service:
        service.views.put(snapshot(5))
        async with service.connect("view=top:10") as client:
            shown = [await client.version()]
            service.hub.receive(snapshot(5))
            service.hub.receive(snapshot(4))
            service.hub.receive(snapshot(6))
            shown.append(await client.version())
    assert shown == [5, 6]


async def test_a_deposed_relay_is_dropped_even_with_a_higher_version() -> None:
    async with serve() as service:
        service.views.put(snapshot(5, term=2))
        async with service.connect("view=top:10") as client:
            shown = [await client.version()]
            service.hub.receive(snapshot(9, term=1))
            service.hub.receive(snapshot(6, term=2))
            shown.append(await client.version())
    assert shown == [5, 6]


async def test_a_new_term_counts_from_its_first_message_even_where_its_version_is_old() -> None:
    async with serve() as service:
        service.views.put(snapshot(5, term=1))
        async with service.connect("view=top:10") as client:
            shown = [await client.version()]
            service.hub.receive(snapshot(5, term=2))
            service.hub.receive(snapshot(6, term=1))
            service.hub.receive(snapshot(7, term=2))
            shown.append(await client.version())
    assert shown == [5, 7]


async def test_a_new_epoch_is_shown_although_it_counts_anew() -> None:
    async with serve() as service:
        service.views.put(snapshot(5))
        async with service.connect("view=top:10") as client:
            await client.version()
            service.hub.receive(snapshot(1, epoch="e2"))
            frame = await client.frame()
    assert (frame["epoch"], frame["version"]) == ("e2", 1)


async def test_a_hole_is_repaired_from_the_store_without_any_message() -> None:
    async with serve(websocket_repair_s=REPAIR_S) as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            shown = [await client.version()]
            service.views.put(snapshot(2))
            shown.append(await client.version())
    assert shown == [1, 2]


async def test_a_store_that_counts_anew_is_followed_without_any_message() -> None:
    async with serve(websocket_repair_s=REPAIR_S) as service:
        service.views.put(snapshot(9))
        async with service.connect("view=top:10") as client:
            await client.version()
            service.views.put(snapshot(1, epoch="e2"))
            assert await client.version() == 1


async def test_clients_outlive_the_store_and_are_served_when_it_returns() -> None:
    async with serve(websocket_repair_s=REPAIR_S) as service:
        service.views.is_down = True
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            for _ in range(3):
                await _next_comparison(service)
            service.views.is_down = False
            told = [await client.frame() for _ in range(3)]
            # That the ledger is away, that it is back, and what it holds.
            assert {"type": "status", "stale": True} in told
            assert {"type": "status", "stale": False} in told
            assert [each["version"] for each in told if each["type"] == "snapshot"] == [1]
            service.views.is_down = True
            await _next_comparison(service)
            service.publish(snapshot(2))
            assert (await client.frame())["version"] == 2


async def test_views_that_are_up_to_date_are_not_loaded_again() -> None:
    async with serve(websocket_repair_s=REPAIR_S) as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            await client.version()
            for _ in range(3):
                await _next_comparison(service)
        assert service.views.loads == 1
