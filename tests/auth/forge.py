"""Makes tokens of every kind, good and bad, without the code under test where it can."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keys import Key, KeyRing, Profile, generate_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import Refusal
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.settings import Settings

NOW_S = 1_800_000_000.25
NOW = int(NOW_S)
ISSUER = "scoreboard"
ALICE = UserId("0b0f6d7e-5b1c-4a3e-9d61-0123456789ab")
BOB = UserId("ffffffff-5b1c-4a3e-9d61-0123456789ab")
NONCE = "0123456789abcdefghijKL"
ABSENT = object()
"""A claim with this value is left out."""

PROFILES: tuple[Profile, ...] = ("hs256", "ed25519")
RINGS: dict[Profile, KeyRing] = {each: KeyRing(generate_keys(each)) for each in PROFILES}

each_profile = pytest.mark.parametrize("profile", PROFILES)


def key_of(profile: Profile, token_class: TokenClass) -> Key:
    """The one key of that class in the profile's ring."""
    return RINGS[profile].signing_key(token_class, NOW_S)


def verifier_of(profile: Profile) -> TokenVerifier:
    """A verifier with the default settings."""
    return TokenVerifier(RINGS[profile], ISSUER, Settings())


def issuer_of(profile: Profile) -> TokenIssuer:
    """An issuer with the same keys."""
    return TokenIssuer(RINGS[profile], ISSUER)


def granted(profile: Profile, life_s: int = 60) -> str:
    """A good action token, issued now."""
    action = issuer_of(profile).grant_action(
        user_id=ALICE, board_id=MAIN_BOARD, delta=5, act="win", life_s=life_s, now_s=NOW_S
    )
    return action.token


def bearer(profile: Profile, life_s: int = 600) -> str:
    """A good Bearer token, issued now."""
    return issuer_of(profile).issue_bearer(
        subject=ALICE, scopes=["scores:write"], life_s=life_s, now_s=NOW_S
    )


def action_claims(**changes: object) -> dict[str, Any]:
    """Good claims of an action token, but for the changes."""
    claims: dict[str, object] = {
        "iss": ISSUER,
        "sub": ALICE,
        "aud": "scoreboard-increment",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 60,
        "jti": NONCE,
        "delta": 5,
        "board": "main",
        "act": "win",
    }
    return _changed(claims, changes)


def bearer_claims(**changes: object) -> dict[str, Any]:
    """Good claims of a Bearer token, but for the changes."""
    claims: dict[str, object] = {
        "iss": ISSUER,
        "sub": ALICE,
        "aud": "scoreboard-api",
        "iat": NOW,
        "exp": NOW + 600,
        "scope": "scores:write",
    }
    return _changed(claims, changes)


def header_of(key: Key, **changes: object) -> dict[str, Any]:
    """The header of the key's tokens, but for the changes."""
    header: dict[str, object] = {"alg": key.algorithm, "kid": key.kid, "typ": key.token_class.typ}
    return _changed(header, changes)


def forge(
    key: Key, claims: dict[str, Any] | bytes, header: dict[str, Any] | bytes | None = None
) -> str:
    """A token truly signed with the key, whatever its header and claims say."""
    head = header_of(key) if header is None else header
    signing_input = f"{encode(_json(head))}.{encode(_json(claims))}"
    return f"{signing_input}.{encode(signature(key.material, signing_input))}"


def signature(material: object, signing_input: str) -> bytes:
    """The raw signature: HS256 for a secret, Ed25519 for a private key."""
    if isinstance(material, bytes):
        return hmac.digest(material, signing_input.encode(), "sha256")
    assert isinstance(material, Ed25519PrivateKey)
    return material.sign(signing_input.encode())


def encode(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def code_of_action(verifier: TokenVerifier, token: str, now_s: float = NOW_S) -> str:
    """`accepted`, or the code of the refusal."""
    try:
        verifier.verify_action(token, now_s)
    except Refusal as refusal:
        return refusal.code
    return "accepted"


def code_of_bearer(verifier: TokenVerifier, token: str, now_s: float = NOW_S) -> str:
    """`accepted`, or the code of the refusal."""
    try:
        verifier.verify_bearer(token, now_s)
    except Refusal as refusal:
        return refusal.code
    return "accepted"


def _json(value: dict[str, Any] | bytes) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def _changed(members: dict[str, object], changes: dict[str, object]) -> dict[str, Any]:
    return {name: value for name, value in (members | changes).items() if value is not ABSENT}
