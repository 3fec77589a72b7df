"""The reference pages say what the code does."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from scoreboard.domain.errors import Refusal
from scoreboard.settings import PREFIX, Settings
from scoreboard.web.problems import STATUS_BY_CODE
from tests.reference import PAGES, ROOT, _refusals


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_file_is_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), "run python -m tests.reference"


def test_every_refusal_has_a_status_and_every_status_a_refusal() -> None:
    assert {each.code for each in _refusals(Refusal)} == set(STATUS_BY_CODE)


def test_every_setting_that_a_document_names_exists() -> None:
    known = {PREFIX + each.name.upper() for each in fields(Settings)}
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        found
        for page in pages
        for found in re.findall(rf"{PREFIX}[A-Z0-9_]+", page.read_text("utf-8"))
    }
    assert named
    assert {each for each in named if not each.startswith(f"{PREFIX}TEST_")} <= known


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_picture_is_shown_by_a_document() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"!\[[^]]+\]\(([^)]+)", page.read_text("utf-8"))
    }
    assert {each.resolve() for each in (ROOT / "docs" / "images").iterdir()} == shown


def test_the_picture_of_doctor_is_of_this_release() -> None:
    newest = max(each.stem for each in (ROOT / "sql" / "migrations").glob("*.sql"))
    picture = (ROOT / "docs" / "images" / "doctor.svg").read_text("utf-8")
    assert newest in picture, "run python -m tests.recordings"
