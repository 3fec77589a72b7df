"""Everybody can use the pages: axe finds nothing, keys reach everything, and words say it all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Look
from tests.browser.viewer import PHONE
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.support import query

WIDE = {"width": 1920, "height": 1080}


async def _play(scoreboard: Scoreboard) -> str:
    """Twenty users and a token of the last but one of them; the address that shows his place."""
    users = [new_user() for _ in range(20)]
    for points, user in enumerate(users, start=1):
        await scoreboard.increment(user, points * 10)
    return f"{scoreboard.url}/#token={scoreboard.bearer(users[1])}"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"color_scheme": "light"}, id="light"),
        pytest.param({"color_scheme": "dark"}, id="dark"),
        pytest.param({"viewport": PHONE}, id="phone"),
        pytest.param({"viewport": PHONE, "color_scheme": "dark"}, id="dark phone"),
        pytest.param({"forced_colors": "active"}, id="forced colours"),
    ],
)
async def test_axe_finds_nothing_on_a_board(
    scoreboard: Scoreboard, look: Look, options: dict[str, Any]
) -> None:
    viewer = await look(await _play(scoreboard), **options)
    await viewer.page.locator("#around .is-own").wait_for()
    assert await violations(viewer) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/?stage", "/?board=nowhere"])
async def test_axe_finds_nothing_on_a_board_that_is_empty_staged_or_unknown(
    scoreboard: Scoreboard, look: Look, address: str, scheme: str
) -> None:
    viewer = await look(scoreboard.url + address, color_scheme=scheme, viewport=WIDE)
    await viewer.page.locator("#vacant-title").wait_for()
    assert await violations(viewer) == []
    if "board" not in address:
        await _play(scoreboard)
        await viewer.page.locator("#top .line").nth(9).wait_for()
        assert await violations(viewer) == []


@pytest.mark.parametrize("address", ["/", "/?stage"])
async def test_axe_finds_nothing_while_the_connection_is_lost(
    backends: Backends, look: Look, address: str
) -> None:
    async with run_scoreboard(backends) as running:
        await _play(running)
        viewer = await look(running.url + address)
        await viewer.page.locator("#top .line").nth(9).wait_for()
    await viewer.page.locator("#notice").wait_for()
    assert await violations(viewer) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, WIDE])
async def test_axe_finds_nothing_in_the_reference(
    scoreboard: Scoreboard, look: Look, scheme: str, viewport: dict[str, int]
) -> None:
    viewer = await look(f"{scoreboard.url}/docs", color_scheme=scheme, viewport=viewport)
    await viewer.page.get_by_role("heading", name="API reference").wait_for()
    assert await violations(viewer) == []


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_phone_scrolls_no_page_sideways(
    scoreboard: Scoreboard, look: Look, path: str
) -> None:
    await _play(scoreboard)
    viewer = await look(scoreboard.url + path, viewport={"width": 320, "height": 640})
    await viewer.page.locator("footer").wait_for()
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await viewer.page.evaluate(wider) == 0


async def test_keys_reach_everything_in_order_and_show_where_they_are(
    scoreboard: Scoreboard, look: Look
) -> None:
    viewer = await look(await _play(scoreboard))
    await viewer.page.locator("#around .is-own").wait_for()
    reached = []
    for _ in range(3):
        await viewer.page.keyboard.press("Tab")
        reached.append(
            await viewer.page.evaluate(
                "[document.activeElement.textContent.split(':')[0],"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
        )
    assert reached == [
        ["Skip to your place", "solid"],
        ["API reference", "solid"],
        ["Theme", "solid"],
    ]
    await viewer.page.keyboard.press("Enter")
    assert await viewer.page.evaluate("document.documentElement.dataset.theme") == "light"


async def test_the_theme_that_was_chosen_holds_on_all_pages_and_is_remembered(
    scoreboard: Scoreboard, look: Look
) -> None:
    viewer = await look(scoreboard.url, color_scheme="light")
    for _ in range(2):
        await viewer.page.get_by_role("button", name="Theme").click()
    background = "getComputedStyle(document.documentElement).backgroundColor"
    dark = await viewer.page.evaluate(background)
    await viewer.page.get_by_role("link", name="API reference").click()
    await viewer.page.wait_for_url("**/docs")
    assert await viewer.page.evaluate(background) == dark
    await viewer.page.get_by_role("button", name="Theme: dark").click()
    assert await viewer.page.evaluate(background) != dark


async def test_a_screen_reader_is_told_little(scoreboard: Scoreboard, look: Look) -> None:
    alice, bob = new_user(), new_user()
    await scoreboard.increment(alice, 100)
    viewer = await look(scoreboard.url)
    await viewer.page.evaluate(
        """() => {
          window.told = [];
          const element = document.querySelector('[role=status]');
          new MutationObserver(() => window.told.push(element.textContent))
            .observe(element, { childList: true });
        }"""
    )
    for _ in range(30):
        await scoreboard.increment(bob, 7)
    await viewer.until_shows([(bob, 210, 1), (alice, 100, 2)])
    told: list[str] = await viewer.page.evaluate("window.told")
    assert len(told) <= 1


async def test_a_list_reads_as_a_list_with_ranks_and_points(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 1500)
    viewer = await look(scoreboard.url)
    await viewer.until_shows([(alice, 1500, 1)])
    line = viewer.page.get_by_role("listitem").first
    text = await line.evaluate("(element) => element.textContent")
    assert text == f"Rank 1{alice[:8]}1,500 points"


async def test_names_of_boards_are_titles(backends: Backends, look: Look) -> None:
    await query(backends.database_url, "INSERT INTO boards (board_id) VALUES ('week-7')")
    async with run_scoreboard(backends) as running:
        viewer = await look(f"{running.url}/?board=week-7")
        await viewer.page.get_by_role("heading", name="week-7", level=1).wait_for()
        await viewer.page.get_by_text("No scores yet").wait_for()
        assert await viewer.page.title() == "week-7"
