"""What a client knows of one view, and how frames change it. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from functools import lru_cache
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import astuple

from scoreboard.client.frames import (
    REMEMBERED,
    Around,
    Delta,
    Entry,
    Me,
    Snapshot,
    Users,
    ViewFrame,
)


class Verdict(Enum):
    """What a frame did, or what has to be done about it."""

    CHANGED = auto()
    SAME = auto()
    RESUME = auto()
    """Something is missing: subscribe again with the epoch and version that are known."""
    RESTART = auto()
    """The board began anew: subscribe again without them."""


class Shown(Struct, frozen=True, eq=False, kw_only=True):
    """What a view shows; what its kind does not have is None.

    `version` is that of a top list, or of one's own score in the view `me`. `generated_at` is
    None where a delta led here, which does not tell.
    """

    entries: tuple[Entry, ...] = ()
    epoch: str | None = None
    version: int | None = None
    generated_at: str | None = None
    user_id: str | None = None
    score: int | None = None
    rank: int | None = None
    of: int | None = None


NOTHING = Shown()
"""Before the first frame."""


class ViewState:
    """One view of one board. `users` are those whom the view `users` shows, in this order."""

    __slots__ = ("board", "shown", "users", "view")

    def __init__(self, view: str, board: str, users: Iterable[str] = ()) -> None:
        self.view = view
        self.board = board
        self.users = tuple(dict.fromkeys(each.lower() for each in users))
        self.shown = NOTHING

    @property
    def is_known(self) -> bool:
        """Whether anything has come yet."""
        return self.shown is not NOTHING

    @property
    def position(self) -> tuple[str, int] | None:
        """Epoch and version from which a top list can be gone on from."""
        shown = self.shown
        if shown.epoch is None or shown.version is None:
            return None
        return shown.epoch, shown.version

    def name(self, users: Iterable[str]) -> None:
        """Shows others from now on; what is known of those who stay is kept."""
        self.users = ViewState(self.view, self.board, users).users
        if self.is_known:
            self.shown = self._merge(())

    def apply(self, frame: ViewFrame) -> Verdict:
        """Takes a frame of this view, whatever came or got lost before."""
        if isinstance(frame, Delta):
            return self._follow(frame)
        if isinstance(frame, Snapshot):
            return self._replace(frame)
        return self._look(frame)

    def _follow(self, delta: Delta) -> Verdict:
        shown = self.shown
        if delta.epoch != shown.epoch or shown.version is None:
            return Verdict.RESTART
        if delta.version <= shown.version:
            return Verdict.SAME
        if delta.base != shown.version:
            return Verdict.RESUME
        self.shown = follow(shown, delta)
        return Verdict.CHANGED

    def _replace(self, snapshot: Snapshot) -> Verdict:
        before, now = self.position, (snapshot.epoch, snapshot.version)
        if before is not None and before[0] == now[0] and before[1] > now[1]:
            return Verdict.SAME
        self.shown = shown_by(snapshot)
        return Verdict.SAME if before == now else Verdict.CHANGED

    def _look(self, frame: Me | Around | Users) -> Verdict:
        before = self.shown
        if isinstance(frame, Users):
            self.shown = self._merge(frame.entries, frame.removed)
        elif isinstance(frame, Around):
            self.shown = Shown(entries=frame.entries, user_id=frame.user_id, of=frame.of)
        else:
            self.shown = Shown(
                user_id=frame.user_id,
                score=frame.score,
                rank=frame.rank,
                of=frame.of,
                version=frame.version,
            )
        is_same = before is not NOTHING and astuple(before) == astuple(self.shown)
        return Verdict.SAME if is_same else Verdict.CHANGED

    def _merge(self, entries: Iterable[Entry], removed: Iterable[str] = ()) -> Shown:
        known = {each.user_id: each for each in (*self.shown.entries, *entries)}
        for user_id in removed:
            known.pop(user_id, None)
        return Shown(entries=tuple(known[each] for each in self.users if each in known))


@lru_cache(maxsize=REMEMBERED)
def shown_by(snapshot: Snapshot) -> Shown:
    """What it shows; one object for all who receive it."""
    return Shown(
        entries=snapshot.entries,
        epoch=snapshot.epoch,
        version=snapshot.version,
        generated_at=snapshot.generated_at,
    )


@lru_cache(maxsize=REMEMBERED)
def follow(shown: Shown, delta: Delta) -> Shown:
    """What is shown after a delta that fits; worked out once for all who stand there."""
    places = {each.user_id: (at, each) for at, each in enumerate(shown.entries, start=1)}
    for user_id in delta.removed:
        places.pop(user_id, None)
    for each in delta.changed:
        entry = Entry(each.user_id, each.score, each.rank)
        places[each.user_id] = (each.position or each.rank, entry)
    in_order = sorted(places.values(), key=itemgetter(0))
    return Shown(
        entries=tuple(entry for _, entry in in_order), epoch=delta.epoch, version=delta.version
    )
