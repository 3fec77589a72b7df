"""Somebody who looks at a page: what he sees, and everything that he has seen."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Page

PATIENCE_MS = 20_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

# [userId, score, rank] of each line. Names carry the user's id as their title.
_LINES = """(list) => [...document.querySelectorAll(`#${list} .line`)].map((line) => [
  line.querySelector('.name').title,
  Number(line.querySelector('.score').firstChild.data.replaceAll(',', '')),
  Number(line.querySelector('.rank').lastChild.data.replaceAll(',', '')),
])"""
# Keeps every list that was ever drawn, frame by frame.
_RECORDER = f"""
window.recorded = [];
const read = {_LINES};
let last = '';
const look = () => {{
  const text = JSON.stringify(read('top'));
  if (text !== last) {{ last = text; window.recorded.push(JSON.parse(text)); }}
  requestAnimationFrame(look);
}};
addEventListener('DOMContentLoaded', look);
"""
_MEASURE = """(forMs) => new Promise((resolve) => {
  const spans = [];
  let before = performance.now();
  const end = before + forMs;
  const step = (now) => {
    spans.push(now - before);
    before = now;
    if (now < end) requestAnimationFrame(step); else resolve(spans.slice(1));
  };
  requestAnimationFrame(step);
})"""

Line = tuple[str, int, int]
"""User, score and rank."""


class Viewer:
    """One page of one browser. `faults` is what its console complains of as errors of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._note(message.text))
        page.set_default_timeout(PATIENCE_MS)

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text or "TrustedHTML" in text:
            self.faults.append(text)

    async def lines(self, list_id: str = "top") -> list[Line]:
        """What a list shows now."""
        found: list[list[Any]] = await self.page.evaluate(_LINES, list_id)
        return [(user, score, rank) for user, score, rank in found]

    async def until_shows(self, lines: list[Line], list_id: str = "top") -> None:
        """Returns once the list shows exactly that."""
        wanted = [list(each) for each in lines]
        await self.page.wait_for_function(
            f"([list, wanted]) => JSON.stringify(({_LINES})(list)) === JSON.stringify(wanted)",
            arg=[list_id, wanted],
        )

    async def until_status(self, word: str) -> None:
        """Returns once the words beside the lamp begin so."""
        await self.page.wait_for_function(
            "(word) => document.querySelector('#status-text').textContent.startsWith(word)",
            arg=word,
        )

    async def seen(self) -> list[list[Line]]:
        """Every list that was drawn since the page was opened."""
        lists: list[list[list[Any]]] = await self.page.evaluate("window.recorded")
        return [[(user, score, rank) for user, score, rank in each] for each in lists]

    async def frame_spans_ms(self, for_ms: int) -> list[float]:
        """The time between one frame and the next, for so long."""
        spans: list[float] = await self.page.evaluate(_MEASURE, for_ms)
        return spans


async def look_at(browser: Browser, url: str, **options: Any) -> Viewer:
    """Opens a page; `options` are those of a Playwright context.

    Where nothing may move, numbers are shown as they are and not as they count up.
    """
    context = await browser.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **options})
    await context.add_init_script(_RECORDER)
    viewer = Viewer(await context.new_page())
    await viewer.page.goto(url)
    return viewer
