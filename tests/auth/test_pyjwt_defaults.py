"""What PyJWT accepts unless it is told otherwise, and the verifier never does."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scoreboard.auth.keys import Key, Profile, load_keys
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import ConfigurationError
from tests.auth.forge import (
    ABSENT,
    action_claims,
    code_of_action,
    each_profile,
    forge,
    header_of,
    key_of,
    verifier_of,
)

ACTION = TokenClass.ACTION
AUDIENCE = ACTION.audience


def claims_now(**changes: object) -> dict[str, Any]:
    """Good claims by the real clock, the only one that PyJWT has."""
    now = int(time.time())
    return action_claims(**{"iat": now, "nbf": now, "exp": now + 60} | changes)


def pyjwt_accepts(token: str, key: Key, audience: str | None = AUDIENCE) -> bool:
    """Whether `jwt.decode` returns; as the manuals show it, with algorithm and audience."""
    algorithms = [key.algorithm]
    jwt.decode(token, key.verification_material, algorithms=algorithms, audience=audience)
    return True


def refused(profile: Profile, token: str) -> bool:
    return code_of_action(verifier_of(profile), token, time.time()) == "action_token_invalid"


@each_profile
def test_the_good_token_of_these_tests_is_accepted_by_both(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now())
    assert pyjwt_accepts(token, key)
    assert not refused(profile, token)


@each_profile
@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "anything", ABSENT])
def test_another_typ(profile: Profile, typ: object) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now(), header_of(key, typ=typ))
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)


@each_profile
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "iss", "sub", "jti"])
def test_a_missing_claim(profile: Profile, claim: str) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now(**{claim: ABSENT}))
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)


@each_profile
def test_a_missing_audience(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now(aud=ABSENT))
    assert pyjwt_accepts(token, key, audience=None)
    assert refused(profile, token)


@each_profile
def test_an_audience_among_others(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now(aud=[AUDIENCE, "other"]))
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)


@each_profile
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "write", [str, float, lambda time_s: f" {time_s} "], ids=["text", "fraction", "padded text"]
)
def test_a_time_as_text_or_fraction(profile: Profile, claim: str, write: Any) -> None:  # noqa: ANN401
    key = key_of(profile, ACTION)
    claims = claims_now()
    token = forge(key, claims | {claim: write(claims[claim])})
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)


@each_profile
def test_a_claim_that_stands_twice(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    text = json.dumps(claims_now(), separators=(",", ":")).replace("{", '{"delta":1,')
    token = forge(key, text.encode())
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)


@each_profile
def test_a_life_of_a_year(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now(exp=int(time.time()) + 365 * 86_400))
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_key_of_five_bytes(tmp_path: Path) -> None:
    secret = b"12345"
    token = jwt.encode({"sub": "x"}, secret, algorithm="HS256")
    assert jwt.decode(token, secret, algorithms=["HS256"]) == {"sub": "x"}
    path = tmp_path / "keys.json"
    path.touch(mode=0o600)
    k = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    jwk = {"kty": "oct", "kid": "a", "alg": "HS256", "token_class": "action", "k": k}
    path.write_text(json.dumps({"keys": [jwk]}))
    with pytest.raises(ConfigurationError, match="has 40 bits and HS256 needs 256"):
        load_keys(path)


def test_an_hs256_token_keyed_with_the_raw_public_key() -> None:
    key = key_of("ed25519", ACTION)
    public = key.verification_material
    assert isinstance(public, Ed25519PublicKey)
    raw = public.public_bytes_raw()
    fake = Key(kid=key.kid, token_class=ACTION, material=raw)
    token = forge(fake, claims_now())
    assert jwt.decode(token, raw, algorithms=["EdDSA", "HS256"], audience=AUDIENCE)
    assert refused("ed25519", token)


@each_profile
def test_the_same_token_with_padding(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now())
    tail = "=" * (-len(token.rpartition(".")[2]) % 4)
    assert tail
    assert pyjwt_accepts(token + tail, key)
    assert refused(profile, token + tail)


@each_profile
def test_a_kid_that_names_no_key(profile: Profile) -> None:
    key = key_of(profile, ACTION)
    token = forge(key, claims_now(), header_of(key, kid="of-no-key"))
    assert pyjwt_accepts(token, key)
    assert refused(profile, token)
