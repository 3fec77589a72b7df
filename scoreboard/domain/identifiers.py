"""The names of things, each in its one canonical form."""

from __future__ import annotations

import re
from typing import NewType

UserId = NewType("UserId", str)
"""A UUID in lower case with hyphens: `0b0f6d7e-…`."""

BoardId = NewType("BoardId", str)
"""`^[a-z0-9][a-z0-9_-]{0,63}$`."""

Nonce = NewType("Nonce", str)
"""The `jti` of an action token, `^[A-Za-z0-9_-]{22,64}$`: valid once."""

EventId = NewType("EventId", int)
"""Position of an event in the ledger; grows with every event of one user."""

MAIN_BOARD = BoardId("main")

# re.ASCII: "\d" and "[a-z]" with IGNORECASE would otherwise admit look-alike digits and letters.
_USER_ID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII
)
_BOARD_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)
_ACTION = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,63}", re.ASCII)


def parse_user_id(text: str) -> UserId | None:
    """The canonical user id, or None where `text` is no UUID; either case is accepted."""
    return UserId(text.lower()) if _USER_ID.fullmatch(text) else None


def is_tombstone(user_id: UserId) -> bool:
    """Whether it stands for somebody who is erased: a UUID of version 8 that begins with zeros."""
    return user_id.startswith("00000000-") and user_id[14] == "8"


def parse_board_id(text: str) -> BoardId | None:
    """The board id, or None where `text` is not one."""
    return BoardId(text) if _BOARD_ID.fullmatch(text) else None


def parse_nonce(text: str) -> Nonce | None:
    """The nonce, or None where `text` is not one."""
    return Nonce(text) if _NONCE.fullmatch(text) else None


def is_action_name(text: str) -> bool:
    """Whether `text` can name an action, such as `win` or `quiz:round-3`."""
    return _ACTION.fullmatch(text) is not None


def user_id_bytes(user_id: UserId) -> bytes:
    """The 16 bytes of the UUID."""
    return bytes.fromhex(user_id.replace("-", ""))


def user_id_from_bytes(raw: bytes) -> UserId:
    """The user id whose 16 bytes are `raw`."""
    text = raw.hex()
    return UserId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
