"""What the contest of fan-outs is made of: the same boards, a fair climb, the others' servers."""

from __future__ import annotations

import asyncio
import os
from itertools import islice, pairwise
from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer

from benchmarks import nchan
from benchmarks.contenders import doubt, limit_figures
from benchmarks.gather_fanout import make_app
from benchmarks.made_up_boards import full_changes, messages, small_changes
from benchmarks.processes import free_ports, running, wait_for_port
from benchmarks.publishing import over_http, publish_at
from benchmarks.ramp import Level, climb
from scoreboard.domain.standings import compare_entries

PATIENCE_S = 10


def test_a_full_change_changes_every_row_and_a_small_one_one_or_two() -> None:
    for boards, sizes in ((full_changes(), {10}), (small_changes(), {1, 2})):
        changes = [compare_entries(old, new) for old, new in pairwise(islice(boards, 500))]
        assert {len(changed) for changed, _ in changes} == sizes
        assert not any(removed for _, removed in changes)


def test_small_changes_stay_in_order_and_mostly_raise_the_leader() -> None:
    boards = list(islice(small_changes(), 1000))
    assert all(
        [each.score for each in board] == sorted((each.score for each in board), reverse=True)
        and [each.rank for each in board] == list(range(1, 11))
        for board in boards
    )
    leaders = [new[0].score - old[0].score for old, new in pairwise(boards)]
    assert leaders.count(1) == 749


def test_all_boards_are_of_one_length_and_their_versions_follow() -> None:
    published = list(islice(messages(full_changes()), 300))
    assert len({len(each.frame) for each in published}) == 1
    assert all(new.version == old.version + 1 for old, new in pairwise(published))
    assert all(b'"version":%d,' % each.version in each.frame for each in published)


async def bear(most_per_s: float, rates: tuple[float, ...]) -> tuple[Level | None, list[float]]:
    """What a climb finds of a server that bears so much, and which rates it tried."""
    tried: list[float] = []

    async def measure(per_s: float) -> Level:
        tried.append(per_s)
        return Level(per_s, per_s * 10, 0.1 if per_s <= most_per_s else 1.0, 1.0)

    return await climb(measure, rates), tried


async def test_a_climb_halves_what_lies_between_the_last_two() -> None:
    level, tried = await bear(45, (10, 20, 40, 80, 160))
    assert level is not None
    assert level.per_s == 40
    assert tried == [10, 20, 40, 80, 80, 60, 60, 50, 50]
    level, _ = await bear(55, (10, 20, 40, 80, 160))
    assert level is not None
    assert level.per_s == 50


async def test_a_climb_ends_at_the_top_and_may_not_even_begin() -> None:
    level, tried = await bear(1000, (10, 20))
    assert level is not None
    assert (level.per_s, tried) == (20, [10, 20])
    assert await bear(5, (10, 20)) == (None, [10, 10])
    assert limit_figures(None)["deliveries/s"] == 0


async def test_one_stall_of_the_machine_ends_no_climb() -> None:
    waits_s = iter([0.1, 1.0, 0.1])

    async def measure(per_s: float) -> Level:
        return Level(per_s, per_s, next(waits_s), 1.0)

    level = await climb(measure, (10, 20))
    assert level is not None
    assert level.per_s == 20


async def test_a_climb_ends_where_more_updates_bring_no_more_deliveries() -> None:
    tried: list[float] = []

    async def measure(per_s: float) -> Level:
        tried.append(per_s)
        return Level(per_s, min(per_s, 50), 0.1, min(1.0, 50 / per_s))

    level = await climb(measure, (10, 20, 40, 60, 80, 100, 120))
    assert level is not None
    assert level.deliveries_per_s == 50
    assert tried == [10, 20, 40, 60, 80, 100]


def test_a_level_that_is_late_or_cost_sockets_is_not_held() -> None:
    assert Level(1, 1, 0.25, 0.5).is_held
    assert not Level(1, 1, 0.251, 1.0).is_held
    assert not Level(1, 1, 0.1, 1.0, lost=1).is_held


def test_a_limit_that_may_not_be_the_servers_own_is_doubted() -> None:
    assert not doubt(Level(40, 1, 0.1, 1.0, busy=0.5), (20, 40, 60))
    assert "highest rate" in doubt(Level(60, 1, 0.1, 1.0), (20, 40, 60))
    assert "71 %" in doubt(Level(40, 1, 0.1, 1.0, busy=0.71), (20, 40, 60))
    assert not doubt(None, (20, 40, 60))


async def all_get_what_is_posted(port: int) -> None:
    boards = list(islice(messages(full_changes()), 3))
    async with aiohttp.ClientSession() as session, over_http(port) as publish:
        url = f"http://127.0.0.1:{port}/ws"
        sockets = [await session.ws_connect(url) for _ in range(5)]
        await publish_at(publish, boards, 100)
        for each in sockets:
            assert [await each.receive_str() for _ in boards] == [
                message.frame.decode() for message in boards
            ]


async def test_the_server_that_gathers_sends_everybody_each_board() -> None:
    async with TestServer(make_app()) as server, asyncio.timeout(PATIENCE_S):
        assert server.port is not None
        await all_get_what_is_posted(server.port)


async def test_nchan_sends_everybody_each_board(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log = tmp_path / "log"
    with running(nchan.command(tmp_path, port), log, os.environ) as pid:
        wait_for_port(port, pid, log)
        async with asyncio.timeout(PATIENCE_S):
            await all_get_what_is_posted(port)
