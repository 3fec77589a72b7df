"""Boards, trail and health: what they show, and what is told where they cannot."""

from __future__ import annotations

import asyncio

import pytest

from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.acts import LOOKED_AT_MAX
from tests.browser.conftest import Look
from tests.browser.moderating import play, sign_in
from tests.checker import connect
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.ledger.test_trail import read_often
from tests.web.support import query


async def test_a_board_is_chosen_and_its_limits_are_seen(backends: Backends, look: Look) -> None:
    await query(
        backends.database_url, "INSERT INTO boards (board_id, max_delta) VALUES ('week', 77)"
    )
    async with run_scoreboard(backends) as running:
        alice = new_user()
        await running.increment(alice, 30, board_id=BoardId("week"))
        moderator = await sign_in(look, running, place="#view=boards")
        row = moderator.page.get_by_role("row", name="week")
        assert "77" in await row.inner_text()
        await moderator.page.get_by_label("Board", exact=True).select_option("week")
        await moderator.viewer.until_shows([(alice, 30, 1)])
        await moderator.page.get_by_role("link", name="User").click()
        await moderator.page.locator("#top .name").click()
        await moderator.until_found(alice)


async def test_the_trail_is_searched_and_read_on(scoreboard: Scoreboard, look: Look) -> None:
    alice, bob = await play(scoreboard, 30), await play(scoreboard, 40)
    bearer = {"Authorization": f"Bearer {scoreboard.bearer('moderator-7', 'moderator')}"}
    for number in range(60):
        body = {"kind": "bonus", "userId": bob, "delta": 1, "reason": f"number {number}"}
        await scoreboard.send("POST", "/acts", json=body, headers=bearer)
    moderator = await sign_in(look, scoreboard, place="#view=trail")
    await moderator.page.get_by_text("number 59").wait_for()
    await moderator.press("Older acts")
    await moderator.page.get_by_text("number 0", exact=True).wait_for()
    await moderator.page.get_by_label("Whom").fill(alice)
    await moderator.page.get_by_label("What").select_option("bonus")
    await moderator.press("Search")
    await moderator.page.get_by_text("No such act").wait_for()
    await moderator.page.get_by_label("Whom").fill("")
    await moderator.page.get_by_label("Who", exact=True).fill("moderator-7")
    await moderator.press("Search")
    await moderator.page.get_by_text("number 59").wait_for()
    await moderator.page.get_by_label("Whom").fill("nobody")
    await moderator.press("Search")
    await moderator.page.get_by_text("Must be a UUID.").wait_for()


async def test_what_lies_far_back_in_the_trail_is_found_by_going_on(
    scoreboard: Scoreboard, backends: Backends, look: Look
) -> None:
    bearer = {"Authorization": f"Bearer {scoreboard.bearer('moderator-7', 'moderator')}"}
    body = {"kind": "bonus", "userId": new_user(), "delta": 1, "reason": "long ago"}
    assert (await scoreboard.send("POST", "/acts", json=body, headers=bearer)).status == 201
    async with connect(backends.database_url) as owner:
        await read_often(owner, LOOKED_AT_MAX)
    moderator = await sign_in(look, scoreboard, place="#view=trail&kind=bonus")
    await moderator.page.get_by_text("No such act down to number").wait_for()
    await moderator.press("Older acts")
    await moderator.page.get_by_text("long ago").wait_for()
    await moderator.page.get_by_text("These are all.").wait_for()


async def test_health_shows_what_happens(scoreboard: Scoreboard, look: Look) -> None:
    moderator = await sign_in(look, scoreboard, place="#view=health")
    await moderator.page.get_by_text("postgresql up").wait_for()
    value, sockets = (
        moderator.page.get_by_role("region", name=name, exact=True).locator(".gauge-value")
        for name in ("Increments", "Sockets")
    )
    alice = new_user()
    async with asyncio.timeout(20):
        while (await value.inner_text()).startswith(("–", "0.0")):
            await scoreboard.increment(alice, 1)
    assert await sockets.inner_text() == "1"


@pytest.mark.parametrize("view", ["user", "trail", "health"])
async def test_what_cannot_be_read_is_told_and_can_be_tried_again(
    scoreboard: Scoreboard, look: Look, view: str
) -> None:
    alice = await play(scoreboard, 30)
    moderator = await sign_in(look, scoreboard)
    path = {"user": "**/events?*", "trail": "**/acts?*", "health": "**/stats"}[view]
    problem = '{"code": "internal", "detail": "Something went wrong here."}'
    await moderator.page.route(
        path, lambda route: route.fulfill(status=500, body=problem, content_type="application/json")
    )
    await moderator.page.evaluate(f"location.hash = 'view={view}&user={alice}'")
    await moderator.page.get_by_text("Something went wrong here.").wait_for()
    await moderator.page.unroute(path)
    if view != "health":
        await moderator.press("Try again")
    ready = {"user": "#user-score", "trail": ".trail", "health": ".gauge"}[view]
    await moderator.page.locator(ready).first.wait_for()
