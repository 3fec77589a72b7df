"""The conversations that every client library in any language must be able to hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.conformance import FILES, FOLDER, Player, load
from tests.gateway.description import DOCUMENT, MESSAGES, faults

STRANGE = {"unknown-frames-and-members", "silence"}
"""Files whose frames the protocol does not know, on purpose."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_client_converses_as_it_must(path: Path) -> None:
    Player(load(path)).run()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_conversation_is_one_that_the_protocol_allows(path: Path) -> None:
    case = load(path)
    assert case["name"] == path.stem
    for step in case["steps"]:
        for frame in step.get("sent", []):
            assert faults(frame) == []
        if "receive" in step and path.stem not in STRANGE:
            assert faults(step["receive"]) == [], step


def test_every_frame_of_the_protocol_comes_up() -> None:
    cases = [load(path) for path in FILES]
    steps = [step for case in cases for step in case["steps"]]
    received = {step["receive"]["type"] for step in steps if "receive" in step}
    sent = {frame["type"] for step in steps for frame in step.get("sent", [])}
    assert set(MESSAGES) <= received | sent


def test_every_close_code_comes_up() -> None:
    steps = [step for path in FILES for step in load(path)["steps"]]
    told = {each["code"]: each["comeBack"] for each in DOCUMENT["channels"]["ws"]["x-close-codes"]}
    for code, comes_back in told.items():
        found = [step for step in steps if step.get("close") == code]
        assert found
        assert all((each["connection"]["is"] == "waiting") == comes_back for each in found)


def test_the_readme_names_every_action_and_expectation() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    steps = [step for path in FILES for step in load(path)["steps"]]
    for name in {name for step in steps for name in step}:
        assert f"`{name}`" in text or f'{{"{name}"' in text
