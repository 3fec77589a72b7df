"""The quick way: tokens that stand there to the byte as this service writes them.

The first segment is looked up whole, so the token has no say in algorithm, class or key. A
signature is compared as the one text it can have, and the claims count only where writing them
again gives the same segment, which leaves no room for a claim twice, an unknown one or a second
spelling. What is written differently in header or claims is left to the general way; a false
signature under a known header is final, since the general way would find the same after ten times
the work.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Generic

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scoreboard.auth.encoding import decode_base64url, decode_base64url_loosely, encode_base64url
from scoreboard.auth.keyring import Key, KeyRing
from scoreboard.auth.tokens import C, TokenForm, header_segment

SignatureCheck = Callable[[bytes, bytes], bool]
"""(signing input, third segment) → whether the one belongs to the other."""


class ExactReader(Generic[C]):
    """Reads tokens of one class."""

    def __init__(self, keys: KeyRing, form: TokenForm[C]) -> None:
        self._checks = {
            header_segment(key): (key, signature_check(key))
            for key in keys
            if key.token_class is form.token_class
        }
        self._decode = msgspec.json.Decoder(form.claims).decode
        self._encode = msgspec.json.Encoder().encode
        self._refusal = form.refusal

    def read(self, token: bytes) -> tuple[Key, C] | None:
        """Key and claims of a token truly signed; None where it is written in another way.

        Raises the class's refusal for a false signature. The claims are not yet judged.
        """
        signing_input, _, signature = token.rpartition(b".")
        header, _, payload = signing_input.partition(b".")
        found = self._checks.get(header)
        if found is None:
            return None
        key, is_signature_of = found
        if not is_signature_of(signing_input, signature):
            raise self._refusal("The token's signature is not true.")
        try:
            claims = self._decode(decode_base64url_loosely(payload))
        except (msgspec.DecodeError, ValueError):
            return None
        return (key, claims) if encode_base64url(self._encode(claims)) == payload else None


def signature_check(key: Key) -> SignatureCheck:
    """The check of one key, with all that does not depend on the token done beforehand."""
    material = key.verification_material
    return _hs256_check(material) if isinstance(material, bytes) else _ed25519_check(material)


def _hs256_check(secret: bytes) -> SignatureCheck:
    begun = hmac.new(secret, digestmod="sha256")  # copied per token: the key is hashed in once

    def is_signature_of(signing_input: bytes, signature: bytes) -> bool:
        mac = begun.copy()
        mac.update(signing_input)
        return hmac.compare_digest(encode_base64url(mac.digest()), signature)

    return is_signature_of


def _ed25519_check(public: Ed25519PublicKey) -> SignatureCheck:
    def is_signature_of(signing_input: bytes, signature: bytes) -> bool:
        try:
            public.verify(decode_base64url(signature), signing_input)
        except (InvalidSignature, ValueError):
            return False
        return True

    return is_signature_of
