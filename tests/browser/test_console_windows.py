"""A cheater's last hour: previewed, voided at once on every screen, and restored."""

from __future__ import annotations

import asyncio
import re
import time

from scoreboard.domain.identifiers import MAIN_BOARD
from tests.browser.conftest import Look
from tests.browser.moderating import play, sign_in
from tests.harness import Scoreboard, new_user

SHOWN_WITHIN_S = 1.0


async def test_a_cheaters_last_hour_is_previewed_voided_and_restored(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice, bob = await play(scoreboard, 100, 5), await play(scoreboard, 300)
    watcher = await look(scoreboard.url)
    await watcher.until_shows([(alice, 500, 1), (bob, 300, 2)])
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Void a window")
    await moderator.dialog.get_by_label("When").select_option("the last hour")
    await moderator.give_reason("played by a script")
    await moderator.press("Preview")
    await moderator.dialog.get_by_text("5 events of 1 user, −500 points.").wait_for()
    await moderator.dialog.get_by_text(f"#1 {bob[:8]} 300").wait_for()
    pressed_s = time.monotonic()
    await moderator.press("Void 5 events")
    await watcher.until_shows([(bob, 300, 1), (alice, 0, 2)])
    assert time.monotonic() - pressed_s < SHOWN_WITHIN_S
    assert re.fullmatch(r"Done: act \d+, 5 events\.", await moderator.until_done())
    await moderator.until_score("0")
    await moderator.page.get_by_role("link", name="Trail").click()
    await moderator.page.get_by_role("button", name=re.compile("Restore what act")).click()
    await moderator.give_reason("it was no script")
    await moderator.press("Preview")
    await moderator.press("Restore 5 events")
    await watcher.until_shows([(alice, 500, 1), (bob, 300, 2)])
    assert re.fullmatch(r"Done: act \d+, 5 events\.", await moderator.until_done())


async def test_the_first_of_the_board_are_told_apart_also_where_they_tie(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice, bob, cleo = [await play(scoreboard, points, 2) for points in (9, 9, 7)]
    dan = await play(scoreboard, 20)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(dan)
    await moderator.press("Void a window")
    await moderator.dialog.get_by_label("When").select_option("the last hour")
    await moderator.give_reason()
    await moderator.press("Preview")
    first = f"#1 {alice[:8]} 18, #1 {bob[:8]} 18, #3 {cleo[:8]} 14."
    await moderator.dialog.get_by_text(f"The board would begin with {first}").wait_for()


async def test_a_window_that_changes_is_previewed_anew(scoreboard: Scoreboard, look: Look) -> None:
    alice = await play(scoreboard, 100, 2)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Void a window")
    await moderator.give_reason()
    await moderator.press("Preview")
    await moderator.dialog.get_by_role("button", name="Void 2 events").wait_for()
    await moderator.dialog.get_by_label("Whose").select_option(f"of everybody on “{MAIN_BOARD}”")
    await moderator.press("Preview")
    await moderator.dialog.get_by_role("button", name="Void 2 events").wait_for()


async def test_many_events_are_confirmed_by_their_number(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice = new_user()
    for _ in range(21):
        await asyncio.gather(*(scoreboard.increment(alice, 1) for _ in range(50)))
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Void a window")
    await moderator.give_reason()
    await moderator.press("Preview")
    await moderator.dialog.get_by_label("Confirm").fill("1049")
    await moderator.press("Void 1,050 events")
    await moderator.dialog.get_by_text("need their number as a confirmation").wait_for()
    await moderator.press("Preview")
    await moderator.dialog.get_by_label("Confirm").fill("1050")
    await moderator.press("Void 1,050 events")
    assert "1,050 events." in await moderator.until_done()
    await moderator.until_score("0")


async def test_what_comes_after_the_preview_is_left_alone(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice = await play(scoreboard, 100, 2)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Void a window")
    await moderator.dialog.get_by_label("When").select_option("from the beginning")
    await moderator.give_reason()
    await moderator.press("Preview")
    await moderator.dialog.get_by_role("button", name="Void 2 events").wait_for()
    await scoreboard.increment(alice, 7)
    await moderator.press("Void 2 events")
    assert "2 events." in await moderator.until_done()
    await moderator.until_score("7")
