"""What is issued is accepted, says what was asked for, and takes the quick way."""

from __future__ import annotations

import base64
import json

import jwt
import pytest

from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keys import KeyRing, Profile
from scoreboard.auth.tokens import header_segment
from scoreboard.domain.claims import Action, Principal, TokenClass
from scoreboard.domain.errors import ConfigurationError
from scoreboard.domain.identifiers import MAIN_BOARD, parse_nonce
from tests.auth.forge import (
    ALICE,
    ISSUER,
    NOW,
    NOW_S,
    RINGS,
    bearer,
    each_profile,
    granted,
    issuer_of,
    key_of,
    verifier_of,
)


@each_profile
def test_a_granted_action_is_verified_as_what_was_granted(profile: Profile) -> None:
    grant = issuer_of(profile).grant_action(
        user_id=ALICE, board_id=MAIN_BOARD, delta=-7, act="quiz:1", life_s=60, now_s=NOW_S
    )
    kid = key_of(profile, TokenClass.ACTION).kid
    assert verifier_of(profile).verify_action(grant.token, NOW_S) == Action(
        ALICE, MAIN_BOARD, -7, "quiz:1", grant.nonce, NOW + 60, kid
    )
    assert grant.expires_at_s == NOW + 60


@each_profile
def test_an_issued_bearer_is_verified_as_what_was_issued(profile: Profile) -> None:
    token = issuer_of(profile).issue_bearer(
        subject="game-server", scopes=["actions:grant", "admin"], life_s=600, now_s=NOW_S
    )
    kid = key_of(profile, TokenClass.BEARER).kid
    assert verifier_of(profile).verify_bearer(token, NOW_S) == Principal(
        "game-server", frozenset({"actions:grant", "admin"}), kid, NOW + 600
    )


@each_profile
def test_what_is_issued_is_read_in_the_quick_way(profile: Profile) -> None:
    verifier = verifier_of(profile)
    assert verifier._actions.exact.read(granted(profile).encode()) is not None
    assert verifier._bearers.exact.read(bearer(profile).encode()) is not None


@each_profile
def test_the_header_that_is_looked_up_is_the_one_that_pyjwt_writes(profile: Profile) -> None:
    for token, token_class in (
        (granted(profile), TokenClass.ACTION),
        (bearer(profile), TokenClass.BEARER),
    ):
        assert token.split(".")[0].encode() == header_segment(key_of(profile, token_class))
        assert jwt.get_unverified_header(token)["typ"] == token_class.typ


def test_nonces_are_of_128_random_bits_and_differ() -> None:
    grants = [
        issuer_of("hs256").grant_action(
            user_id=ALICE, board_id=MAIN_BOARD, delta=1, act="win", life_s=60, now_s=NOW_S
        )
        for _ in range(500)
    ]
    nonces = {grant.nonce for grant in grants}
    assert len(nonces) == 500
    assert all(len(each) == 22 and parse_nonce(each) for each in nonces)
    raw = [base64.urlsafe_b64decode(each + "==") for each in nonces]
    assert all(len(each) == 16 for each in raw)
    assert all(len(set(column)) > 100 for column in zip(*raw, strict=True))


def test_an_action_token_holds_the_claims_of_the_contract_and_no_other() -> None:
    payload = granted("hs256").split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert " ".join(claims) == "iss sub aud iat nbf exp jti delta board act"


def test_a_grant_does_not_show_its_token_in_its_repr() -> None:
    grant = issuer_of("hs256").grant_action(
        user_id=ALICE, board_id=MAIN_BOARD, delta=1, act="win", life_s=60, now_s=NOW_S
    )
    assert grant.token not in repr(grant)


def test_an_instance_with_public_keys_verifies_and_cannot_mint() -> None:
    public = KeyRing(key.without_secret() for key in RINGS["ed25519"])
    with pytest.raises(ConfigurationError, match="No key signs action tokens"):
        TokenIssuer(public, ISSUER).grant_action(
            user_id=ALICE, board_id=MAIN_BOARD, delta=1, act="win", life_s=60, now_s=NOW_S
        )
