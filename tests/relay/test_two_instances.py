"""Two instances over one bus: what is earned at one is seen at the other."""

from __future__ import annotations

import dataclasses

import pytest

from tests.checker import until
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.relay.watching import watching


async def _until_bus_is_up(scoreboard: Scoreboard) -> None:
    async def is_up() -> bool:
        readiness = await scoreboard.get("/readyz")
        return bool(readiness.body["dependencies"]["bus"] == "up")

    await until(is_up)


@pytest.mark.parametrize("bus", ["rabbitmq", "redis"])
@pytest.mark.parametrize("earned_at", ["leader", "follower"])
async def test_an_increment_at_one_reaches_a_websocket_at_the_other(
    backends: Backends, amqp_url: str, bus: str, earned_at: str
) -> None:
    shared = dataclasses.replace(backends, amqp_url=amqp_url if bus == "rabbitmq" else "")
    async with (
        run_scoreboard(shared) as leader,
        # Without a repair within the test: only the bus can bring the news.
        run_scoreboard(shared, roles=("api", "gateway"), websocket_repair_s=1000.0) as follower,
    ):
        await _until_bus_is_up(leader)
        await _until_bus_is_up(follower)
        earns, watches = (leader, follower) if earned_at == "leader" else (follower, leader)
        user_id = new_user()
        async with watching(watches) as watcher:
            assert (await earns.increment(user_id, 25)).status == 200
            await watcher.until_scores(25)
            assert (await earns.increment(user_id, 5)).status == 200
            await watcher.until_scores(30)


async def test_a_late_watcher_gets_the_snapshot_that_the_others_have(
    scoreboard: Scoreboard,
) -> None:
    async with watching(scoreboard) as early:
        assert (await scoreboard.increment(new_user(), 7)).status == 200
        shown = await early.until_scores(7)
    async with watching(scoreboard) as late:
        assert late.lists == [shown]
