"""Boards as clients hold them: made of snapshots and deltas as docs/reference/realtime.md says."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

Row = tuple[str, int, int]
"""User, score, rank."""

State = tuple[str, int, tuple[Row, ...]]
"""Epoch, version and rows: what two boards are compared by."""


class OutOfStep(Exception):
    """A frame that cannot be applied: the client has to subscribe with what it has."""


@dataclass(eq=False)
class Shown:
    """One board. `onward` are those that frames have made of it, for all who hold it."""

    epoch: str
    version: int
    rows: tuple[Row, ...]
    onward: dict[bytes, Shown] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """All that a client knows."""
        return self.epoch, self.version, self.rows


class _Line(msgspec.Struct, rename="camel"):
    user_id: str
    score: int
    rank: int
    position: int = 0


class _Frame(msgspec.Struct):
    """A snapshot or a delta."""

    type: str
    epoch: str = ""
    version: int = 0
    base: int = 0
    entries: tuple[_Line, ...] = ()
    changed: tuple[_Line, ...] = ()
    removed: tuple[str, ...] = ()


_decode = msgspec.json.Decoder(_Frame).decode
NOTHING = Shown("", 0, ())


def apply(shown: Shown, payload: bytes) -> Shown:
    """The board after a frame; the same one where the frame shows nothing newer.

    Raises OutOfStep.
    """
    known = shown.onward.get(payload)
    if known is None:
        known = shown.onward[payload] = _apply(shown, _decode(payload))
    return known


def _apply(shown: Shown, frame: _Frame) -> Shown:
    if frame.type == "snapshot":
        if frame.epoch == shown.epoch and frame.version < shown.version:
            return shown
        rows = tuple((each.user_id, each.score, each.rank) for each in frame.entries)
        return Shown(frame.epoch, frame.version, rows)
    if frame.type != "delta" or (frame.epoch == shown.epoch and frame.version <= shown.version):
        return shown
    if frame.epoch != shown.epoch or frame.base != shown.version:
        raise OutOfStep
    return Shown(frame.epoch, frame.version, _change(shown.rows, frame))


def _change(rows: tuple[Row, ...], frame: _Frame) -> tuple[Row, ...]:
    gone = {*frame.removed, *(each.user_id for each in frame.changed)}
    staying = [(place, row) for place, row in enumerate(rows, start=1) if row[0] not in gone]
    placed = [
        (each.position or each.rank, (each.user_id, each.score, each.rank))
        for each in frame.changed
    ]
    return tuple(row for _, row in sorted([*staying, *placed]))
