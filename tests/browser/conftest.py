"""A browser for each test, and whoever looks through it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import running_chromium
from tests.browser.viewer import Viewer, look_at
from tests.cli.conftest import playground as playground  # noqa: PLC0414 - a fixture here too

Look = Callable[..., Awaitable[Viewer]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Return a running Chromium."""
    async with running_chromium() as running:
        yield running


@pytest.fixture
async def look(browser: Browser) -> AsyncIterator[Look]:
    """Return what opens pages; fails where one of them broke its policy or threw."""
    viewers: list[Viewer] = []

    async def open_page(url: str, **options: object) -> Viewer:
        viewers.append(await look_at(browser, url, **options))
        return viewers[-1]

    yield open_page
    assert [fault for each in viewers for fault in each.faults] == []
