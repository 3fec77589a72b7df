"""Everybody can use the console: axe finds nothing in any state, keys reach everything in order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Look
from tests.browser.moderating import Moderator, sign_in
from tests.browser.viewer import PHONE
from tests.harness import Scoreboard, new_user

LOOKS = [
    pytest.param({"color_scheme": "light"}, id="light"),
    pytest.param({"color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": PHONE}, id="phone"),
    pytest.param({"forced_colors": "active"}, id="forced colours"),
]


async def _user_with_a_history(running: Scoreboard, look: Look, **options: Any) -> Moderator:
    """A console that shows a user with events, one of them void, who is suspended."""
    alice = new_user()
    for points in (10, 20, 30):
        await running.increment(alice, points)
    bearer = {"Authorization": f"Bearer {running.bearer('moderator-9', 'moderator')}"}
    events = await running.get(f"/users/{alice}/events", headers=bearer)
    for act in (
        {"kind": "void", "eventId": events.body["events"][0]["eventId"]},
        {"kind": "suspension", "userId": alice},
    ):
        done = await running.send("POST", "/acts", json={**act, "reason": "why"}, headers=bearer)
        assert done.status == 201
    moderator = await sign_in(look, running, place=f"#view=user&user={alice}", **options)
    await moderator.until_found(alice)
    return moderator


@pytest.mark.parametrize("options", LOOKS)
async def test_axe_finds_nothing_before_one_is_in(
    scoreboard: Scoreboard, look: Look, options: dict[str, Any]
) -> None:
    viewer = await look(f"{scoreboard.url}/console", **options)
    await viewer.page.get_by_label("Bearer token").wait_for()
    assert await violations(viewer) == []
    viewer = await look(
        f"{scoreboard.url}/console#token={scoreboard.bearer(new_user())}", **options
    )
    await viewer.page.get_by_role("heading", name="This is for moderators").wait_for()
    assert await violations(viewer) == []


@pytest.mark.parametrize("options", LOOKS)
async def test_axe_finds_nothing_on_a_user_and_an_act(
    scoreboard: Scoreboard, look: Look, options: dict[str, Any]
) -> None:
    moderator = await _user_with_a_history(scoreboard, look, **options)
    assert await violations(moderator.viewer) == []
    await moderator.page.get_by_role("button", name="Void event").first.click()
    assert await violations(moderator.viewer) == []
    await moderator.give_reason()
    await moderator.press("Void it")
    await moderator.dialog.locator(".receipt").wait_for()
    assert await violations(moderator.viewer) == []
    await moderator.press("Done")
    await moderator.press("Void a window")
    await moderator.give_reason()
    await moderator.press("Preview")
    await moderator.dialog.locator(".foreseen-sum").wait_for()
    assert await violations(moderator.viewer) == []


@pytest.mark.parametrize("options", LOOKS)
@pytest.mark.parametrize("view", ["trail", "boards", "health", "user"])
async def test_axe_finds_nothing_in_any_view(
    scoreboard: Scoreboard, look: Look, view: str, options: dict[str, Any]
) -> None:
    await scoreboard.increment(new_user(), 10)
    moderator = await sign_in(look, scoreboard, place=f"#view={view}", **options)
    await moderator.page.locator(".table, .gauge, .vacancy").first.wait_for()
    await moderator.page.locator("#top .line").wait_for()
    assert await violations(moderator.viewer) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_where_nothing_is_found_or_goes(
    scoreboard: Scoreboard, look: Look, scheme: str
) -> None:
    place = f"#view=user&user={new_user()}"
    moderator = await sign_in(look, scoreboard, place=place, color_scheme=scheme)
    await moderator.page.get_by_text("No score on the board “main”").wait_for()
    assert await violations(moderator.viewer) == []
    await moderator.page.keyboard.press("/")
    await moderator.page.keyboard.type("nobody")
    await moderator.page.get_by_text("Nobody of the first 50 is called so.").wait_for()
    assert await violations(moderator.viewer) == []


@pytest.mark.parametrize("view", ["user", "trail", "boards", "health"])
async def test_a_phone_scrolls_no_view_sideways(
    scoreboard: Scoreboard, look: Look, view: str
) -> None:
    moderator = await _user_with_a_history(scoreboard, look, viewport={"width": 320, "height": 640})
    await moderator.page.get_by_role("link", name=view.capitalize(), exact=True).click()
    await moderator.page.locator(".table, .gauge").first.wait_for()
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await moderator.page.evaluate(wider) == 0


async def test_keys_reach_everything_in_order_and_show_where_they_are(
    scoreboard: Scoreboard, look: Look
) -> None:
    moderator = await _user_with_a_history(scoreboard, look)
    page = moderator.page
    focused = "document.activeElement"
    assert await page.evaluate(f"{focused}.id") == "user-title"
    reached = []
    for _ in range(6):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(f"{focused}.textContent"))
        assert await page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    assert reached == [
        "What was done to him",
        "Bonus",
        "Correct",
        "Void a window",
        "Lift suspension",
        "Suspend anew",
    ]
    await page.keyboard.press("Enter")
    assert await page.evaluate(f"{focused}.tagName") == "SELECT"
    await page.keyboard.press("Escape")
    assert await page.evaluate(f"{focused}.textContent") == "Suspend anew"


async def test_a_users_name_is_found_by_arrows_and_opened(
    scoreboard: Scoreboard, look: Look
) -> None:
    users = [new_user() for _ in range(3)]
    for points, user in enumerate(users, start=1):
        await scoreboard.increment(user, points)
    moderator = await sign_in(look, scoreboard)
    await moderator.page.locator("#top .line").nth(2).wait_for()
    await moderator.page.keyboard.press("/")
    await moderator.page.keyboard.type(users[1][:4])
    option = moderator.page.get_by_role("option", name=users[1][:8])
    await option.wait_for()
    assert await option.get_attribute("aria-selected") == "true"
    await moderator.page.keyboard.press("Escape")
    await option.wait_for(state="hidden")
    await moderator.page.keyboard.press("/")
    await moderator.page.keyboard.type(users[0][:4])
    await moderator.page.keyboard.press("ArrowDown")
    await moderator.page.keyboard.press("Enter")
    await moderator.until_found(users[0])
