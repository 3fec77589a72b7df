"""One view of one board: its latest version and who watches it."""

from __future__ import annotations

from itertools import islice

from scoreboard.bus.protocol import ViewMessage
from scoreboard.gateway.subscriber import Encode, Subscriber, ViewKey

Position = tuple[str, int]
"""Where a view stands: its epoch, and the version within."""


class Channel:
    """State, not a queue: one message, and the subscribers who have not been offered it yet.

    `pending` is ordered. A newer version leaves those who still wait in front, so nobody starves
    when versions come faster than they can be written. `known` is what clients who came back had
    already, kept until there is a newer version: nobody is sent back.
    """

    __slots__ = ("_encoded", "key", "known", "message", "pending", "subscribers", "term", "timed")

    def __init__(self, key: ViewKey) -> None:
        self.key = key
        self.message: ViewMessage | None = None
        self.term = 0
        self.subscribers: dict[Subscriber, None] = {}
        self.pending: dict[Subscriber, None] = {}
        self.known: dict[Subscriber, Position] = {}
        self.timed = False
        self._encoded: dict[Encode, bytes] = {}

    def store(self, message: ViewMessage) -> bool:
        """Takes a newer version; False for a deposed relay's, an old or a repeated one."""
        if message.term < self.term:
            return False
        self.term = message.term
        mine = self.message
        if mine is not None and mine.epoch == message.epoch and message.version <= mine.version:
            return False
        self.message = message
        self._encoded.clear()
        return True

    def frame_for(self, subscriber: Subscriber) -> bytes:
        """The latest version in the subscriber's encoding, encoded once for all of its kind."""
        frame = self._encoded.get(subscriber.encode)
        if frame is None:
            assert self.message is not None
            frame = self._encoded[subscriber.encode] = subscriber.encode(self.message)
        return frame

    def queue_all(self, *, timed: bool) -> int:
        """Makes everybody wait for the latest version; returns how many still wait for one."""
        waiting = len(self.pending)
        self.pending.update(self.subscribers)
        if self.known:
            self._spare_who_knows()
        self.timed = timed
        return waiting

    def is_newer_than(self, position: Position) -> bool:
        """Whether there is a version that whoever has `position` should see."""
        if self.message is None:
            return False
        epoch, version = position
        return self.message.epoch != epoch or self.message.version > version

    def take(self, count: int) -> list[Subscriber]:
        """At most `count` of those who wait, longest first; they wait no more."""
        taken = list(islice(self.pending, count))
        for subscriber in taken:
            del self.pending[subscriber]
        return taken

    def discard(self, subscriber: Subscriber) -> None:
        """Forgets a subscriber."""
        self.subscribers.pop(subscriber, None)
        self.pending.pop(subscriber, None)
        self.known.pop(subscriber, None)

    def _spare_who_knows(self) -> None:
        for subscriber, position in tuple(self.known.items()):
            if self.is_newer_than(position):
                del self.known[subscriber]
            else:
                self.pending.pop(subscriber, None)
