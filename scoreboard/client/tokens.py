"""Where Bearer tokens come from, and what is read of tokens here: nothing is verified."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Struct

Token = str | Callable[[], Awaitable[str]]
"""A Bearer token, or who can give one: asked at first, and when the last one ends."""


class _Action(Struct):
    jti: str


async def bring(token: Token) -> str:
    """The token as it is now. Raises what the source raises."""
    return token if isinstance(token, str) else await token()


def nonce_of(action_token: str) -> str:
    """The nonce of an action token, its `jti`. Raises ValueError where it has none."""
    try:
        _, payload, _ = action_token.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Action).jti
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise ValueError("The action token carries no nonce.") from error
