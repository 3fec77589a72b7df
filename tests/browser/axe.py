"""What axe-core finds on a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tests.browser.viewer import Viewer
from tests.npm import installed

PAGES = Path(__file__).parent.parent.parent / "pages"
# Rules and marks are drawn as pseudo-elements, at which axe would give up judging contrast.
CONFIGURE = """axe.configure({checks: [{id: 'color-contrast', options: {
  ignorePseudo: true, ignoreUnicode: false, boldValue: 700, boldTextPt: 14, largeTextPt: 18,
  contrastRatio: {normal: {expected: 4.5}, large: {expected: 3}},
}}]})"""
UNJUDGED = {"elmPartiallyObscured", "elmPartiallyObscuring", "shortTextContent", "bgOverlap"}
"""Code that crosses its cell, single signs, and what lies over something else."""


async def violations(viewer: Viewer) -> list[str]:
    """What axe finds, each with the elements it is about."""
    await viewer.page.evaluate(_source())
    await viewer.page.evaluate(CONFIGURE)
    result: dict[str, Any] = await viewer.page.evaluate("axe.run(document)")
    assert result["passes"]
    assert _unjudged_contrasts(result) <= UNJUDGED
    return [
        f"{each['id']}: {node['html']} {node['failureSummary']}"
        for each in result["violations"]
        for node in each["nodes"]
    ]


def _unjudged_contrasts(result: dict[str, Any]) -> set[str]:
    """Why axe could not tell whether something can be read."""
    return {
        check["data"].get("messageKey", check["id"])
        for each in result["incomplete"]
        if each["id"] == "color-contrast"
        for node in each["nodes"]
        for check in (*node["any"], *node["none"])
    }


@cache
def _source() -> str:
    folder = installed(PAGES) / "node_modules" / "axe-core"
    return (folder / "axe.min.js").read_text("utf-8")
