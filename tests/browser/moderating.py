"""A moderator at the console: what he sees, and what he presses."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator

from scoreboard.domain.identifiers import UserId
from tests.browser.conftest import Look
from tests.browser.viewer import Viewer
from tests.harness import Scoreboard, new_user

MODERATOR = "moderator-1"


class Moderator:
    """One console in one browser."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.page = viewer.page

    async def find(self, user_id: UserId) -> None:
        """By his id, with the keys alone; returns once his events are there."""
        await self.page.keyboard.press("/")
        await self.page.keyboard.type(user_id)
        await self.page.keyboard.press("Enter")
        await self.until_found(user_id)

    async def until_found(self, user_id: UserId) -> None:
        """Returns once what is known of the user is shown."""
        await self.page.locator(f"#user-title [data-called='{user_id}']").wait_for()
        await self.page.locator("#user-score").wait_for()

    async def press(self, name: str) -> None:
        """A button of the page or of what is open over it."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def dialog(self) -> Locator:
        """The act that is open."""
        return self.page.get_by_role("dialog")

    async def give_reason(self, reason: str = "a script") -> None:
        """Why it is done."""
        await self.dialog.get_by_label("Reason").fill(reason)

    async def until_score(self, score: str) -> None:
        """Returns once the user's score is that."""
        await self.page.locator("#user-score").get_by_text(score, exact=True).wait_for()

    async def until_done(self) -> str:
        """What the receipt says; it is closed by then."""
        receipt = self.dialog.locator(".receipt")
        await receipt.wait_for()
        text = await receipt.inner_text()
        await self.press("Done")
        await self.dialog.wait_for(state="detached")
        return text


async def sign_in(
    look: Look, running: Scoreboard, subject: str = MODERATOR, place: str = "", **options: Any
) -> Moderator:
    """A moderator who is in, by a token in the address."""
    token = running.bearer(subject, "moderator")
    viewer = await look(f"{running.url}/console{place or '#'}&token={token}", **options)
    await viewer.page.locator("#account-name").wait_for()
    return Moderator(viewer)


async def play(running: Scoreboard, points: int, times: int = 1) -> UserId:
    """A new user with so many events."""
    user = new_user()
    for _ in range(times):
        assert (await running.increment(user, points)).status == 200
    return user
