"""Who may use the console gets in by a token that no server and no other page sees."""

from __future__ import annotations

from tests.browser.conftest import Look
from tests.browser.moderating import Moderator, play, sign_in
from tests.harness import Scoreboard, new_user


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
    alice = await play(scoreboard, 10)
    token = scoreboard.bearer("anna", "moderator", life_s=4)
    viewer = await look(f"{scoreboard.url}/console#view=user&user={alice}&token={token}")
    await viewer.page.get_by_text("Your token ends soon.").wait_for()
    await viewer.page.get_by_text("The token has expired.").wait_for()
    await viewer.page.get_by_label("Bearer token").fill(scoreboard.bearer("anna", "moderator"))
    await viewer.page.keyboard.press("Enter")
    await Moderator(viewer).until_found(alice)
