"""The examples do what they promise, in a browser and beside a real service."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Look
from tests.cli.conftest import Playground
from tests.harness import Backends, Scoreboard
from tests.npm import installed
from tests.sdk.package import FOLDER as SDK
from tests.sdk.package import run
from tests.servers.rabbitmq import free_ports

EXAMPLES = Path(__file__).parents[2] / "examples"
CLICKER_MAX_LINES = 120
NEEDED = 10
CHEATER_CLICKS = 50


@pytest.fixture(scope="module", autouse=True)
def _client() -> None:
    """Build the client that the examples load; one worker at a time."""
    with (SDK / "tsconfig.build.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(run("npm", "run", "--silent", "build"))


@asynccontextmanager
async def until_says(words: bytes, *command: str, **environment: str) -> AsyncIterator[None]:
    """A program that runs while the block does, from when it has said these words."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            await process.stdout.readuntil(words)
        yield
    finally:
        process.terminate()
        await process.communicate()


@pytest.fixture
async def clicker(scoreboard: Scoreboard, backends: Backends) -> AsyncIterator[str]:
    """Return where the game is."""
    (port,) = free_ports(1)
    server = (sys.executable, "-u", str(EXAMPLES / "clicker" / "server.py"))
    async with until_says(
        b"Running on",
        *server,
        URL=scoreboard.url,
        PORT=str(port),
        SCOREBOARD_KEYS_FILE=str(backends.keys_file),
    ):
        yield f"http://localhost:{port}"


async def test_ten_clicks_are_ten_points_on_every_screen(clicker: str, browser: Browser) -> None:
    player, other = await browser.new_page(), await browser.new_page()
    await player.goto(clicker)
    await other.goto(clicker)
    told = player.get_by_role("status")
    for clicks in range(1, NEEDED):
        await player.get_by_role("button", name="Click").click()
        await told.filter(has_text=str(clicks)).wait_for()
    assert await other.get_by_role("listitem").count() == 0
    await player.get_by_role("button", name="Click").click()
    await told.filter(has_text="You have 10 points and are #1.").wait_for()
    await player.get_by_role("listitem").filter(has_text="You: 10").wait_for()
    await other.get_by_role("listitem").filter(has_text=": 10").wait_for()


async def test_a_script_that_clicks_faster_than_anybody_can_gains_nothing(clicker: str) -> None:
    # Its cookie is for `localhost`, which is a name: no other jar setting is needed.
    async with aiohttp.ClientSession(clicker) as script:
        await script.post("/session")
        answers = await asyncio.gather(*(script.post("/click") for _ in range(CHEATER_CLICKS)))
        statuses = [answer.status for answer in answers]
        assert statuses.count(429) > CHEATER_CLICKS - NEEDED
        top = await (await script.get("/scores/top")).json()
    assert top["entries"] == []


async def test_nobody_clicks_for_whoever_has_no_session(clicker: str) -> None:
    async with aiohttp.ClientSession(clicker) as stranger:
        assert (await stranger.post("/click")).status == 429


async def test_clicks_outlast_a_scoreboard_that_does_not_answer(backends: Backends) -> None:
    assert backends.keys
    (port, nobody) = free_ports(2)
    server = (sys.executable, "-u", str(EXAMPLES / "clicker" / "server.py"))
    addresses = {"URL": f"http://localhost:{nobody}", "PORT": str(port)}
    keys = {"SCOREBOARD_KEYS_FILE": str(backends.keys_file)}
    running = until_says(b"Running on", *server, **keys, **addresses)
    async with running, aiohttp.ClientSession(f"http://localhost:{port}") as player:
        await player.post("/session")
        statuses: list[int] = []
        while len(statuses) < NEEDED + 1:
            status = (await player.post("/click")).status
            if status != 429:
                statuses.append(status)
    assert statuses == [200] * (NEEDED - 1) + [503, 503]


def test_the_clicker_stays_short() -> None:
    files = [each for each in (EXAMPLES / "clicker").iterdir() if each.is_file()]
    assert sum(len(each.read_text("utf-8").splitlines()) for each in files) < CLICKER_MAX_LINES


async def test_the_react_example_shows_the_board_and_lets_one_play(
    playground: Playground, look: Look
) -> None:
    folder = installed(EXAMPLES / "react")
    process = await asyncio.create_subprocess_exec("npm", "run", "--silent", "build", cwd=folder)
    assert await process.wait() == 0
    (port,) = free_ports(1)
    vite = (str(folder / "node_modules" / ".bin" / "vite"), "preview", str(folder))
    options = ("--port", str(port), "--strictPort", "--host", "localhost")
    async with until_says(b"Local:", *vite, *options, URL=playground.url, NO_COLOR="1"):
        page = (await look(f"http://localhost:{port}/")).page
        await page.get_by_role("listitem").first.wait_for()
        await page.get_by_text("not on the board yet").wait_for()
        await page.get_by_role("button", name="Earn 25 points").click()
        await page.get_by_text("That made 25.").wait_for()
        await page.get_by_text(re.compile(r"#\d+ of \d+")).wait_for()
