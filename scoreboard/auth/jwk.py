"""One key as a JSON Web Key (RFC 7517, RFC 8037), and new keys."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import HMACAlgorithm
from msgspec import Meta, Struct

from scoreboard.auth.encoding import decode_base64url, encode_base64url
from scoreboard.auth.keyring import Key, Material
from scoreboard.auth.tokens import Seconds
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import ConfigurationError

Profile = Literal["hs256", "ed25519"]

SECRET_MIN_BYTES = 32
SECRET_MIN_DISTINCT_BYTES = 16
"""32 random bytes hold 30 distinct ones on average, and fewer than 16 once in 10^13 keys."""


class Jwk(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The members that a key may have. `token_class` and `retired` are this service's own.

    An unknown member is refused: a misspelt `retired` must not leave a key in service.
    """

    kid: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
    kty: str
    alg: str
    token_class: TokenClass
    k: str | None = None
    crv: str | None = None
    x: str | None = None
    d: str | None = None
    retired: bool = False
    nbf: Seconds | None = None
    exp: Seconds | None = None
    use: str | None = None
    key_ops: list[str] | None = None

    def __repr__(self) -> str:
        return f"Jwk({self.kid!r})"  # the rest may be secret


def generate_keys(profile: Profile) -> tuple[Key, ...]:
    """One new key for each token class, with names of their own."""
    return tuple(
        Key(
            kid=f"{token_class}-{secrets.token_hex(6)}",
            token_class=token_class,
            material=(
                secrets.token_bytes(SECRET_MIN_BYTES)
                if profile == "hs256"
                else Ed25519PrivateKey.generate()
            ),
        )
        for token_class in TokenClass
    )


def key_from_jwk(member: object) -> Key:
    """The key that a JWK describes; raises ConfigurationError with a sentence that names its kid.

    The sentence quotes no other member.
    """
    name = f"Key {_shown_kid(member)}"
    try:
        jwk = msgspec.convert(member, Jwk)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name} is no usable JWK ({error}); correct it.") from None
    return Key(
        kid=jwk.kid,
        token_class=jwk.token_class,
        material=_read_material(jwk, name),
        retired=jwk.retired,
        not_before_s=jwk.nbf,
        not_after_s=jwk.exp,
    )


def key_to_jwk(key: Key) -> dict[str, Any]:
    """The JWK of a key, secrets included: for the key file and nothing else."""
    jwk = Jwk(
        kid=key.kid,
        kty="oct",
        alg=key.algorithm,
        token_class=key.token_class,
        retired=key.retired,
        nbf=key.not_before_s,
        exp=key.not_after_s,
    )
    if isinstance(key.material, bytes):
        jwk.k = encode_base64url(key.material).decode()
    else:
        jwk.kty, jwk.crv = "OKP", "Ed25519"
        if isinstance(key.material, Ed25519PrivateKey):
            jwk.d = encode_base64url(key.material.private_bytes_raw()).decode()
        public = key.without_secret().material
        assert isinstance(public, Ed25519PublicKey)
        jwk.x = encode_base64url(public.public_bytes_raw()).decode()
    members: dict[str, Any] = msgspec.to_builtins(jwk)
    return members


def _shown_kid(member: object) -> str:
    kid = member.get("kid") if isinstance(member, dict) else None
    return repr(kid[:64]) if isinstance(kid, str) else "without a kid"


def _read_material(jwk: Jwk, name: str) -> Material:
    match jwk:
        case Jwk(kty="oct", alg="HS256", k=str(k), crv=None, x=None, d=None):
            return _read_secret(_bytes_of(k, name), name)
        case Jwk(kty="OKP", alg="EdDSA", crv="Ed25519", x=str(x), d=d, k=None):
            return _read_pair(_bytes_of(x, name), None if d is None else _bytes_of(d, name), name)
        case _:
            raise ConfigurationError(
                f"{name} is neither HS256 (kty oct, alg HS256, k) nor Ed25519 (kty OKP, crv "
                "Ed25519, alg EdDSA, x and d); generate another with "
                "`scoreboard keys generate --add`."
            )


def _bytes_of(text: str, name: str) -> bytes:
    try:
        return decode_base64url(text.encode("ascii"))
    except ValueError:
        raise ConfigurationError(f"{name} is not in base64url without padding.") from None


def _read_secret(secret: bytes, name: str) -> bytes:
    cure = "generate another with `scoreboard keys generate --add` and remove this one."
    if len(secret) < SECRET_MIN_BYTES:
        raise ConfigurationError(f"{name} has {8 * len(secret)} bits and HS256 needs 256; {cure}")
    if len(set(secret)) < SECRET_MIN_DISTINCT_BYTES:
        raise ConfigurationError(f"{name} repeats so few bytes that it can be guessed; {cure}")
    try:
        HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
    except jwt.InvalidKeyError:
        raise ConfigurationError(f"{name} is the text of a key of another kind; {cure}") from None
    return secret


def _read_pair(public: bytes, private: bytes | None, name: str) -> Material:
    try:
        if private is None:
            return Ed25519PublicKey.from_public_bytes(public)
        key = Ed25519PrivateKey.from_private_bytes(private)
    except ValueError:
        raise ConfigurationError(f"{name} is not 32 bytes long; generate another.") from None
    if key.public_key().public_bytes_raw() != public:
        raise ConfigurationError(f"{name} joins two halves of different pairs; generate another.")
    return key
