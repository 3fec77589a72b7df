"""Debian's Chromium, driven by Playwright, which downloads none of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """A browser with a profile of its own, which ends with the block."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found is not None, "Chromium was not found: run tests/install-servers."
    # Its sandbox needs rights that root and containers have not; it sees only what tests serve.
    own = ("--no-sandbox",) if os.geteuid() == 0 or "CI" in os.environ else ()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS, *own])
        try:
            yield browser
        finally:
            await browser.close()
