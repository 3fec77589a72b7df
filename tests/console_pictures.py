"""What the pictures of the console show: a story of acts, told by two moderators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page

from tests.cli.program import run

PLAYER = "7d3f9a52-6c1e-4b8f-9a70-2f5b8e1c4d63"
DARK = {"color_scheme": "dark"}

Step = Callable[[Page], Awaitable[None]]


async def _nothing(_page: Page) -> None:
    """Leaves the page as it was opened."""


async def _preview(page: Page) -> None:
    await page.get_by_role("button", name="Void a window").click()
    await page.get_by_label("Reason").fill("played by a script")
    await page.get_by_role("button", name="Preview").click()
    await page.locator(".foreseen-sum").wait_for()


async def _watch_health(page: Page) -> None:
    await page.wait_for_timeout(45_000)


@dataclass(frozen=True)
class ConsolePicture:
    """What is opened as whom, and done before it is taken; `{cheater}` stands for his id."""

    name: str
    place: str
    width: int = 1280
    height: int = 860
    options: dict[str, str] = field(default_factory=dict)
    subject: str | None = "anna"
    scope: str = "moderator"
    step: Step = _nothing


USER = "view=user&user={cheater}"
CONSOLE_PICTURES = (
    ConsolePicture("console-sign-in-light", "", subject=None, height=620),
    ConsolePicture("console-forbidden-light", "", height=520, subject=PLAYER, scope="scores:write"),
    ConsolePicture("console-trail-light", "view=trail", height=760),
    ConsolePicture("console-user-light", USER),
    ConsolePicture("console-user-dark", USER, options=DARK),
    ConsolePicture("console-user-phone", USER, width=390, height=844),
    ConsolePicture("console-preview-dark", USER, options=DARK, step=_preview),
    ConsolePicture(
        "console-health-dark", "view=health", height=620, options=DARK, step=_watch_health
    ),
)


def token(folder: Path, subject: str, scope: str) -> str:
    """A Bearer token of the playground in that folder."""
    env = {"SCOREBOARD_KEYS_FILE": str(folder / ".scoreboard" / "keys.json")}
    arguments = ("token", "bearer", "--user", subject, "--scope", scope)
    made = run(*arguments, cwd=folder, env=env)
    assert made.code == 0, made.err
    return made.out.strip()


async def play_story(url: str, folder: Path) -> str:
    """Some acts upon those who lead; who is looked at, by his id."""
    async with aiohttp.ClientSession(url) as session:
        anna, ben = (_Acting(session, token(folder, each, "moderator")) for each in ("anna", "ben"))
        async with session.get("/scores/top?limit=5") as answer:
            top = [each["userId"] for each in (await answer.json())["entries"]]
        cheater = str(top[1])
        bosses = await anna.events_worth(cheater, 20)
        await ben.act(kind="bonus", userId=cheater, delta=40, reason="won the art contest")
        await ben.act(kind="void", eventId=bosses[0], reason="a script: <b>13 wins</b> in a second")
        await anna.act(kind="correction", userId=cheater, delta=-7, reason="counted twice")
        await anna.act(kind="void", eventId=bosses[1], reason="a script")
        await anna.act(kind="restore", eventId=bosses[1], reason="it was no script")
        window = {"userId": top[4], "from": "2026-01-31T12:00:00Z"}
        await ben.act(kind="void", window=window, reason="played by a script all day")
        until = "2027-01-01T00:00:00Z"
        await anna.act(kind="suspension", userId=top[3], until=until, reason="insults in his name")
    return cheater


class _Acting:
    """A moderator without a browser."""

    def __init__(self, session: aiohttp.ClientSession, bearer: str) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {bearer}"}

    async def act(self, **body: Any) -> None:
        """An act that takes place, or begins to."""
        async with self._session.post("/acts", json=body, headers=self._headers) as answer:
            assert answer.status in {201, 202}, await answer.text()

    async def events_worth(self, user_id: str, points: int) -> list[int]:
        """The newest events of a user that earned so much."""
        path = f"/users/{user_id}/events"
        async with self._session.get(path, headers=self._headers) as answer:
            events = (await answer.json())["events"]
        return [each["eventId"] for each in events if each["delta"] >= points]
