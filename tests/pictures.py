"""The pictures of the pages in docs/images, made from a real run: `python -m tests.pictures`.

They are taken with Inter where it is installed (Debian: fonts-inter), since a reader's system has
better fonts than most servers.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.browser.chromium import running_chromium
from tests.cli.program import read_json, started
from tests.console_pictures import CONSOLE_PICTURES, ConsolePicture, play_story, token

FOLDER = Path(__file__).parent.parent / "docs" / "images"
PLAYED_S = 12.0
STILL_S = 1.5
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>sans</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Picture:
    """What is opened, and how large; `presses` of the button before it is taken."""

    name: str
    width: int
    height: int
    path: str = "/"
    options: dict[str, str] = field(default_factory=dict)
    presses: int = 0


PICTURES = (
    Picture("board-light", 1200, 860, presses=2),
    Picture("board-dark", 1200, 860, options={"color_scheme": "dark"}, presses=7),
    Picture("board-phone", 390, 844, presses=1),
    Picture("board-stage", 1280, 720, "/?stage&theme=dark"),
    Picture("reference", 1200, 760, "/docs"),
)


async def take(browser: Browser, url: str, picture: Picture) -> None:
    """Opens the page, plays, waits until all is at rest and writes the file."""
    size = {"width": picture.width, "height": picture.height}
    context = await browser.new_context(viewport=size, **picture.options)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(url + picture.path)
    for _ in range(picture.presses):
        await page.get_by_role("button", name="Earn 25 points").click()
        await page.wait_for_timeout(300)
    await _keep(page, picture.name)


async def take_console(browser: Browser, url: str, picture: ConsolePicture, hash_: str) -> None:
    """The same of the console; `hash_` is what stands behind the `#`."""
    size = {"width": picture.width, "height": picture.height}
    context = await browser.new_context(viewport=size, **picture.options)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{url}/console#{hash_}")
    await page.wait_for_timeout(STILL_S * 1000)
    await picture.step(page)
    await _keep(page, picture.name)


async def _keep(page: Page, name: str) -> None:
    """Writes the file, and closes what was opened for it."""
    # Nothing sets out any more; what is under way arrives.
    await page.emulate_media(reduced_motion="reduce")
    await page.wait_for_timeout(STILL_S * 1000)
    await page.screenshot(path=FOLDER / f"{name}.png")
    await page.context.close()


async def take_all(url: str, folder: Path) -> None:
    """All of them, one after another, of one run."""
    async with running_chromium() as browser:
        for picture in PICTURES:
            await take(browser, url, picture)
        cheater = await play_story(url, folder)
        for each in CONSOLE_PICTURES:
            place = each.place.format(cheater=cheater)
            bearer = token(folder, each.subject, each.scope) if each.subject else ""
            await take_console(browser, url, each, f"{place}&token={bearer}" if bearer else place)


def main() -> None:
    """Starts a scoreboard, lets its players play for a while, and takes the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        fonts = Path(folder) / "fonts.conf"
        fonts.write_text(FONTS, "utf-8")
        os.environ["FONTCONFIG_FILE"] = str(fonts)
        arguments = ("dev", "--port", "0", "--admin-port", "0", "--rate", "12", "--json")
        with started(*arguments, cwd=Path(folder)) as process:
            url = str(read_json(process)["url"])

            async def run() -> None:
                await asyncio.sleep(PLAYED_S)
                await take_all(url, Path(folder))

            asyncio.run(run())


if __name__ == "__main__":
    main()
