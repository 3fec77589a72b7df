"""What a client that follows the rules of `docs/reference/realtime.md` shows."""

from __future__ import annotations

from typing import Any

Entries = list[dict[str, Any]]


class Screen:
    """One view on one client; a frame that does not fit what is there fails the test."""

    def __init__(self) -> None:
        self.position: tuple[str, int] | None = None
        self.entries: Entries = []

    def apply(self, frame: dict[str, Any]) -> bool:
        """Takes a snapshot or a delta; False for every other frame."""
        if frame["type"] == "snapshot":
            self.entries = frame["entries"]
        elif frame["type"] == "delta":
            assert self.position == (frame["epoch"], frame["base"]), "a delta from elsewhere"
            self.entries = _changed(self.entries, frame)
        else:
            return False
        epoch, version = frame["epoch"], frame["version"]
        if self.position is not None and self.position[0] == epoch:
            assert version >= self.position[1], "a version went back"
        self.position = (epoch, version)
        return True


def _changed(entries: Entries, delta: dict[str, Any]) -> Entries:
    changed = {each["userId"]: each for each in delta["changed"]}
    gone = {*delta.get("removed", ()), *changed}
    placed = [
        (place, entry)
        for place, entry in enumerate(entries, start=1)
        if entry["userId"] not in gone
    ]
    placed += [
        (
            each.get("position", each["rank"]),
            {name: each[name] for name in ("userId", "score", "rank")},
        )
        for each in changed.values()
    ]
    return [entry for _, entry in sorted(placed, key=lambda pair: pair[0])]
