"""Views: what watchers are shown is the board, whoever leads and whatever the bus loses."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from scoreboard.domain.errors import LeaseLost
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.ledger.database import open_database
from scoreboard.ledger.views import StoredView, ViewStore
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.standings.connection import open_redis
from scoreboard.stores import Stores
from scoreboard.telemetry.metrics import Metrics
from tests.bus.conftest import through
from tests.bus.proxy import Proxy
from tests.checker import check_invariants, until, until_settled
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.ledger.increments import Draft, apply_one
from tests.relay.watching import watching

VIEW = "top:10"
STALE = b'[{"userId":"0b0f6d7e-0000-4000-8000-000000000001","score":-1,"rank":1}]'


@pytest.fixture
async def stores(backends: Backends) -> AsyncIterator[Stores]:
    """Return the stores of a process that serves nobody."""
    settings = backends.settings()
    async with open_database(settings) as database, open_redis(settings) as redis:
        yield Stores(database, redis, Metrics(), settings)


async def read_view(views: ViewStore) -> StoredView | None:
    """What gateways would repair holes from."""
    return await views.read(MAIN_BOARD, VIEW)


async def until_led(views: ViewStore, term: int) -> StoredView:
    """The stored view once the leader of this term has written it."""

    async def is_led() -> bool:
        stored = await read_view(views)
        return stored is not None and stored.term == term

    await until(is_led)
    stored = await read_view(views)
    assert stored is not None
    return stored


async def test_a_new_leader_shuts_out_the_one_before_also_while_the_board_is_quiet(
    backends: Backends, stores: Stores
) -> None:
    async with run_scoreboard(backends) as scoreboard:
        await scoreboard.increment(new_user(), 5)
        await until(lambda: _holds(stores, b'"score":5'))
        first = await until_led(stores.views, 1)
    async with run_scoreboard(backends):
        second = await until_led(stores.views, 2)
        # Whoever led under term 1 was only stopped, and goes on where it stood.
        with pytest.raises(LeaseLost):
            await stores.views.advance(MAIN_BOARD, VIEW, 1, STALE, datetime.now(UTC))
    assert second.entries == (await _reread(stores)).entries
    assert second.epoch == first.epoch
    assert second.version > first.version


async def test_a_new_leader_corrects_what_the_one_before_wrote_last(
    backends: Backends, stores: Stores
) -> None:
    async with run_scoreboard(backends) as scoreboard:
        await scoreboard.increment(new_user(), 5)
        await until(lambda: _holds(stores, b'"score":5'))
    await stores.views.advance(MAIN_BOARD, VIEW, 1, STALE, datetime.now(UTC))
    async with run_scoreboard(backends):
        stored = await until_led(stores.views, 2)
    assert b'"score":5' in stored.entries


async def test_versions_go_on_across_leaders_for_those_who_watch(
    backends: Backends, stores: Stores
) -> None:
    async with run_scoreboard(backends):
        await until_led(stores.views, 1)
    async with (
        run_scoreboard(backends, roles=("api", "gateway")) as follower,
        watching(follower) as watcher,
    ):
        for scores in ((5,), (7, 5), (9, 7, 5)):
            async with run_scoreboard(backends) as leader:
                await leader.increment(new_user(), scores[0])
                await watcher.until_scores(*scores)


async def test_what_does_not_change_a_view_is_not_sent(backends: Backends, stores: Stores) -> None:
    async with run_scoreboard(backends) as scoreboard:
        for score in range(100, 110):
            await scoreboard.increment(new_user(), score)
        await until(lambda: _holds(stores, b'"score":109', b'"score":100'))
        before = await _reread(stores)
        await scoreboard.increment(new_user(), 1)
        await until_settled(backends.database_url)
        # Of both views only the longer one shows the eleventh user; top:10 is looked at first.
        await until(lambda: _holds(stores, b'"score":1,', view="top:50"))
        assert await _reread(stores) == before


async def test_a_change_of_the_longer_view_does_not_hold_back_the_shorter(
    backends: Backends,
) -> None:
    tick_s = 1.5
    users = [new_user() for _ in range(11)]
    scores = [100 - 2 * place for place in range(11)]
    async with run_scoreboard(backends, tick_ms=round(tick_s * 1000)) as scoreboard:
        for user, score in zip(users, scores, strict=True):
            await scoreboard.increment(user, score)
        async with watching(scoreboard) as short, watching(scoreboard, "view=top:50") as longer:
            if [each["score"] for each in longer.lists[0]["entries"]] != scores:
                await longer.until_scores(*scores)
            await scoreboard.increment(users[10], 1)
            await longer.until_scores(*scores[:10], 81)  # a tick after both were sent
            earned_s = time.monotonic()
            await scoreboard.increment(users[0], 1)
            await short.until_scores(101, *scores[1:10])
            assert time.monotonic() - earned_s < tick_s / 2


async def test_a_batch_that_reached_neither_redis_nor_the_bus_is_shown_all_the_same(
    backends: Backends, stores: Stores
) -> None:
    async with run_scoreboard(backends) as scoreboard, watching(scoreboard) as watcher:
        await scoreboard.increment(new_user(), 5)
        await watcher.until_scores(5)
        # As an instance that is killed between its commit and everything else.
        await apply_one(LedgerWriter(stores.database), Draft(delta=9))
        await watcher.until_scores(9, 5)
        await until_settled(backends.database_url)
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )


async def test_while_the_bus_is_away_watchers_see_the_board_through_the_repair_poll(
    backends: Backends, amqp_url: str
) -> None:
    async with Proxy(amqp_url) as proxy:
        shared = dataclasses.replace(backends, amqp_url=through(proxy, amqp_url))
        async with (
            run_scoreboard(shared, websocket_repair_s=0.1) as leader,
            run_scoreboard(shared, roles=("api", "gateway"), websocket_repair_s=0.1) as follower,
            watching(follower) as watcher,
        ):
            await until(lambda: _is_bus(leader, "up"))
            await until(lambda: _is_bus(follower, "up"))
            await proxy.cut()
            await until(lambda: _is_bus(leader, "down"))
            for scores in ((5,), (9, 5), (12, 9, 5)):
                answer = await follower.increment(new_user(), scores[0])
                assert answer.status == 200
                await watcher.until_scores(*scores)
            await proxy.restore()
            await until_settled(shared.database_url)


async def _is_bus(scoreboard: Scoreboard, state: str) -> bool:
    answer = await scoreboard.get("/readyz")
    return bool(answer.body["dependencies"]["bus"] == state)


async def _holds(stores: Stores, *texts: bytes, view: str = VIEW) -> bool:
    stored = await stores.views.read(MAIN_BOARD, view)
    return stored is not None and all(text in stored.entries for text in texts)


async def _reread(stores: Stores) -> StoredView:
    stored = await read_view(stores.views)
    assert stored is not None
    return stored
