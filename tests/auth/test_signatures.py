"""Headers and signatures: one text, one key, one algorithm."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard.auth.keys import Key, KeyRing, Profile, generate_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import TokenClass
from scoreboard.settings import Settings
from tests.auth.forge import (
    ABSENT,
    BOB,
    ISSUER,
    NOW,
    NOW_S,
    PROFILES,
    action_claims,
    bearer,
    bearer_claims,
    code_of_action,
    code_of_bearer,
    each_profile,
    encode,
    forge,
    granted,
    header_of,
    key_of,
    signature,
    verifier_of,
)

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
INVALID = {"action_token_invalid", "token_invalid"}
Case = Callable[[Profile, TokenClass], tuple[str, str]]


def code_of(profile: Profile, token_class: TokenClass, token: str) -> str:
    code = code_of_action if token_class is TokenClass.ACTION else code_of_bearer
    return code(verifier_of(profile), token)


def good(profile: Profile, token_class: TokenClass) -> str:
    return granted(profile) if token_class is TokenClass.ACTION else bearer(profile)


each_class = pytest.mark.parametrize("token_class", TokenClass)

BAD_MEMBERS: dict[str, tuple[object, ...]] = {
    "alg": (
        *(
            "none",
            "None",
            "NONE",
            "nOnE",
            "",
            None,
            ABSENT,
            1,
            ["HS256"],
            "hs256",
            "HS384",
            "HS512",
        ),
        *("RS256", "ES256", "PS256", "eddsa", "Ed25519", "ED448", "EdDSA ", "HS256 ", "dir"),
    ),
    "kid": (
        *("", None, ABSENT, 1, ["a"], {"a": 1}, "unknown", "\x00", "\ud800", "x" * 900),
        *("../../../dev/null", "/dev/null", "a' OR '1'='1", "a;DROP TABLE x"),
    ),
    "typ": (
        *("JWT", "jwt", "at+JWT", "application/at+jwt", "", None, ABSENT, 1),
        *("application/scoreboard-action+jwt", "Scoreboard-Action+jwt"),
    ),
    "crit": ([], ["exp"], ["b64"], None, "exp", ["x"], {}),
}
BAD_HEADERS: tuple[dict[str, object], ...] = (
    *({name: value} for name, values in BAD_MEMBERS.items() for value in values),
    {"crit": ["x"], "x": 1},
    {"crit": ["b64"], "b64": True},
    {"crit": ["b64"], "b64": False},
    {"b64": False},
)


@each_profile
@each_class
@pytest.mark.parametrize("changes", BAD_HEADERS)
def test_a_header_outside_its_rule_is_refused(
    profile: Profile, token_class: TokenClass, changes: dict[str, object]
) -> None:
    key = key_of(profile, token_class)
    claims = action_claims() if token_class is TokenClass.ACTION else bearer_claims()
    assert code_of(profile, token_class, forge(key, claims, header_of(key))) == "accepted"
    assert code_of(profile, token_class, forge(key, claims, header_of(key, **changes))) in INVALID


@each_profile
@each_class
def test_a_header_member_that_stands_twice_is_refused(
    profile: Profile, token_class: TokenClass
) -> None:
    key = key_of(profile, token_class)
    claims = action_claims() if token_class is TokenClass.ACTION else bearer_claims()
    text = json.dumps(header_of(key))
    for member in ('"alg":"none"', '"kid":"x"', '"typ":"JWT"', '"x":1,"x":1'):
        token = forge(key, claims, text.replace("{", "{" + member + ",").encode())
        assert code_of(profile, token_class, token) in INVALID


@each_profile
@each_class
@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t"])
def test_a_key_that_the_token_brings_along_is_not_used(
    profile: Profile, token_class: TokenClass, member: str
) -> None:
    key, own = key_of(profile, token_class), Ed25519PrivateKey.generate()
    claims = action_claims() if token_class is TokenClass.ACTION else bearer_claims()
    x = encode(own.public_key().public_bytes_raw())
    brought = {"kty": "OKP", "crv": "Ed25519", "x": x} if member == "jwk" else "https://x.test/"
    header = header_of(key, **{member: brought})
    stranger = Key(kid=key.kid, token_class=token_class, material=own)
    assert code_of(profile, token_class, forge(stranger, claims, header)) in INVALID
    # With a true signature the member is ignored, as RFC 7515 allows.
    assert code_of(profile, token_class, forge(key, claims, header)) == "accepted"


@each_profile
@each_class
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "noNE", ""])
def test_a_token_without_signature_is_refused(
    profile: Profile, token_class: TokenClass, alg: str
) -> None:
    key = key_of(profile, token_class)
    head, payload, mac = good(profile, token_class).split(".")
    unsigned = encode(json.dumps(header_of(key, alg=alg)).encode())
    for first, last in itertools.product((head, unsigned), ("", ".", f".{mac}", ".AA")):
        if (first, last) != (head, f".{mac}"):
            assert code_of(profile, token_class, f"{first}.{payload}{last}") in INVALID


@each_class
def test_an_hs256_token_keyed_with_the_public_key_is_refused(token_class: TokenClass) -> None:
    key = key_of("ed25519", token_class)
    public = key.verification_material
    assert isinstance(public, Ed25519PublicKey)
    raw = public.public_bytes_raw()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": encode(raw)}
    forms = [
        raw,
        raw.hex().encode(),
        encode(raw).encode(),
        json.dumps(jwk).encode(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip(),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    ]
    claims = action_claims() if token_class is TokenClass.ACTION else bearer_claims()
    for form, alg in itertools.product(forms, ("HS256", "EdDSA")):
        fake = Key(kid=key.kid, token_class=token_class, material=form)
        token = forge(fake, claims, header_of(key, alg=alg))
        assert code_of("ed25519", token_class, token) in INVALID


@each_profile
@each_class
def test_every_flipped_bit_is_refused(profile: Profile, token_class: TokenClass) -> None:
    token, verifier = good(profile, token_class), verifier_of(profile)
    code = code_of_action if token_class is TokenClass.ACTION else code_of_bearer
    for place, bit in itertools.product(range(len(token)), range(7)):
        flipped = token[:place] + chr(ord(token[place]) ^ 1 << bit) + token[place + 1 :]
        assert code(verifier, flipped) in INVALID


@each_profile
@each_class
def test_every_other_last_character_is_refused(profile: Profile, token_class: TokenClass) -> None:
    """Some of them differ in bits only that no byte uses: a lenient reader sees the same bytes."""
    for segment in range(3):
        parts = good(profile, token_class).split(".")
        for letter in ALPHABET.replace(parts[segment][-1], ""):
            parts[segment] = parts[segment][:-1] + letter
            assert code_of(profile, token_class, ".".join(parts)) in INVALID


@each_profile
@each_class
@pytest.mark.parametrize("tail", ["=", "==", "A", "\n", " ", ".", "\r\n", "\x00", "é", "!", "%3D"])
def test_whatever_is_appended_to_a_segment_is_refused(
    profile: Profile, token_class: TokenClass, tail: str
) -> None:
    for segment in range(3):
        parts = good(profile, token_class).split(".")
        parts[segment] += tail
        assert code_of(profile, token_class, ".".join(parts)) in INVALID
    assert code_of(profile, token_class, tail + good(profile, token_class)) in INVALID


@each_profile
@each_class
def test_a_signed_segment_with_padding_is_refused(
    profile: Profile, token_class: TokenClass
) -> None:
    key = key_of(profile, token_class)
    claims = action_claims() if token_class is TokenClass.ACTION else bearer_claims()
    head, payload, _ = forge(key, claims).split(".")
    for tail in ("=", "==", "===", "!", "\n"):
        signing_input = f"{head}.{payload}{tail}"
        token = f"{signing_input}.{encode(signature(key.material, signing_input))}"
        assert code_of(profile, token_class, token) in INVALID


@each_profile
@each_class
def test_segments_of_two_tokens_make_no_third(profile: Profile, token_class: TokenClass) -> None:
    key = key_of(profile, token_class)
    make = action_claims if token_class is TokenClass.ACTION else bearer_claims
    mine, other = forge(key, make()), forge(key, make(sub=BOB, exp=NOW + 61))
    both = [mine.split("."), other.split(".")]
    for choice in itertools.product((0, 1), repeat=3):
        token = ".".join(both[which][place] for place, which in enumerate(choice))
        expected = token in {mine, other}
        assert (code_of(profile, token_class, token) == "accepted") is expected


@each_profile
def test_the_classes_cannot_be_spliced(profile: Profile) -> None:
    action, own = granted(profile).split("."), bearer(profile).split(".")
    for choice in itertools.product((action, own), repeat=3):
        token = ".".join(parts[place] for place, parts in enumerate(choice))
        if token not in {".".join(action), ".".join(own)}:
            assert code_of(profile, TokenClass.ACTION, token) == "action_token_invalid"
            assert code_of(profile, TokenClass.BEARER, token) == "token_invalid"


def test_a_kid_of_the_other_profile_with_its_algorithm_is_refused() -> None:
    both = [generate_keys(each)[0] for each in PROFILES]
    verifier = TokenVerifier(KeyRing(both), ISSUER, Settings())
    for key, other in itertools.permutations(both):
        claims = bearer_claims()
        assert code_of_bearer(verifier, forge(key, claims)) == "accepted"
        assert code_of_bearer(verifier, forge(key, claims, header_of(other))) == "token_invalid"
        mixed = header_of(key, alg=other.algorithm)
        assert code_of_bearer(verifier, forge(key, claims, mixed)) == "token_invalid"


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | st.from_regex(r"[\w.=-]*"))
def test_no_text_is_answered_otherwise_than_by_a_refusal(text: str) -> None:
    for profile in PROFILES:
        assert code_of_action(verifier_of(profile), text) == "action_token_invalid"
        assert code_of_bearer(verifier_of(profile), text) == "token_invalid"


@settings(deadline=None)
@given(st.integers(0, 20).map(lambda count: "." * count))
def test_dots_alone_are_refused(text: str) -> None:
    assert code_of_action(verifier_of("hs256"), text) == "action_token_invalid"


@each_profile
def test_a_refusal_quotes_nothing_of_the_token(profile: Profile) -> None:
    head, payload, _ = granted(profile).split(".")
    with pytest.raises(Exception, match="signature is not true") as caught:
        verifier_of(profile).verify_action(f"{head}.{payload}.AAAA", NOW_S)
    assert head not in repr(caught.value)
    assert payload not in repr(caught.value)
