"""What the scripts that read tell, as the service's own values."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from scoreboard.domain.identifiers import UserId, user_id_from_bytes
from scoreboard.domain.standings import Neighbours, Standing, rank_entries

_PACKED = struct.Struct(">QQQ")  # version, event id, updated in Unix µs


def decode_standing(user_id: UserId, found: list[Any] | None) -> Standing | None:
    """One user's part of the reply of `read.lua`."""
    if found is None:
        return None
    negative, rank, packed = found
    version, _reached, updated_us = _PACKED.unpack(packed)
    return Standing(user_id, _score(negative), rank, version, updated_us)


def decode_neighbours(found: list[Any] | None, of: int) -> Neighbours | None:
    """One user's part of the reply of `neighbours.lua`."""
    if found is None:
        return None
    place, higher, window = found
    return Neighbours(rank_entries(decode_rows(window), place + 1, higher + 1), of)


def decode_rows(members: Sequence[bytes]) -> Iterator[tuple[UserId, int]]:
    """Users with their scores, of members that are each followed by -score."""
    for member, negative in zip(members[::2], members[1::2], strict=True):
        yield user_id_from_bytes(member[8:]), _score(negative)


def _score(negative: bytes) -> int:
    """Redis prints a large sorted-set score with an exponent; a float holds every score exactly."""
    return -int(float(negative))
