"""Which key signs, which verifies, and when."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keys import Key, KeyRing, Profile
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import ConfigurationError
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.settings import Settings
from tests.auth.forge import (
    ALICE,
    ISSUER,
    NOW,
    NOW_S,
    RINGS,
    action_claims,
    bearer,
    code_of_action,
    code_of_bearer,
    each_profile,
    forge,
    granted,
    key_of,
)

ACTION = TokenClass.ACTION
ACTION_S = 60
DAY_S = 86_400


def make_key(profile: Profile = "hs256", **changes: object) -> Key:
    """A new key of action tokens."""
    material = secrets.token_bytes(32) if profile == "hs256" else Ed25519PrivateKey.generate()
    key = Key(kid=f"k{secrets.token_hex(4)}", token_class=ACTION, material=material)
    return replace(key, **changes)  # type: ignore[arg-type]


def verifier_of(*keys: Key) -> TokenVerifier:
    return TokenVerifier(KeyRing(keys), ISSUER, Settings())


@each_profile
def test_after_a_rotation_the_new_key_signs_and_both_verify(profile: Profile) -> None:
    old, new = make_key(profile), make_key(profile)
    ring = KeyRing([old, new])
    assert ring.signing_key(ACTION, NOW_S) is new
    for key in (old, new):
        assert code_of_action(verifier_of(old, new), forge(key, action_claims())) == "accepted"


@each_profile
def test_a_revoked_key_verifies_nothing(profile: Profile) -> None:
    old, new = make_key(profile), make_key(profile)
    token = forge(old, action_claims())
    assert code_of_action(verifier_of(new), token) == "action_token_invalid"


@each_profile
def test_a_retired_key_verifies_no_new_request_but_the_past(profile: Profile) -> None:
    key = make_key(profile)
    token, verifier = forge(key, action_claims()), verifier_of(replace(key, retired=True))
    assert code_of_action(verifier, token) == "action_token_invalid"
    assert verifier.verify_stored_action(token, NOW_S).user_id == ALICE


@each_profile
def test_a_retired_key_with_an_end_serves_until_then(profile: Profile) -> None:
    key = make_key(profile).retire(NOW + 30)
    token, verifier = forge(key, action_claims()), verifier_of(key)
    assert not key.can_sign
    assert code_of_action(verifier, token, NOW + 29.9) == "accepted"
    assert code_of_action(verifier, token, NOW + 30) == "action_token_invalid"
    assert verifier.verify_stored_action(token, NOW + 29).user_id == ALICE
    assert code_of_action(verifier_of(replace(key, not_after_s=NOW)), token, NOW) != "accepted"


def test_a_stored_token_from_after_its_keys_end_is_refused() -> None:
    key = make_key(not_after_s=NOW + 30)
    verifier = verifier_of(key)
    with pytest.raises(Exception, match="outside its validity"):
        verifier.verify_stored_action(forge(key, action_claims()), NOW + 31)


@each_profile
def test_a_key_before_its_validity_neither_signs_nor_verifies(profile: Profile) -> None:
    now, later = make_key(profile), make_key(profile, not_before_s=NOW + 10)
    ring = KeyRing([now, later])
    assert ring.signing_key(ACTION, NOW_S) is now
    assert ring.signing_key(ACTION, NOW + 10) is later
    token = forge(later, action_claims())
    assert code_of_action(verifier_of(later), token, NOW) == "action_token_invalid"
    fresh = forge(later, action_claims(iat=NOW + 10, nbf=NOW + 10))
    # A signer whose clock is a little ahead begins earlier than this process.
    assert code_of_action(verifier_of(later), fresh, NOW + 6) == "accepted"


def test_a_token_dated_before_its_key_is_refused() -> None:
    key = make_key(not_before_s=NOW - 10)
    token = forge(key, action_claims(iat=NOW - 16, nbf=NOW - 16))
    assert code_of_action(verifier_of(key), token) == "action_token_invalid"
    token = forge(key, action_claims(iat=NOW - 15, nbf=NOW - 15))
    assert code_of_action(verifier_of(key), token) == "accepted"


def test_a_key_past_its_end_does_not_sign() -> None:
    ring = KeyRing([make_key(not_after_s=NOW)])
    with pytest.raises(ConfigurationError, match="scoreboard keys generate --add"):
        ring.signing_key(ACTION, NOW_S)


def test_the_other_class_has_no_signing_key_here() -> None:
    ring = KeyRing([make_key()])
    with pytest.raises(ConfigurationError, match="No key signs bearer tokens"):
        ring.signing_key(TokenClass.BEARER, NOW_S)


@pytest.mark.parametrize("token_class", TokenClass)
def test_a_public_key_verifies_what_its_pair_has_signed(token_class: TokenClass) -> None:
    public = TokenVerifier(
        KeyRing(key.without_secret() for key in RINGS["ed25519"]), ISSUER, Settings()
    )
    assert not key_of("ed25519", token_class).without_secret().can_sign
    if token_class is ACTION:
        assert code_of_action(public, granted("ed25519")) == "accepted"
    else:
        assert code_of_bearer(public, bearer("ed25519")) == "accepted"


def test_a_shared_secret_has_no_public_half() -> None:
    with pytest.raises(ConfigurationError, match="Ed25519"):
        make_key("hs256").without_secret()


def test_one_kid_means_one_key() -> None:
    key = make_key()
    with pytest.raises(ConfigurationError, match="twice"):
        KeyRing([key, make_key(kid=key.kid)])
    with pytest.raises(ConfigurationError, match="both token classes"):
        KeyRing([key, make_key(kid=key.kid, token_class=TokenClass.BEARER)])


def test_no_two_keys_share_their_material() -> None:
    secret, pair = make_key("hs256"), make_key("ed25519")
    public = pair.verification_material
    assert isinstance(public, Ed25519PublicKey)
    for key, same in (
        (secret, replace(secret, kid="other", token_class=TokenClass.BEARER)),
        (pair, replace(pair, kid="other")),
        (pair, replace(pair, kid="other", material=public)),
        (pair, replace(pair, kid="other", material=public.public_bytes_raw())),
    ):
        with pytest.raises(ConfigurationError, match="same material"):
            KeyRing([key, same])


def test_no_repr_shows_a_secret() -> None:
    for key in (make_key("hs256"), make_key("ed25519")):
        issuer = TokenIssuer(KeyRing([key]), ISSUER)
        shown = repr(key) + repr(KeyRing([key])) + repr(issuer) + str(issuer)
        assert "material" not in shown
        assert repr(key.material) not in shown
        assert key.kid in shown


def test_a_new_process_with_the_same_keys_accepts_the_same_tokens() -> None:
    key = make_key()
    token = TokenIssuer(KeyRing([key]), ISSUER).grant_action(
        user_id=ALICE, board_id=MAIN_BOARD, delta=1, act="win", life_s=ACTION_S, now_s=NOW_S
    )
    assert code_of_action(verifier_of(key), token.token) == "accepted"
    assert code_of_action(verifier_of(key), token.token, NOW + DAY_S) == "accepted"
