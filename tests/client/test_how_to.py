"""The program of docs/how-to/python-client.md does what the page says."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from scoreboard.client import ScoreboardClient
from tests.harness import Scoreboard, new_user

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "python-client.md"
PATIENCE_S = 20.0


def program() -> dict[str, Any]:
    """The names that the page's program defines."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], PAGE, "exec"), names)  # noqa: S102 - it is ours
    return names


async def test_the_pages_program_redeems_and_watches(
    scoreboard: Scoreboard, capsys: pytest.CaptureFixture[str]
) -> None:
    names, player = program(), new_user()
    watching = asyncio.create_task(names["watch"](scoreboard.url))
    granted = scoreboard.grant(player, 25)
    score = await names["redeem"](scoreboard.url, scoreboard.bearer(player), player, granted.token)
    assert score == 25
    printed = ""
    async with asyncio.timeout(PATIENCE_S):
        while f"1 {player} 25\n" not in printed:
            await asyncio.sleep(0)
            printed += capsys.readouterr().out
    watching.cancel()
    await asyncio.wait([watching])


def test_every_method_of_the_page_is_there() -> None:
    named = re.findall(r"^\| `(\w+)\(", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(named) == 6
    assert all(callable(getattr(ScoreboardClient, name)) for name in named)
