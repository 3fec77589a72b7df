"""Moderators act at the console, and every screen shows it; who may not is told what he needs."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import Route

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from tests.browser.conftest import Look
from tests.browser.moderating import Moderator, sign_in
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.support import query

SHOWN_WITHIN_S = 1.0
MARKUP = '<img src=x onerror="alert(1)"><b>loud</b>'


async def _play(running: Scoreboard, points: int, times: int = 1) -> UserId:
    """A new user with so many events."""
    user = new_user()
    for _ in range(times):
        assert (await running.increment(user, points)).status == 200
    return user


async def _event_ids(backends: Backends, user: UserId) -> list[int]:
    rows = await query(
        backends.database_url,
        "SELECT event_id FROM score_events WHERE user_id = $1 ORDER BY event_id",
        user,
    )
    return [row["event_id"] for row in rows]


async def test_a_pasted_token_signs_in_and_is_kept_where_that_is_ticked(
    scoreboard: Scoreboard, look: Look
) -> None:
    viewer = await look(f"{scoreboard.url}/console")
    page = viewer.page
    for is_kept in (False, True):
        await page.get_by_label("Bearer token").fill(scoreboard.bearer("anna", "admin"))
        if is_kept:
            await page.get_by_label("Keep it until this tab is closed").check()
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_text("Find a user").first.wait_for()
        await page.locator("#account-name", has_text="anna").wait_for()
        await page.locator("#account-left", has_text="min left").wait_for()
        assert await page.evaluate("document.cookie") == ""
        await page.reload()
        await page.locator("#account-name:visible" if is_kept else "textarea").wait_for()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_text("You are signed out.").wait_for()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_a_token_in_the_address_signs_in_and_leaves_it(
    scoreboard: Scoreboard, look: Look
) -> None:
    moderator = await sign_in(look, scoreboard)
    await moderator.page.locator("#account-name", has_text="moderator-1").wait_for()
    assert "token" not in moderator.page.url
    assert await moderator.page.evaluate("sessionStorage.length") == 0


async def test_a_plain_player_is_told_which_scope_he_needs_and_how_to_get_it(
    scoreboard: Scoreboard, look: Look
) -> None:
    player = new_user()
    viewer = await look(f"{scoreboard.url}/console#token={scoreboard.bearer(player)}")
    await viewer.page.get_by_role("heading", name="This is for moderators").wait_for()
    text = await viewer.page.locator("main").inner_text()
    assert player in text
    assert "scores:write" in text
    assert "scoreboard token bearer --user YOU --scope moderator" in text
    assert not await viewer.page.locator("#frame").is_visible()
    await viewer.page.get_by_role("button", name="Use another token").click()
    await viewer.page.get_by_label("Bearer token").wait_for()


async def test_a_token_that_does_not_hold_is_refused_in_words(
    scoreboard: Scoreboard, look: Look
) -> None:
    token = scoreboard.bearer("anna", "moderator")
    viewer = await look(f"{scoreboard.url}/console#token={token[:-4]}AAAA")
    await viewer.page.get_by_text("The service does not accept this token.").wait_for()


async def test_the_end_of_a_token_is_told_and_a_new_one_leads_back(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice = await _play(scoreboard, 10)
    token = scoreboard.bearer("anna", "moderator", life_s=4)
    viewer = await look(f"{scoreboard.url}/console#view=user&user={alice}&token={token}")
    await viewer.page.get_by_text("Your token ends soon.").wait_for()
    await viewer.page.get_by_text("The token has expired.").wait_for()
    await viewer.page.get_by_label("Bearer token").fill(scoreboard.bearer("anna", "moderator"))
    await viewer.page.keyboard.press("Enter")
    await Moderator(viewer).until_found(alice)


async def test_keys_alone_find_a_cheater_and_void_what_he_did(
    scoreboard: Scoreboard, look: Look, backends: Backends
) -> None:
    alice, bob = await _play(scoreboard, 500, 2), await _play(scoreboard, 600)
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
    alice = await _play(scoreboard, 10)
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
    alice = await _play(scoreboard, 10)
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
    alice, bob = await _play(scoreboard, 20), await _play(scoreboard, 10)
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
    alice = await _play(scoreboard, 30, 2)
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
    alice = await _play(scoreboard, 30)
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
    alice = await _play(scoreboard, 30)
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
    alice = await _play(scoreboard, 30)
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
    alice, bob = await _play(scoreboard, 30), await _play(scoreboard, 40)
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
    alice = await _play(scoreboard, 30)
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


async def test_a_cheaters_last_hour_is_previewed_voided_and_restored(
    scoreboard: Scoreboard, look: Look
) -> None:
    alice, bob = await _play(scoreboard, 100, 5), await _play(scoreboard, 300)
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


async def test_a_window_that_changes_is_previewed_anew(scoreboard: Scoreboard, look: Look) -> None:
    alice = await _play(scoreboard, 100, 2)
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
