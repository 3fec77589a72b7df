"""`scoreboard keys`."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.program import run


def test_generated_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    assert run("keys", "generate", cwd=tmp_path).code == 0
    file = tmp_path / ".scoreboard" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(("profile", "algorithm"), [("hs256", "HS256"), ("ed25519", "EdDSA")])
def test_each_profile_gives_each_class_a_key_that_signs(
    profile: str, algorithm: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "new" / "keys.json")
    written = run(
        "keys", "generate", "--profile", profile, "--file", file, "--json", cwd=tmp_path
    ).document
    listed = run("keys", "list", "--file", file, "--json", cwd=tmp_path).document
    assert listed["keys"] == written["keys"]
    found = {(each["class"], each["algorithm"], each["state"]) for each in listed["keys"]}
    assert found == {("bearer", algorithm, "signs"), ("action", algorithm, "signs")}


def test_neither_list_nor_generate_shows_a_secret(tmp_path: Path) -> None:
    shown = run("keys", "generate", cwd=tmp_path).out + run("keys", "list", cwd=tmp_path).out
    members = json.loads((tmp_path / ".scoreboard" / "keys.json").read_text())["keys"]
    assert all(each["kid"] in shown and each["k"] not in shown for each in members)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    run("keys", "generate", cwd=tmp_path)
    file = tmp_path / ".scoreboard" / "keys.json"
    before = file.read_bytes()
    again = run("keys", "generate", cwd=tmp_path)
    assert again.code == 2
    assert "--add" in again.err
    assert file.read_bytes() == before


def test_added_keys_sign_from_now_on(tmp_path: Path) -> None:
    run("keys", "generate", cwd=tmp_path)
    added = run("keys", "generate", "--add", "--profile", "ed25519", "--json", cwd=tmp_path)
    kids = [each["kid"] for each in added.document["keys"]]
    token = run("token", "bearer", "--user", "arena", "--scope", "admin", cwd=tmp_path).out
    shown = run("token", "inspect", "--json", cwd=tmp_path, stdin=token).document
    assert shown["header"]["kid"] in kids


def test_a_missing_key_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    found = run("keys", "list", cwd=tmp_path)
    assert found.code == 2
    assert found.out == ""
    assert "scoreboard keys generate" in found.err
    assert len(found.err.splitlines()) == 1
