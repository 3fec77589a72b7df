"""Keys in memory: which key has made a token, and which makes the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import ConfigurationError

Algorithm = Literal["HS256", "EdDSA"]
Material = bytes | Ed25519PrivateKey | Ed25519PublicKey
"""A secret of HS256, or one half of an Ed25519 pair."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Key:
    """One key of one token class.

    It is valid from `not_before_s` until before `not_after_s` (Unix seconds; None: no limit). A
    `retired` key signs nothing more. New requests it verifies only until `not_after_s`, so without
    one not at all; tokens of the past it verifies for ever.
    """

    kid: str
    token_class: TokenClass
    material: Material = field(repr=False)
    retired: bool = False
    not_before_s: int | None = None
    not_after_s: int | None = None

    @property
    def algorithm(self) -> Algorithm:
        """Follows from the material, so that the two can never disagree."""
        return "HS256" if isinstance(self.material, bytes) else "EdDSA"

    @property
    def can_sign(self) -> bool:
        """Whether the key holds its secret half and is not retired."""
        return not self.retired and not isinstance(self.material, Ed25519PublicKey)

    @property
    def verification_material(self) -> bytes | Ed25519PublicKey:
        """What a signature is verified with."""
        if isinstance(self.material, Ed25519PrivateKey):
            return self.material.public_key()
        return self.material

    def covers(self, at_s: float, leeway_s: float = 0.0) -> bool:
        """Whether the key was valid then; `leeway_s` admits a signer whose clock is ahead."""
        if self.not_before_s is not None and at_s + leeway_s < self.not_before_s:
            return False
        return self.not_after_s is None or at_s < self.not_after_s

    def serves(self, now_s: float, leeway_s: float = 0.0) -> bool:
        """Whether new requests may carry tokens of this key."""
        return self.covers(now_s, leeway_s) and not (self.retired and self.not_after_s is None)

    def retire(self, not_after_s: int | None) -> Key:
        """The same key, which signs no more and serves new requests until `not_after_s` only."""
        return replace(self, retired=True, not_after_s=not_after_s)

    def without_secret(self) -> Key:
        """The half that verifies but cannot mint; raises ConfigurationError for HS256."""
        if isinstance(self.material, bytes):
            raise ConfigurationError(
                f"Key {self.kid!r} is of HS256, whose one secret both signs and verifies; "
                "generate Ed25519 keys for instances that must not mint."
            )
        return replace(self, material=self.verification_material)


class KeyRing:
    """Every key this process knows, oldest first. Immutable: a changed file makes a new ring.

    Raises ConfigurationError where two keys share a kid or their material: a kid means one key, and
    what one class or algorithm was given must be worth nothing in another.
    """

    __slots__ = ("_by_kid",)

    def __init__(self, keys: Iterable[Key]) -> None:
        self._by_kid: dict[str, Key] = {}
        owners: dict[bytes, str] = {}
        for key in keys:
            self._refuse_second(key)
            self._by_kid[key.kid] = key
            owner = owners.setdefault(_verification_bytes(key), key.kid)
            if owner != key.kid:
                raise ConfigurationError(
                    f"Keys {owner!r} and {key.kid!r} hold the same material; "
                    "generate one of them anew."
                )

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_kid.values())

    def __len__(self) -> int:
        return len(self._by_kid)

    def __repr__(self) -> str:
        return f"KeyRing({list(self._by_kid)})"

    def find(self, kid: str) -> Key | None:
        """The key of that name, or None."""
        return self._by_kid.get(kid)

    def signing_key(self, token_class: TokenClass, now_s: float) -> Key:
        """The newest key of the class that may sign now; raises ConfigurationError for none."""
        for key in reversed(self._by_kid.values()):
            if key.token_class is token_class and key.can_sign and key.covers(now_s):
                return key
        raise ConfigurationError(
            f"No key signs {token_class} tokens now: each is retired, public only or outside its "
            "validity; add one with `scoreboard keys generate --add`."
        )

    def _refuse_second(self, key: Key) -> None:
        first = self._by_kid.get(key.kid)
        if first is None:
            return
        if first.token_class is not key.token_class:
            raise ConfigurationError(
                f"Key {key.kid!r} serves both token classes; give each class a key of its own."
            )
        raise ConfigurationError(f"Key {key.kid!r} stands there twice; remove one of the two.")


def _verification_bytes(key: Key) -> bytes:
    material = key.verification_material
    return material if isinstance(material, bytes) else material.public_bytes_raw()
