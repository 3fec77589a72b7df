"""The form of each token class on the wire: its header, its claims, its refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import jwt
import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from scoreboard.auth.encoding import encode_base64url
from scoreboard.auth.keyring import Key
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import ActionTokenInvalid, Refusal, TokenInvalid
from scoreboard.domain.increments import MAX_SCORE

Seconds = Annotated[int, Meta(ge=0, le=2**53)]
"""A NumericDate as this service writes it: whole Unix seconds, never a fraction or a text."""

Delta = Annotated[int, Meta(ge=-MAX_SCORE, le=MAX_SCORE)]


class ActionClaims(Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of an action token, in the order in which they are written."""

    iss: str
    sub: str
    aud: str
    iat: Seconds
    nbf: Seconds
    exp: Seconds
    jti: str
    delta: Delta
    board: str
    act: str


class BearerClaims(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The claims of a Bearer token (RFC 9068), in the order in which they are written.

    UNSET is a claim that is not there; `null` in its place is refused.
    """

    iss: str
    sub: str
    aud: str | list[str]
    iat: Seconds
    exp: Seconds
    nbf: Seconds | UnsetType = UNSET
    scope: str = ""
    client_id: str | UnsetType = UNSET
    jti: str | UnsetType = UNSET


Claims = ActionClaims | BearerClaims
C = TypeVar("C", bound=Claims)


@dataclass(frozen=True, slots=True)
class TokenForm(Generic[C]):
    """One class of token; `required` are the claims without which there is no token."""

    token_class: TokenClass
    claims: type[C]
    refusal: type[Refusal]
    required: tuple[str, ...]


ACTION = TokenForm(
    TokenClass.ACTION,
    ActionClaims,
    ActionTokenInvalid,
    ActionClaims.__struct_fields__,
)
BEARER = TokenForm(
    TokenClass.BEARER, BearerClaims, TokenInvalid, ("iss", "sub", "aud", "iat", "exp")
)


def token_header(key: Key) -> dict[str, str]:
    """The protected header of every token that the key signs."""
    return {"alg": key.algorithm, "kid": key.kid, "typ": key.token_class.typ}


def header_segment(key: Key) -> bytes:
    """The first segment of every token that the key signs, to the byte as PyJWT writes it."""
    text = json.dumps(token_header(key), separators=(",", ":"), sort_keys=True)
    return encode_base64url(text.encode())


def sign(claims: Claims, key: Key) -> str:
    """The compact token; the key must be one that can sign."""
    assert key.can_sign
    payload: dict[str, Any] = msgspec.to_builtins(claims)
    material: Any = key.material  # either half of the union that PyJWT takes for the algorithm
    return jwt.encode(payload, material, algorithm=key.algorithm, headers=token_header(key))
