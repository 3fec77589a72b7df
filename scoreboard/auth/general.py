"""The general way: any correct JWT under one of our keys, verified by PyJWT at its strictest.

PyJWT checks the signature and that claims are there; what it lets pass is refused here: another
`typ`, a second text or reading of a segment, a claim twice, a time that is no whole number. Times
are judged elsewhere, since PyJWT would use a clock of its own.
"""

from __future__ import annotations

from typing import Any, Generic

import jwt
import msgspec

from scoreboard.auth.encoding import decode_base64url, parse_object
from scoreboard.auth.keyring import Key, KeyRing
from scoreboard.auth.tokens import C, TokenForm
from scoreboard.domain.claims import TokenClass

SEGMENTS = 3


class GeneralReader(Generic[C]):
    """Reads tokens of one class and one issuer."""

    def __init__(self, keys: KeyRing, form: TokenForm[C], issuer: str) -> None:
        self._keys = keys
        self._form = form
        self._issuer = issuer
        self._options: jwt.types.Options = {
            "verify_signature": True,
            "require": list(form.required),
            "verify_aud": True,
            "strict_aud": form.token_class is TokenClass.ACTION,
            "verify_iss": True,
            "verify_sub": True,
            "verify_jti": True,
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
            "enforce_minimum_key_length": True,
        }

    def read(self, token: bytes) -> tuple[Key, C]:
        """Key and claims of a token truly signed; raises the class's refusal for any other.

        The claims are not yet judged.
        """
        header, payload, _ = self._split(token)
        key = self._find_key(self._parse(header))
        self._verify(token, key)
        return key, self._convert(self._parse(payload))

    def _split(self, token: bytes) -> list[bytes]:
        segments = token.split(b".")
        if len(segments) != SEGMENTS or not all(segments):
            raise self._form.refusal("The token is not a signed JWT of three segments.")
        try:
            return [decode_base64url(segment) for segment in segments]
        except ValueError:
            raise self._form.refusal("The token is not in base64url without padding.") from None

    def _parse(self, raw: bytes) -> dict[str, Any]:
        try:
            return parse_object(raw)
        except ValueError:
            raise self._form.refusal(
                "A segment of the token is no JSON object that names each member once."
            ) from None

    def _find_key(self, header: dict[str, Any]) -> Key:
        """The key that kid names; what else the header offers (jku, jwk, x5u) is not read."""
        if "crit" in header:
            raise self._form.refusal("The token's header demands an extension (crit).")
        kid = header.get("kid")
        key = self._keys.find(kid) if isinstance(kid, str) else None
        if key is None or key.token_class is not self._form.token_class:
            raise self._form.refusal("The token's kid names no key for tokens of this kind.")
        if header.get("alg") != key.algorithm:
            raise self._form.refusal("The token's alg is not that of its key.")
        if header.get("typ") != self._form.token_class.typ:
            raise self._form.refusal(f"The token's typ must be {self._form.token_class.typ}.")
        return key

    def _verify(self, token: bytes, key: Key) -> None:
        try:
            jwt.decode(
                token,
                key.verification_material,
                algorithms=[key.algorithm],
                audience=self._form.token_class.audience,
                issuer=self._issuer,
                options=self._options,
            )
        except jwt.InvalidSignatureError:
            raise self._form.refusal("The token's signature is not true.") from None
        except jwt.PyJWTError:
            raise self._form.refusal("The token's claims lack iss, aud or another.") from None

    def _convert(self, members: dict[str, Any]) -> C:
        """The claims that are known here; RFC 7519 has others ignored."""
        known = {
            name: members[name] for name in self._form.claims.__struct_fields__ if name in members
        }
        try:
            return msgspec.convert(known, self._form.claims, strict=True)
        except msgspec.ValidationError:
            raise self._form.refusal(
                "A claim of the token is not of its documented type."
            ) from None
