"""Moderators act at the console, and every screen shows it; who may not is told what he needs."""

from __future__ import annotations

import asyncio
import re
import time

from playwright.async_api import Route

from scoreboard.domain.identifiers import BoardId, UserId
from tests.browser.conftest import Look
from tests.browser.moderating import Moderator, play, sign_in
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.support import query

SHOWN_WITHIN_S = 1.0
MARKUP = '<img src=x onerror="alert(1)"><b>loud</b>'


async def _event_ids(backends: Backends, user: UserId) -> list[int]:
    rows = await query(
        backends.database_url,
        "SELECT event_id FROM score_events WHERE user_id = $1 ORDER BY event_id",
        user,
    )
    return [row["event_id"] for row in rows]


async def test_keys_alone_find_a_cheater_and_void_what_he_did(
    scoreboard: Scoreboard, look: Look, backends: Backends
) -> None:
    alice, bob = await play(scoreboard, 500, 2), await play(scoreboard, 600)
    watcher = await look(scoreboard.url)
    await watcher.until_shows([(alice, 1000, 1), (bob, 600, 2)])
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    newest = (await _event_ids(backends, alice))[-1]
    keyboard, page = moderator.page.keyboard, moderator.page
    for _ in range(30):
        await keyboard.press("Tab")
        if await page.evaluate(f"document.activeElement.dataset.event === '{newest}'"):
            break
    await keyboard.press("Enter")
    await page.get_by_text("Score 1,000 → 500 (−500).").wait_for()
    await keyboard.type("played by a script")
    pressed_s = time.monotonic()
    await keyboard.press("Enter")
    await watcher.until_shows([(bob, 600, 1), (alice, 500, 2)])
    assert time.monotonic() - pressed_s < SHOWN_WITHIN_S
    await moderator.dialog.get_by_text("500 points now, rank 2.").wait_for()
    await keyboard.press("Enter")
    await moderator.until_score("500")
    restore = page.get_by_role("button", name=f"Restore event {newest}")
    await restore.wait_for()
    assert await restore.evaluate("(element) => element === document.activeElement")


async def test_escape_closes_an_act_and_nothing_is_done(
    scoreboard: Scoreboard, look: Look, backends: Backends
) -> None:
    alice = await play(scoreboard, 10)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Suspend")
    await moderator.give_reason()
    await moderator.page.keyboard.press("Escape")
    await moderator.dialog.wait_for(state="detached")
    assert await query(backends.database_url, "SELECT FROM acts WHERE kind = 'suspension'") == []


async def test_a_bonus_and_a_correction_are_foreseen_and_told(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice = await play(scoreboard, 10)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    for name, points, foreseen, verb, score in (
        ("Bonus", "50", "Score 10 → 60 (+50).", "Give the bonus", "60"),
        ("Correct", "-25", "Score 60 → 35 (−25).", "Correct it", "35"),
    ):
        await moderator.press(name)
        await moderator.dialog.get_by_label("Points").fill(points)
        await moderator.dialog.get_by_text(foreseen).wait_for()
        await moderator.give_reason()
        await moderator.press(verb)
        assert f"{score} points now, rank 1." in await moderator.until_done()
        await moderator.until_score(score)


async def test_whoever_is_suspended_leaves_every_screen_and_comes_back_when_lifted(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice, bob = await play(scoreboard, 20), await play(scoreboard, 10)
    watcher = await look(scoreboard.url)
    await watcher.until_shows([(alice, 20, 1), (bob, 10, 2)])
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Suspend")
    await moderator.dialog.get_by_label("How long").select_option("for a day")
    await moderator.give_reason()
    pressed_s = time.monotonic()
    await moderator.dialog.get_by_role("button", name="Suspend", exact=True).click()
    await watcher.until_shows([(bob, 10, 1)])
    assert time.monotonic() - pressed_s < SHOWN_WITHIN_S
    await moderator.until_done()
    await moderator.page.locator(".chip", has_text="Suspended until").wait_for()
    await moderator.page.locator("#user-rank", has_text="none").wait_for()
    await moderator.press("Lift suspension")
    await moderator.give_reason()
    await moderator.press("Lift it")
    await watcher.until_shows([(alice, 20, 1), (bob, 10, 2)])
    await moderator.until_done()
    await moderator.page.locator("#user-rank", has_text="#1").wait_for()


async def test_of_two_moderators_who_void_the_same_event_one_is_told_of_the_other(
    scoreboard: Scoreboard, look: Look, backends: Backends
) -> None:
    alice = await play(scoreboard, 30, 2)
    (_, newest) = await _event_ids(backends, alice)
    first, second = await sign_in(look, scoreboard), await sign_in(look, scoreboard, "moderator-2")
    for each in (first, second):
        await each.find(alice)
        await each.press(f"Void event {newest}")
        await each.give_reason()
    await asyncio.gather(*(each.press("Void it") for each in (first, second)))
    told = [await _told(each) for each in (first, second)]
    done = re.compile(r"Done: act \d+\. 30 points now, rank 1\.")
    refused = "This event is void already"
    assert sorted(refused in each for each in told) == [False, True]
    assert sorted(bool(done.search(each)) for each in told) == [False, True]
    for each in (first, second):
        await each.page.keyboard.press("Enter")  # closes it
        await each.until_score("30")
        await each.page.get_by_role("button", name=f"Restore event {newest}").wait_for()
    events = await query(backends.database_url, "SELECT FROM score_events")
    assert len(events) == 3


async def _told(moderator: Moderator) -> str:
    """What became of the act."""
    told = moderator.dialog.locator(".receipt, .failure:visible")
    await told.wait_for()
    return await told.inner_text()


async def test_what_another_moderator_does_is_noticed(scoreboard: Scoreboard, look: Look) -> None:
    alice = await play(scoreboard, 30)
    first, second = await sign_in(look, scoreboard), await sign_in(look, scoreboard, "moderator-2")
    for each in (first, second):
        await each.find(alice)
    await first.press("Suspend")
    await first.give_reason("seen by both")
    await first.dialog.get_by_role("button", name="Suspend", exact=True).click()
    await first.until_done()
    await second.page.get_by_text("Something has changed since.").wait_for()
    await second.press("Read again")
    await second.page.locator(".chip", has_text="Suspended until lifted").wait_for()


async def test_markup_in_a_reason_is_text(scoreboard: Scoreboard, look: Look) -> None:
    alice = await play(scoreboard, 30)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Bonus")
    await moderator.dialog.get_by_label("Points").fill("5")
    await moderator.give_reason(MARKUP)
    await moderator.press("Give the bonus")
    await moderator.until_done()
    await moderator.page.get_by_role("link", name="Trail").click()
    why = moderator.page.locator(".why", has_text="onerror")
    await why.wait_for()
    assert await why.inner_text() == MARKUP
    assert await moderator.page.locator(".why *").count() == 0


async def test_an_act_whose_answer_is_lost_is_sent_again_and_takes_place_once(
    scoreboard: Scoreboard, look: Look, backends: Backends
) -> None:
    alice = await play(scoreboard, 30)
    moderator = await sign_in(look, scoreboard)
    await moderator.find(alice)
    await moderator.press("Bonus")
    await moderator.dialog.get_by_label("Points").fill("5")
    await moderator.give_reason()
    lost: list[str] = []

    async def lose(route: Route) -> None:
        """The service does it, and its answer never comes."""
        request = route.request
        if request.method == "POST" and not lost:
            lost.append(request.headers["idempotency-key"])
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await moderator.page.route("**/acts", lose)
    await moderator.press("Give the bonus")
    assert "nothing was done twice" in await moderator.until_done()
    await moderator.until_score("35")
    rows = await query(backends.database_url, "SELECT idempotency_key FROM acts WHERE kind='bonus'")
    assert [row["idempotency_key"] for row in rows] == lost


async def test_a_refusal_is_told_with_what_to_do_next(backends: Backends, look: Look) -> None:
    await query(
        backends.database_url, "INSERT INTO boards (board_id, max_score) VALUES ('small', 40)"
    )
    async with run_scoreboard(backends) as running:
        alice = new_user()
        await running.increment(alice, 30, board_id=BoardId("small"))
        moderator = await sign_in(look, running, place=f"#view=user&board=small&user={alice}")
        await moderator.until_found(alice)
        await moderator.press("Bonus")
        await moderator.dialog.get_by_label("Points").fill("11")
        await moderator.dialog.get_by_text("The board admits 40: this will be refused.").wait_for()
        await moderator.give_reason()
        await moderator.press("Give the bonus")
        failure = moderator.dialog.get_by_role("alert")
        await failure.get_by_text("choose another amount").wait_for()
        await moderator.dialog.get_by_label("Points").fill("10")
        await moderator.press("Give the bonus")
        assert "40 points now" in await moderator.until_done()
