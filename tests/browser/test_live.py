"""The page shows what is, within a moment, whatever dies meanwhile; and never what was not."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from scoreboard.auth.issue import TokenIssuer
from tests.browser.conftest import Look
from tests.browser.viewer import Line, Viewer
from tests.checker import connect, until
from tests.deploy.topology import balanced
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.processes import playing, until_earned
from tests.servers.rabbitmq import free_ports

SHOWN_WITHIN_S = 1.0
PLAYERS = 6


async def test_a_change_made_through_the_api_is_shown_within_a_second(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice, bob = new_user(), new_user()
    await scoreboard.increment(alice, 20)
    viewer = await look(scoreboard.url)
    await viewer.until_shows([(alice, 20, 1)])
    changes: list[tuple[int, list[Line]]] = [
        (10, [(alice, 20, 1), (bob, 10, 2)]),
        (15, [(bob, 25, 1), (alice, 20, 2)]),
    ]
    for delta, lines in changes:
        assert (await scoreboard.increment(bob, delta)).status == 200
        answered_s = time.monotonic()
        await viewer.until_shows(lines)
        assert time.monotonic() - answered_s < SHOWN_WITHIN_S


async def test_a_board_without_scores_says_so_until_the_first_point(
    scoreboard: Scoreboard, look: Look
) -> None:
    viewer = await look(scoreboard.url)
    await viewer.page.get_by_text("No scores yet").wait_for()
    alice = new_user()
    await scoreboard.increment(alice, 1)
    await viewer.until_shows([(alice, 1, 1)])
    assert not await viewer.page.get_by_text("No scores yet").is_visible()


async def test_a_board_that_does_not_exist_is_told_in_words(
    scoreboard: Scoreboard, look: Look
) -> None:
    viewer = await look(f"{scoreboard.url}/?board=nowhere")
    await viewer.page.get_by_text("There is no board “nowhere”").wait_for()
    await viewer.page.get_by_role("link", name="See the main board").click()
    await viewer.page.get_by_text("No scores yet").wait_for()


async def test_a_restart_is_outlived_and_told_meanwhile(backends: Backends, look: Look) -> None:
    (port,) = free_ports(1)
    alice, bob = new_user(), new_user()
    async with run_scoreboard(backends, port=port) as running:
        await running.increment(alice, 10)
        viewer = await look(running.url)
        await viewer.until_shows([(alice, 10, 1)])
    await viewer.until_status("Reconnecting")
    notice = viewer.page.locator("#notice")
    await notice.filter(has_text="These are the last scores that arrived.").wait_for()
    assert await viewer.lines() == [(alice, 10, 1)]
    async with run_scoreboard(backends, port=port) as running:
        await running.increment(bob, 30)
        await viewer.until_shows([(bob, 30, 1), (alice, 10, 2)])
        await viewer.until_status("Live")
        assert not await notice.is_visible()
    check_seen(await viewer.seen())


@pytest.fixture
def shared(backends: Backends, amqp_url: str) -> Backends:
    """Stores for several hosts."""
    return dataclasses.replace(backends, amqp_url=amqp_url)


async def test_an_instance_that_is_killed_under_load_shows_no_wrong_line(
    shared: Backends, tmp_path: Path, look: Look
) -> None:
    issuer = TokenIssuer(shared.keys, "scoreboard")
    async with balanced(shared, tmp_path) as topology:
        viewers = [await look(topology.url) for _ in range(4)]
        async with playing(issuer, topology.url, PLAYERS) as players:
            await until_earned(players, 20)
            await topology.kill(0)
            await until_earned(players, 40)
        for viewer in viewers:
            await _converge(shared, viewer)
        seen = [each for viewer in viewers for each in await viewer.seen()]
    async with connect(shared.database_url) as connection:
        rows = await connection.fetch("SELECT user_id, score_after FROM score_events")
    truth = {(str(row["user_id"]), row["score_after"]) for row in rows}
    assert {(user, score) for lines in seen for user, score, _ in lines} <= truth
    for viewer in viewers:
        check_seen(await viewer.seen())


async def _converge(shared: Backends, viewer: Viewer) -> None:
    """Returns once the page shows what the ledger says."""

    async def shows_the_ledger() -> bool:
        async with connect(shared.database_url) as connection:
            rows = await connection.fetch("SELECT user_id, score FROM user_scores")
        shown = {(user, score) for user, score, _ in await viewer.lines()}
        return shown == {(str(row["user_id"]), row["score"]) for row in rows}

    await until(shows_the_ledger)


def check_seen(lists: list[list[Line]]) -> None:
    """Each list was in order, with the ranks that its scores call for, and nobody went back."""
    assert lists
    known: dict[str, int] = {}
    for lines in lists:
        scores = [score for _, score, _ in lines]
        assert scores == sorted(scores, reverse=True)
        assert [rank for *_, rank in lines] == [1 + scores.index(score) for score in scores]
        for user, score, _ in lines:
            assert score >= known.get(user, 0)
            known[user] = score
