"""Who looks at the page sees his own place, and in `scoreboard dev` he climbs."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Look
from tests.cli.conftest import Playground
from tests.harness import Scoreboard, new_user


async def test_a_token_shows_ones_own_place_and_leaves_the_address(
    scoreboard: Scoreboard, look: Look
) -> None:
    users = [new_user() for _ in range(20)]
    for points, user in enumerate(users, start=1):
        await scoreboard.increment(user, points)
    viewer = await look(f"{scoreboard.url}/?theme=dark#token={scoreboard.bearer(users[4])}")
    await viewer.page.get_by_role("heading", name="You are #16 of 20").wait_for()
    window = users[9::-1]
    await viewer.until_shows([(user, 10 - at, 11 + at) for at, user in enumerate(window)], "around")
    assert viewer.page.url == f"{scoreboard.url}/?theme=dark"
    await scoreboard.increment(users[4], 100)
    await viewer.page.get_by_role("heading", name="You are #1 of 20").wait_for()
    assert await viewer.page.locator("#top .is-own .name").get_attribute("title") == users[4]
    assert not await viewer.page.locator("#around").is_visible()
    await viewer.page.reload()
    await viewer.page.get_by_role("heading", name="You are #1 of 20").wait_for()


async def test_whoever_has_no_score_is_told_so(scoreboard: Scoreboard, look: Look) -> None:
    await scoreboard.increment(new_user(), 1)
    viewer = await look(f"{scoreboard.url}/#token={scoreboard.bearer(new_user())}")
    await viewer.page.get_by_role("heading", name="You are not on the board yet").wait_for()


@pytest.mark.parametrize("life_s", [1, 600])
async def test_a_token_that_does_not_hold_leaves_a_board_for_everybody(
    scoreboard: Scoreboard, look: Look, life_s: int
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 5)
    token = scoreboard.bearer(alice, life_s=life_s)
    if life_s > 1:
        token = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    viewer = await look(f"{scoreboard.url}/#token={token}")
    await viewer.until_shows([(alice, 5, 1)])
    await viewer.page.locator("#own").wait_for(state="hidden")
    await viewer.until_status("Live")
    assert await viewer.page.evaluate("sessionStorage.length") == 0


async def test_a_visitor_climbs_by_keyboard(playground: Playground, look: Look) -> None:
    viewer = await look(playground.url)
    await viewer.page.get_by_role("heading", name="You are not on the board yet").wait_for()
    await viewer.page.get_by_role("button", name="Earn 25 points").focus()
    for total in (25, 50, 75):
        await viewer.page.keyboard.press("Enter")
        await viewer.page.wait_for_function(
            "(points) => document.querySelector('#own-text').textContent.startsWith(points)",
            arg=f"{total} points",
        )
    own = viewer.page.locator("#top .is-own")
    await own.wait_for()  # among four players
    assert re.fullmatch(r"[A-Z][a-z]+ \d+", await own.locator(".name").inner_text())
    assert await own.locator(".you").inner_text() == "you"
    await viewer.page.reload()
    await viewer.page.locator("#top .is-own").wait_for()


async def test_a_press_is_answered_for_whoever_only_hears(
    playground: Playground, look: Look
) -> None:
    viewer = await look(playground.url)
    await viewer.page.get_by_role("button", name="Earn 25 points").click()
    told = viewer.page.get_by_role("status")
    await told.filter(has_text=re.compile(r"^25 points now, rank \d+\.$")).wait_for()


async def test_a_stage_shows_the_list_alone(playground: Playground, look: Look) -> None:
    viewer = await look(f"{playground.url}/?stage", viewport={"width": 1920, "height": 1080})
    await viewer.page.locator("#top .line").first.wait_for()
    assert await viewer.page.locator("button:visible, a:visible").count() == 0
    size = "parseFloat(getComputedStyle(document.querySelector('#top .name')).fontSize)"
    assert await viewer.page.evaluate(size) > 50
    beyond = "document.documentElement.scrollHeight - innerHeight"
    assert await viewer.page.evaluate(beyond) == 0
