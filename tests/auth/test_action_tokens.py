"""Every action token that must be refused, and by which code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scoreboard.auth.keys import Profile
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import TokenClass
from scoreboard.settings import Settings
from tests.auth.forge import (
    ABSENT,
    ALICE,
    ISSUER,
    NONCE,
    NOW,
    NOW_S,
    PROFILES,
    RINGS,
    action_claims,
    bearer,
    code_of_action,
    each_profile,
    forge,
    granted,
    header_of,
    key_of,
    verifier_of,
)

ACTION = TokenClass.ACTION
DAY_S = 86_400

BAD_TIMES: tuple[Any, ...] = (
    ABSENT, None, str(NOW), float(NOW), NOW + 0.5, True, -1, 2**53 + 1, 10**30, [NOW],
    "\ud800",
)  # fmt: skip
BAD_CLAIMS: dict[str, tuple[Any, ...]] = {
    "iss": (ABSENT, None, "", "Scoreboard", "scoreboard ", [ISSUER], 1),
    "sub": (ABSENT, None, "", "alice", ALICE + "\n", ALICE.replace("-", ""), 1, [ALICE], "\ud800"),
    "aud": (
        ABSENT, None, "", "scoreboard-api", "scoreboard-increment ", ["scoreboard-increment"],
        ["scoreboard-increment", "scoreboard-api"], {"scoreboard-increment": 1},
    ),
    "iat": (*BAD_TIMES, NOW + 6, NOW + 60, NOW - 241, 0),
    "nbf": (*BAD_TIMES, NOW + 6),
    "exp": (*BAD_TIMES, NOW + 301, NOW, NOW - 1, 0, 2**53),
    "jti": (ABSENT, None, "", "x" * 21, "x" * 65, NONCE[:-1] + "+", NONCE + "=", NONCE + "\n", 1),
    "delta": (ABSENT, None, 0, 5.0, "5", True, False, 2**53, -(2**53), 10**30, [5], 1e400),
    "board": (ABSENT, None, "", "Main", "../main", "x" * 65, "main\n", 1, "ｍain"),
    "act": (ABSENT, None, "", "Win", "x" * 65, "win;drop", "win\n", 1, "w\u0131n"),
}  # fmt: skip


@each_profile
@pytest.mark.parametrize(
    ("claim", "value"),
    [
        pytest.param(claim, value, id=f"{claim}={'absent' if value is ABSENT else repr(value)}")
        for claim, values in BAD_CLAIMS.items()
        for value in values
    ],
)
def test_a_claim_outside_its_rule_is_refused(profile: Profile, claim: str, value: object) -> None:
    token = forge(key_of(profile, ACTION), action_claims(**{claim: value}))
    assert code_of_action(verifier_of(profile), token) == "action_token_invalid"


@each_profile
@pytest.mark.parametrize(
    "changes",
    [
        {"iat": NOW + 5, "nbf": NOW + 5},
        {"iat": NOW - 240},
        {"sub": ALICE.upper()},
        {"delta": 2**53 - 1},
        {"delta": -(2**53 - 1)},
        {"jti": "x" * 64},
        {"act": "quiz:round-3"},
    ],
)
def test_a_claim_at_the_edge_of_its_rule_is_accepted(
    profile: Profile, changes: dict[str, object]
) -> None:
    token = forge(key_of(profile, ACTION), action_claims(**changes))
    action = verifier_of(profile).verify_action(token, NOW_S)
    assert action.user_id == ALICE
    assert action.delta == changes.get("delta", 5)


@each_profile
@pytest.mark.parametrize("name", action_claims())
def test_a_claim_that_stands_twice_is_refused(profile: Profile, name: str) -> None:
    first = json_text(action_claims()).replace("{", "{" + f'"{name}":"x",', 1)
    last = json_text(action_claims())[:-1] + f',"{name}":{json_text(action_claims()[name])}}}'
    for text in (first, last):
        token = forge(key_of(profile, ACTION), text.encode())
        assert code_of_action(verifier_of(profile), token) == "action_token_invalid"


@each_profile
@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{}", b"[]", b"null", b"5", b'"x"', b"{", b"\xff", b"\x00",
        b"[" * 100_000, b'{"aud":' + b"[" * 100_000, b'{"x":' * 100_000,
        b'{"exp":' + b"9" * 5_000 + b"}",
    ],
    ids=lambda raw: repr(raw[:10]),
)  # fmt: skip
def test_a_payload_that_is_no_object_of_claims_is_refused(profile: Profile, payload: bytes) -> None:
    verifier = TokenVerifier(RINGS[profile], ISSUER, Settings(token_max_bytes=10**6))
    token = forge(key_of(profile, ACTION), payload)
    assert code_of_action(verifier, token) == "action_token_invalid"


@each_profile
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32", "latin-1"])
def test_claims_in_another_encoding_are_refused(profile: Profile, encoding: str) -> None:
    text = json_text(action_claims()).replace("}", ',"x":"é"}')
    token = forge(key_of(profile, ACTION), text.encode(encoding))
    assert code_of_action(verifier_of(profile), token) == "action_token_invalid"


@each_profile
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "05", "0x5", "+5"])
def test_a_delta_that_json_does_not_have_is_refused(profile: Profile, number: str) -> None:
    text = json_text(action_claims()).replace('"delta":5', f'"delta":{number}')
    token = forge(key_of(profile, ACTION), text.encode())
    assert code_of_action(verifier_of(profile), token) == "action_token_invalid"


@each_profile
def test_claims_in_other_words_are_accepted_in_the_general_way(profile: Profile) -> None:
    text = json_text(action_claims(), indent=1).replace("win", "\\u0077in")[:-1] + ',"other":[1]}'
    verifier, key = verifier_of(profile), key_of(profile, ACTION)
    token = forge(key, text.encode())
    assert verifier._actions.exact.read(token.encode()) is None
    plain = forge(key, action_claims())
    assert verifier._actions.exact.read(plain.encode()) is not None
    assert verifier.verify_action(token, NOW_S) == verifier.verify_action(plain, NOW_S)


@each_profile
@pytest.mark.parametrize("late_s", [0, 1, 3600, DAY_S - 1])
def test_an_action_expired_within_a_day_is_given_to_the_ledger(
    profile: Profile, late_s: int
) -> None:
    action = verifier_of(profile).verify_action(granted(profile), NOW + 60 + late_s)
    assert action.expires_at_s == NOW + 60


@each_profile
def test_an_action_expired_for_a_day_is_refused_as_expired(profile: Profile) -> None:
    late_s = NOW + 60 + DAY_S
    assert code_of_action(verifier_of(profile), granted(profile), late_s) == "action_token_expired"


@each_profile
def test_an_expired_action_with_any_other_flaw_is_invalid_and_not_expired(profile: Profile) -> None:
    late_s = NOW + 60 + DAY_S
    token = forge(key_of(profile, ACTION), action_claims(aud="scoreboard-api"))
    assert code_of_action(verifier_of(profile), token, late_s) == "action_token_invalid"


@each_profile
def test_a_bearer_token_is_no_action_token(profile: Profile) -> None:
    assert code_of_action(verifier_of(profile), bearer(profile)) == "action_token_invalid"


@each_profile
def test_a_key_of_bearer_tokens_signs_no_action_token(profile: Profile) -> None:
    key = key_of(profile, TokenClass.BEARER)
    for header in (header_of(key), header_of(key, typ=ACTION.typ)):
        token = forge(key, action_claims(), header)
        assert code_of_action(verifier_of(profile), token) == "action_token_invalid"


def test_a_token_of_another_services_keys_is_refused() -> None:
    for mine, other in (PROFILES, PROFILES[::-1]):
        token = granted(other)
        assert code_of_action(verifier_of(mine), token) == "action_token_invalid"


def test_a_lifetime_beyond_the_setting_is_refused() -> None:
    verifier = TokenVerifier(RINGS["hs256"], ISSUER, Settings(action_life_max_s=30))
    assert code_of_action(verifier, granted("hs256", life_s=30)) == "accepted"
    assert code_of_action(verifier, granted("hs256", life_s=31)) == "action_token_invalid"


def test_a_token_longer_than_the_limit_is_refused() -> None:
    token = granted("hs256")
    for limit, code in ((len(token), "accepted"), (len(token) - 1, "action_token_invalid")):
        verifier = TokenVerifier(RINGS["hs256"], ISSUER, Settings(token_max_bytes=limit))
        assert code_of_action(verifier, token) == code


def json_text(value: object, indent: int | None = None) -> str:
    """JSON as the issuer writes it, or laid out."""
    return json.dumps(value, separators=(",", ":"), indent=indent)
