"""Every Bearer token that must be refused, and what is remembered of good ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from scoreboard.auth.keys import KeyRing, Profile
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import TokenExpired
from scoreboard.settings import Settings
from tests.auth.forge import (
    ABSENT,
    ALICE,
    ISSUER,
    NOW,
    NOW_S,
    RINGS,
    bearer,
    bearer_claims,
    code_of_bearer,
    each_profile,
    forge,
    granted,
    header_of,
    key_of,
    verifier_of,
)

BEARER = TokenClass.BEARER
DAY_S = 86_400

BAD_TIMES: tuple[Any, ...] = (
    None, str(NOW), float(NOW), NOW + 0.5, True, -1, 2**53 + 1, 10**30, [NOW], "\ud800",
)  # fmt: skip
BAD_CLAIMS: dict[str, tuple[Any, ...]] = {
    "iss": (ABSENT, None, "", "Scoreboard", [ISSUER], 1),
    "sub": (ABSENT, None, "", 1, [ALICE], "a b", "a\n", "a\x00", "x" * 256, "é", "\ud800"),
    "aud": (
        ABSENT, None, "", [], "scoreboard-increment", ["scoreboard-increment"], [1],
        ["scoreboard-api", 1], ["scoreboard-api", None], [["scoreboard-api"]],
        {"scoreboard-api": 1}, "x scoreboard-api",
    ),
    "iat": (ABSENT, *BAD_TIMES, NOW + 6, NOW + 600),
    "exp": (ABSENT, *BAD_TIMES, NOW + DAY_S + 1, 0, 2**53),
    "nbf": (*BAD_TIMES, NOW + 6),
    "scope": (None, ["scores:write"], 1, {"scores:write": True}, "scores:write\tadmin", "a\n", "é"),
    "jti": (None, 1, ["x"], "\ud800"),
    "client_id": (None, 1, ["x"]),
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
    token = forge(key_of(profile, BEARER), bearer_claims(**{claim: value}))
    assert code_of_bearer(verifier_of(profile), token) == "token_invalid"


@each_profile
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["other", "scoreboard-api"]},
        {"nbf": NOW},
        {"nbf": NOW + 5, "iat": NOW + 5},
        {"exp": NOW + DAY_S},
        {"sub": "auth0|5f7c8ec7c33c6c004bbafe82"},
        {"scope": ABSENT},
        {"email": "a@example.test", "roles": ["x"]},
        {"jti": "x", "client_id": "web"},
    ],
)
def test_a_claim_within_its_rule_is_accepted(profile: Profile, changes: dict[str, object]) -> None:
    token = forge(key_of(profile, BEARER), bearer_claims(**changes))
    principal = verifier_of(profile).verify_bearer(token, NOW_S)
    assert principal.subject == changes.get("sub", ALICE)
    assert principal.scopes == (frozenset() if "scope" in changes else {"scores:write"})


@each_profile
@pytest.mark.parametrize("name", bearer_claims())
def test_a_claim_that_stands_twice_is_refused(profile: Profile, name: str) -> None:
    text = json.dumps(bearer_claims()).replace("{", "{" + f'"{name}":"x",', 1)
    token = forge(key_of(profile, BEARER), text.encode())
    assert code_of_bearer(verifier_of(profile), token) == "token_invalid"


@each_profile
def test_a_token_is_over_at_the_second_of_its_exp(profile: Profile) -> None:
    verifier, token = verifier_of(profile), bearer(profile, life_s=600)
    assert code_of_bearer(verifier, token, NOW + 599.999) == "accepted"
    assert code_of_bearer(verifier_of(profile), token, NOW + 600) == "token_expired"


@each_profile
def test_an_expired_token_with_any_other_flaw_is_invalid_and_not_expired(profile: Profile) -> None:
    token = forge(key_of(profile, BEARER), bearer_claims(aud="scoreboard-increment"))
    assert code_of_bearer(verifier_of(profile), token, NOW + 601) == "token_invalid"


@each_profile
def test_an_action_token_is_no_bearer_token(profile: Profile) -> None:
    assert code_of_bearer(verifier_of(profile), granted(profile)) == "token_invalid"


@each_profile
def test_a_key_of_action_tokens_signs_no_bearer_token(profile: Profile) -> None:
    key = key_of(profile, TokenClass.ACTION)
    for header in (header_of(key), header_of(key, typ=BEARER.typ)):
        token = forge(key, bearer_claims(), header)
        assert code_of_bearer(verifier_of(profile), token) == "token_invalid"


@each_profile
def test_a_user_id_in_upper_case_is_the_same_subject(profile: Profile) -> None:
    token = forge(key_of(profile, BEARER), bearer_claims(sub=ALICE.upper()))
    assert verifier_of(profile).verify_bearer(token, NOW_S).subject == ALICE


@each_profile
def test_a_remembered_token_that_expires_is_refused_as_expired(profile: Profile) -> None:
    verifier, token = verifier_of(profile), bearer(profile, life_s=30)
    assert code_of_bearer(verifier, token, NOW_S) == "accepted"
    assert code_of_bearer(verifier, token, NOW + 29.9) == "accepted"
    assert code_of_bearer(verifier, token, NOW + 30) == "token_expired"
    assert code_of_bearer(verifier, token, NOW + 300) == "token_expired"


def _verifier_of_key_that_ends(settings: Settings) -> TokenVerifier:
    """Its key is valid for ten seconds more: what is accepted later was remembered."""
    ending = KeyRing(replace(key, not_after_s=NOW + 10) for key in RINGS["hs256"])
    return TokenVerifier(ending, ISSUER, settings)


def test_a_verified_token_is_remembered_for_the_setting_and_no_longer() -> None:
    verifier, token = _verifier_of_key_that_ends(Settings(bearer_memory_s=60)), bearer("hs256")
    assert code_of_bearer(verifier, token, NOW) == "accepted"
    assert code_of_bearer(verifier, token, NOW + 59) == "accepted"
    assert code_of_bearer(verifier, token, NOW + 60) == "token_invalid"


def test_a_clock_set_back_does_not_lengthen_the_memory() -> None:
    verifier, token = _verifier_of_key_that_ends(Settings(bearer_memory_s=60)), bearer("hs256")
    assert code_of_bearer(verifier, token, NOW + 9) == "accepted"
    assert code_of_bearer(verifier, token, NOW - 3600) == "token_invalid"
    assert code_of_bearer(verifier, token, NOW + 12) == "token_invalid"


def test_nothing_is_remembered_with_a_memory_of_no_seconds() -> None:
    verifier, token = _verifier_of_key_that_ends(Settings(bearer_memory_s=0)), bearer("hs256")
    assert code_of_bearer(verifier, token, NOW) == "accepted"
    assert code_of_bearer(verifier, token, NOW + 11) == "token_invalid"


def test_a_refused_token_is_not_remembered() -> None:
    verifier, token = verifier_of("hs256"), bearer("hs256")
    assert code_of_bearer(verifier, token + "=") == "token_invalid"
    assert code_of_bearer(verifier, token) == "accepted"
    assert code_of_bearer(verifier, token + "=") == "token_invalid"
    assert len(verifier._memory) == 1


def test_the_oldest_token_makes_room_in_a_full_memory() -> None:
    verifier = _verifier_of_key_that_ends(Settings(bearer_memory_max=2))
    first, second, third = bearer("hs256"), bearer("hs256"), bearer("hs256")
    for token in (first, second, third):
        assert code_of_bearer(verifier, token, NOW) == "accepted"
    assert len(verifier._memory) == 2
    later = [code_of_bearer(verifier, token, NOW + 11) for token in (first, second, third)]
    assert later == ["token_invalid", "accepted", "accepted"]


def test_the_refusal_of_an_expired_token_tells_to_refresh_it() -> None:
    with pytest.raises(TokenExpired, match="Refresh"):
        verifier_of("hs256").verify_bearer(bearer("hs256"), NOW + 10_000)
