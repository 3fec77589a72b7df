"""The last versions of one view, from which a client that has an older one is brought forward."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import Delta, encode_frame
from scoreboard.domain.standings import Entry, compare_entries

VERSIONS_MAX = 256
"""About 13 s of a board that changes at every tick."""


class _Shown(msgspec.Struct):
    """What is read of a snapshot's JSON."""

    entries: tuple[Entry, ...]


_decode = msgspec.json.Decoder(_Shown).decode


class History:
    """Versions of one epoch. Entries that stay the same are held once."""

    def __init__(self) -> None:
        self._versions: OrderedDict[int, tuple[Entry, ...]] = OrderedDict()
        self._message: ViewMessage | None = None
        self._deltas: dict[int, bytes] = {}

    def add(self, message: ViewMessage) -> None:
        """Takes the next version; one of another epoch begins anew."""
        if self._message is None or self._message.epoch != message.epoch:
            self._versions.clear()
        last = self._versions[next(reversed(self._versions))] if self._versions else ()
        known = {entry.user_id: entry for entry in last}
        entries = _decode(message.frame).entries
        self._versions[message.version] = tuple(
            old if (old := known.get(entry.user_id)) == entry else entry for entry in entries
        )
        if len(self._versions) > VERSIONS_MAX:
            self._versions.popitem(last=False)
        self._message = message
        self._deltas.clear()

    def delta_since(self, base: int) -> bytes | None:
        """The JSON of the one delta from `base` to the present; None where it is not remembered."""
        known = self._deltas.get(base)
        if known is None and base in self._versions:
            known = self._deltas[base] = self._encode(base)
        return known

    def _encode(self, base: int) -> bytes:
        message = self._message
        assert message is not None
        changed, removed = compare_entries(self._versions[base], self._versions[message.version])
        return encode_frame(
            Delta(
                view=message.view,
                board=message.board_id,
                epoch=message.epoch,
                version=message.version,
                base=base,
                changed=changed,
                removed=removed,
            )
        )
