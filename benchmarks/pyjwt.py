"""Both tokens verified by PyJWT alone, as most services do it."""

from __future__ import annotations

from typing import Any

import jwt

from scoreboard.auth.keyring import KeyRing
from scoreboard.domain.claims import TokenClass


class PyJwtVerifier:
    """Two calls of `jwt.decode` a request; raises jwt.PyJWTError for whatever is not true."""

    def __init__(self, keys: KeyRing, issuer: str) -> None:
        self._keys = {key.kid: key for key in keys}
        self._issuer = issuer

    def verify_both(self, bearer: str, action: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The claims of the Bearer and of the action token."""
        return self.verify(bearer, TokenClass.BEARER), self.verify(action, TokenClass.ACTION)

    def verify(self, token: str, token_class: TokenClass) -> dict[str, Any]:
        """The claims of a token of that class."""
        header = jwt.get_unverified_header(token)
        key = self._keys.get(header.get("kid", ""))
        if key is None or key.token_class is not token_class or header["typ"] != token_class.typ:
            raise jwt.InvalidTokenError("no key for tokens of this kind")
        claims: dict[str, Any] = jwt.decode(
            token,
            key.verification_material,
            algorithms=[key.algorithm],
            audience=token_class.audience,
            issuer=self._issuer,
            options={"require": ["exp", "iat", "sub", "jti"]},
        )
        return claims
