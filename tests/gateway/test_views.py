"""What a client is shown, and when."""

from __future__ import annotations

import asyncio

from tests.gateway.service import PATIENCE_S, serve, snapshot, until

CROWD = 300
"""More sockets than one slice of a pass."""


async def test_a_client_gets_a_snapshot_at_once() -> None:
    async with serve() as service:
        service.views.put(snapshot(7))
        async with service.connect("view=top:10") as client:
            frame = await client.frame()
    assert frame["type"] == "snapshot"
    assert (frame["view"], frame["board"], frame["epoch"]) == ("top:10", "main", "e1")
    assert frame["version"] == 7
    assert frame["entries"][0]["rank"] == 1


async def test_a_client_gets_a_new_snapshot_after_each_change() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            shown = [await client.version()]
            for version in (2, 3, 4):
                service.publish(snapshot(version))
                shown.append(await client.version())
    assert shown == [1, 2, 3, 4]


async def test_a_view_that_nobody_has_written_yet_comes_with_its_first_change() -> None:
    async with serve() as service, service.connect("view=top:10") as client:
        await asyncio.wait_for(service.views.asked.wait(), PATIENCE_S)
        service.publish(snapshot(1))
        assert await client.version() == 1


async def test_one_socket_shows_two_views() -> None:
    async with serve() as service:
        for view in ("top:10", "top:50"):
            service.views.put(snapshot(1, view=view))
        async with service.connect("view=top:10&view=top:50") as client:
            first = {(await client.frame())["view"] for _ in range(2)}
            service.publish(snapshot(2, view="top:50"))
            second = (await client.frame())["view"]
    assert first == {"top:10", "top:50"}
    assert second == "top:50"


async def test_another_board_is_shown_by_its_name() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        service.views.put(snapshot(5, board="other"))
        async with service.connect("view=top:10&board=other") as client:
            frame = await client.frame()
    assert (frame["board"], frame["version"]) == ("other", 5)


async def test_the_second_watcher_is_served_from_memory() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as first:
            await first.version()
            async with service.connect("view=top:10") as second:
                assert await second.version() == 1
        assert service.views.loads == 1


async def test_many_first_watchers_load_a_view_once() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        service.views.gate.clear()
        async with service.connect("view=top:10") as one, service.connect("view=top:10") as two:
            await asyncio.wait_for(service.views.asked.wait(), PATIENCE_S)
            service.views.gate.set()
            assert [await one.version(), await two.version()] == [1, 1]
        assert service.views.loads == 1


async def test_a_version_published_while_the_store_is_read_is_neither_lost_nor_undone() -> None:
    async with serve() as service:
        service.views.put(snapshot(3))
        service.views.gate.clear()
        async with service.connect("view=top:10") as client:
            await asyncio.wait_for(service.views.asked.wait(), PATIENCE_S)
            service.publish(snapshot(4))
            shown = [await client.version()]
            service.views.gate.set()
            await asyncio.sleep(0)
            service.publish(snapshot(5))
            shown.append(await client.version())
    assert shown == [4, 5]


async def test_an_epoch_begun_while_the_store_is_read_is_not_undone_by_the_old_one() -> None:
    async with serve() as service:
        service.views.put(snapshot(3))
        service.views.gate.clear()
        async with service.connect("view=top:10") as client:
            await asyncio.wait_for(service.views.asked.wait(), PATIENCE_S)
            service.publish(snapshot(1, epoch="e2"))
            shown = [await client.version()]
            service.views.gate.set()
            await asyncio.sleep(0)
            service.publish(snapshot(2, epoch="e2"))
            shown.append(await client.version())
    assert shown == [1, 2]


async def test_a_view_without_watchers_is_kept_for_a_while_and_then_forgotten() -> None:
    async with serve(websocket_repair_s=0.01, websocket_resume_s=0.2) as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            await client.version()
        async with service.connect("view=top:10") as again:
            await again.version()
            await asyncio.sleep(0.3)  # it is watched: this does not count
        assert service.views.loads == 1
        await until(lambda: not service.hub._channels)


async def test_a_crowd_gets_the_latest_version_and_the_rest_of_a_pass_skips_the_older() -> None:
    async with serve(websocket_max_per_ip=CROWD) as service, asyncio.TaskGroup() as crowd:
        service.views.put(snapshot(1))
        done = asyncio.Event()
        ready = asyncio.Semaphore(0)

        async def watch() -> list[int]:
            async with service.connect("view=top:10") as client:
                shown = [await client.version()]
                ready.release()
                while shown[-1] < 3:
                    shown.append(await client.version())
                await done.wait()
                return shown

        watchers = [crowd.create_task(watch()) for _ in range(CROWD)]
        for _ in range(CROWD):
            await asyncio.wait_for(ready.acquire(), PATIENCE_S)
        service.publish(snapshot(2))
        service.publish(snapshot(3))
        done.set()
        shown = [await watcher for watcher in watchers]
    assert sorted(map(tuple, shown)) == [(1, 2, 3)] * 256 + [(1, 3)] * (CROWD - 256)
    assert service.metrics.frames_conflated._value.get() == CROWD - 256


async def test_the_latency_is_measured_from_the_change_to_the_last_socket() -> None:
    async with serve() as service:
        service.views.put(snapshot(1))
        async with service.connect("view=top:10") as client:
            await client.version()
            service.publish(snapshot(2))
            await client.version()
        assert service.metrics.update_latency_ms._sum.get() == 7.0
