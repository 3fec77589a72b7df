"""The two encodings of a compact JWT, read in their one canonical form only.

Base64url has several texts for the same bytes (`=` appended, stray characters, unused bits set)
and JSON several readings for the same text (a member twice). A token must have one of each.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from typing import Any, NoReturn

_TO_URL = bytes.maketrans(b"+/", b"-_")
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def encode_base64url(raw: bytes) -> bytes:
    """Base64url without padding (RFC 7515, section 2)."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL)


def decode_base64url_loosely(segment: bytes) -> bytes:
    """The bytes of a segment; foreign characters are skipped, so the caller must compare.

    Raises ValueError for a length that no bytes have.
    """
    return a2b_base64(segment.translate(_TO_STANDARD) + b"==")


def decode_base64url(segment: bytes) -> bytes:
    """The bytes whose only text is `segment`; raises ValueError where there are none."""
    raw = decode_base64url_loosely(segment)
    if encode_base64url(raw) != segment:
        raise ValueError("not canonical base64url")
    return raw


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8; raises ValueError for anything else.

    Refused as well: a member twice at any depth, NaN and infinities, lone surrogates, a byte order
    mark, and nesting or numbers that only an attack has. The messages quote nothing of `raw`.
    """
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # fails for a lone surrogate
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        raise ValueError("not JSON in UTF-8 that names each member once") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the text is wrong, not its type
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("a number that JSON does not have")
