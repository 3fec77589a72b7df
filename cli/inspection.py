"""What a token says, and whether the service would accept it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cli.output import CommandFailed
from scoreboard.auth.encoding import decode_base64url, parse_object
from scoreboard.auth.exact import signature_check
from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import Refusal
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.settings import Settings

SEGMENTS = 3
YEAR_10000_S = 253_402_300_800


@dataclass(frozen=True, slots=True)
class Inspection:
    """A readable token. `reason` says why it is not accepted, empty where it is."""

    header: dict[str, Any]
    claims: dict[str, Any]
    token_class: TokenClass | None
    is_signature_true: bool
    expires_at: str | None
    reason: str

    @property
    def is_accepted(self) -> bool:
        """Whether the service would accept it now, as far as the token itself can tell."""
        return not self.reason

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "header": self.header,
            "claims": self.claims,
            "class": self.token_class,
            "signatureTrue": self.is_signature_true,
            "expiresAt": self.expires_at,
            "accepted": self.is_accepted,
            "reason": self.reason or None,
        }


def inspect_token(token: str, keys: KeyRing, settings: Settings, now_s: float) -> Inspection:
    """Raises CommandFailed for what is no JWT at all."""
    header, claims = _decode(token)
    classes = {each.typ: each for each in TokenClass}
    typ = header.get("typ")
    token_class = classes.get(typ) if isinstance(typ, str) else None
    return Inspection(
        header=header,
        claims=claims,
        token_class=token_class,
        is_signature_true=_is_signature_true(token, header, keys),
        expires_at=_expires_at(claims),
        reason=_reason(token, token_class, TokenVerifier(keys, settings.issuer, settings), now_s),
    )


def _decode(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    segments = token.split(".")
    if len(segments) != SEGMENTS:
        raise CommandFailed("This is no token: a JWT has three segments with dots between them.")
    try:
        header, claims = (parse_object(decode_base64url(each.encode())) for each in segments[:2])
    except ValueError as error:
        raise CommandFailed(f"This is no token: a segment of it is {error}.") from error
    return header, claims


def _is_signature_true(token: str, header: dict[str, Any], keys: KeyRing) -> bool:
    """Whether the key that the header names made the signature, by the key's own algorithm."""
    kid = header.get("kid")
    key = keys.find(kid) if isinstance(kid, str) else None
    signing_input, _, signature = token.encode().rpartition(b".")
    return key is not None and signature_check(key)(signing_input, signature)


def _expires_at(claims: dict[str, Any]) -> str | None:
    exp = claims.get("exp")
    if not isinstance(exp, int) or isinstance(exp, bool) or not 0 <= exp < YEAR_10000_S:
        return None
    return iso_utc(from_unix_us(exp * 1_000_000))


def _reason(
    token: str, token_class: TokenClass | None, verifier: TokenVerifier, now_s: float
) -> str:
    try:
        match token_class:
            case TokenClass.BEARER:
                verifier.verify_bearer(token, now_s)
            case TokenClass.ACTION if verifier.verify_action(token, now_s).expires_at_s <= now_s:
                return "The token has expired; sent again it only tells what became of it."
            case TokenClass.ACTION:
                pass
            case None:
                return "The token's typ is neither that of a Bearer nor of an action token."
    except Refusal as refusal:
        return str(refusal)
    return ""
