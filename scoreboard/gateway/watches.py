"""What one client follows, and what is news to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scoreboard.domain.frames import Around, Me, Users, ViewKey, encode_frame
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.standings import Entry, Neighbours, Standing
from scoreboard.gateway.subscriber import Subscriber


class Found(NamedTuple):
    """What one look at a board found; a user without a score is None."""

    standings: Mapping[UserId, Standing | None]
    neighbours: Mapping[tuple[UserId, int], Neighbours | None]
    of: int


class Watch(ABC):
    """One personal view of one client."""

    radius = 0
    """How many above and below are wanted; 0 where the users alone are."""

    def __init__(self, subscriber: Subscriber, key: ViewKey, users: Sequence[UserId]) -> None:
        self.subscriber = subscriber
        self.key = key
        self.users = users

    @abstractmethod
    def news(self, found: Found) -> bytes | None:
        """The frame's JSON, which is now taken as sent; None where nothing changed."""


class MeWatch(Watch):
    """The client's own place."""

    _sent: tuple[int, int, int] | tuple[()] | None = None

    def news(self, found: Found) -> bytes | None:
        """Score, rank or version changed; that others came or went below is no news."""
        standing = found.standings[self.users[0]]
        state = () if standing is None else (standing.score, standing.rank, standing.version)
        if state == self._sent:
            return None
        self._sent = state
        score, rank, version = state or (None, None, None)
        frame = Me(
            board=self.key[0],
            user_id=self.users[0],
            score=score,
            rank=rank,
            of=found.of,
            version=version,
        )
        return encode_frame(frame)


class AroundWatch(Watch):
    """The client's own user among those next to him."""

    _sent: tuple[Entry, ...] | None = None

    def __init__(
        self, subscriber: Subscriber, key: ViewKey, users: Sequence[UserId], radius: int
    ) -> None:
        super().__init__(subscriber, key, users)
        self.radius = radius

    def news(self, found: Found) -> bytes | None:
        """Anything in the window changed."""
        window = found.neighbours[self.users[0], self.radius]
        entries = () if window is None else window.entries
        if entries == self._sent:
            return None
        self._sent = entries
        frame = Around(
            view=self.key[1],
            board=self.key[0],
            user_id=self.users[0],
            entries=entries,
            of=found.of if window is None else window.of,
        )
        return encode_frame(frame)


class UsersWatch(Watch):
    """Users that the client named."""

    _sent: Mapping[UserId, Entry | None] | None = None

    def news(self, found: Found) -> bytes | None:
        """Those who changed, and those who left the board; at first all, on it or not.

        Whoever comes back may know somebody who left meanwhile: so the first frame names him too.
        """
        present = {user: _entry_of(found.standings[user]) for user in self.users}
        sent, self._sent = self._sent, present
        news = {
            user: entry for user, entry in present.items() if sent is None or sent[user] != entry
        }
        if not news:
            return None
        frame = Users(
            view=self.key[1],
            board=self.key[0],
            entries=tuple(entry for entry in news.values() if entry is not None),
            removed=tuple(user for user, entry in news.items() if entry is None),
        )
        return encode_frame(frame)


def _entry_of(standing: Standing | None) -> Entry | None:
    if standing is None:
        return None
    return Entry(standing.user_id, standing.score, standing.rank)
