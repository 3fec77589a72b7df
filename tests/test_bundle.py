"""What the service serves is what the sources of the pages make, byte for byte."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from tests.npm import installed

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "scoreboard" / "web" / "static"
GENERATED = "docs.html"
"""Made by `make reference`, and watched by its own test."""

PAGE_MAX_BYTES = 20_000
"""Of everything that `/` loads, packed: it is there in a moment on a phone."""
CONSOLE_MAX_BYTES = 32_000


@pytest.fixture(scope="module")
def pages() -> Path:
    """Return the folder of the sources, with what builds them."""
    return installed(ROOT / "pages")


def test_the_committed_bundle_is_what_the_sources_make(pages: Path, tmp_path: Path) -> None:
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=pages, check=True)
    made = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    served = {each.name: each.read_bytes() for each in STATIC.iterdir() if each.name != GENERATED}
    assert sorted(made) == sorted(served)
    assert [name for name in made if made[name] != served[name]] == [], "run `make pages`"


@pytest.mark.parametrize(
    ("page", "code", "most"),
    [("index", "board", PAGE_MAX_BYTES), ("console", "console", CONSOLE_MAX_BYTES)],
)
def test_the_pages_are_small(page: str, code: str, most: int) -> None:
    loaded = (f"{page}.html", "theme.js", f"{code}.js", f"{code}.css", "icon.svg")
    packed = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in loaded)
    assert packed < most


@pytest.mark.parametrize("script", ["types", "lint"])
def test_the_sources_are_in_order(pages: Path, script: str) -> None:
    done = subprocess.run(
        ["npm", "run", "--silent", script], cwd=pages, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
