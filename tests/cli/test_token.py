"""`scoreboard token`: what it signs is what the service's own verifier accepts."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoreboard.auth.keys import load_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.settings import Settings
from tests.cli.program import Result, run

USER = "42f206b1-0a6c-57bf-8eec-4498505cae04"
GRANT = ("token", "grant", "--user", USER, "--delta", "25", "--action", "win")
BEARER = ("token", "bearer", "--user", USER, "--scope", "scores:write")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with keys where the commands look for them."""
    assert run("keys", "generate", cwd=tmp_path).code == 0
    return tmp_path


@pytest.fixture
def verifier(folder: Path) -> TokenVerifier:
    """Return the service's judge of tokens, with the keys of the folder."""
    settings = Settings()
    return TokenVerifier(load_keys(folder / settings.keys_file), settings.issuer, settings)


def inspect(token: str, folder: Path) -> Result:
    return run("token", "inspect", "--json", cwd=folder, stdin=token)


def test_a_granted_action_is_accepted_by_the_service(folder: Path, verifier: TokenVerifier) -> None:
    document = run(*GRANT, "--board", "season-1", "--json", cwd=folder).document
    assert set(document) == {"actionToken", "nonce", "expiresAt"}
    action = verifier.verify_action(document["actionToken"], time.time())
    assert (action.user_id, action.delta, action.act) == (USER, 25, "win")
    assert (action.board_id, action.nonce) == ("season-1", document["nonce"])
    moment = datetime.fromtimestamp(action.expires_at_s, UTC)
    assert document["expiresAt"] == moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_grant_lives_as_long_as_asked(folder: Path) -> None:
    token = run(*GRANT, "--life", "7", "--json", cwd=folder).document["actionToken"]
    claims = inspect(token, folder).document["claims"]
    assert claims["exp"] - claims["iat"] == 7


def test_without_json_a_grant_is_assignments_for_a_shell(folder: Path) -> None:
    lines = run(*GRANT, cwd=folder).out.splitlines()
    names = [line.partition("=")[0] for line in lines]
    assert names == ["ACTION_TOKEN", "NONCE", "EXPIRES_AT"]
    assert all(re.fullmatch(r"[A-Z_]+=[A-Za-z0-9_.:-]+", line) for line in lines)


def test_a_user_in_upper_case_is_the_same_user(folder: Path) -> None:
    token = run(
        "token", "bearer", "--user", USER.upper(), "--scope", "scores:write", cwd=folder
    ).out
    assert inspect(token, folder).document["claims"]["sub"] == USER


def test_a_bearer_token_is_printed_alone_and_accepted(
    folder: Path, verifier: TokenVerifier
) -> None:
    out = run(*BEARER, "--scope", "scores:bonus", cwd=folder).out
    principal = verifier.verify_bearer(out.removesuffix("\n"), time.time())
    assert principal.subject == USER
    assert principal.scopes == {"scores:write", "scores:bonus"}


def test_with_json_a_bearer_token_has_a_name(folder: Path) -> None:
    assert set(run(*BEARER, "--json", cwd=folder).document) == {"token"}


def test_a_token_that_the_service_accepts_passes_inspection(folder: Path) -> None:
    shown = inspect(run(*BEARER, cwd=folder).out, folder)
    assert shown.code == 0
    assert shown.document["class"] == "bearer"
    assert shown.document["signatureTrue"] is True
    assert shown.document["accepted"] is True


def test_a_changed_signature_fails_inspection(folder: Path) -> None:
    token = run(*BEARER, cwd=folder).out.strip()
    other = "B" if token[-10] == "A" else "A"
    shown = inspect(f"{token[:-10]}{other}{token[-9:]}", folder)
    assert shown.code == 1
    assert shown.document["signatureTrue"] is False
    assert shown.document["reason"]


def test_tokens_of_another_key_fail_inspection(folder: Path) -> None:
    elsewhere = str(folder / "other.json")
    run("keys", "generate", "--file", elsewhere, cwd=folder)
    token = run(*GRANT, "--json", cwd=folder, env={"SCOREBOARD_KEYS_FILE": elsewhere}).document
    shown = inspect(token["actionToken"], folder)
    assert shown.code == 1
    assert shown.document["class"] == "action"
    assert shown.document["signatureTrue"] is False


def test_an_issuer_that_differs_fails_inspection_although_the_signature_is_true(
    folder: Path,
) -> None:
    token = run(*BEARER, cwd=folder, env={"SCOREBOARD_ISSUER": "https://elsewhere.example"}).out
    shown = inspect(token, folder)
    assert (shown.code, shown.document["signatureTrue"]) == (1, True)


def test_inspection_reads_a_file_and_shows_it_to_people(folder: Path) -> None:
    (folder / "token.txt").write_text(run(*BEARER, cwd=folder).out)
    shown = run("token", "inspect", "--file", "token.txt", cwd=folder)
    assert shown.code == 0
    assert f'"sub": "{USER}"' in shown.out
    assert "accepted   yes" in shown.out


def test_a_token_as_an_argument_is_refused_and_not_repeated(folder: Path) -> None:
    token = run(*BEARER, cwd=folder).out.strip()
    shown = run("token", "inspect", token, cwd=folder)
    assert shown.code == 2
    assert token not in shown.out + shown.err


@pytest.mark.parametrize("text", ["", "no token", "a.b.c", "e30.e30", "\x00.\x1b[2J.é"])
def test_what_is_no_token_is_told_in_one_sentence(text: str, folder: Path) -> None:
    shown = inspect(text, folder)
    assert shown.code == 1
    assert shown.err.startswith("This is no token")
    assert len(shown.err.splitlines()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        ("--user", "nobody"),
        ("--delta", "0"),
        ("--delta", "1.5"),
        ("--delta", str(2**53)),
        ("--action", "Not A Name"),
        ("--board", "-"),
        ("--life", "0"),
        ("--life", "301"),
    ],
    ids=" ".join,
)
def test_a_grant_that_the_service_would_refuse_is_wrong_usage(
    changed: tuple[str, str], folder: Path
) -> None:
    assert run(*GRANT, *changed, cwd=folder).code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--user", USER),
        ("--user", USER, "--scope", "everything"),
        ("--user", "arena", "--scope", "scores:write"),
        ("--user", "two words", "--scope", "admin"),
        ("--user", USER, "--scope", "admin", "--life", "86401"),
    ],
    ids=" ".join,
)
def test_a_bearer_that_the_service_would_refuse_is_wrong_usage(
    arguments: tuple[str, ...], folder: Path
) -> None:
    assert run("token", "bearer", *arguments, cwd=folder).code == 2


def test_a_setting_that_cannot_be_read_is_told_in_one_sentence(folder: Path) -> None:
    shown = run(*BEARER, cwd=folder, env={"SCOREBOARD_GRANT_LIFE_S": "soon"})
    assert shown.code == 2
    assert "SCOREBOARD_GRANT_LIFE_S" in shown.err
    assert len(shown.err.splitlines()) == 1
