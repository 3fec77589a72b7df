"""One view of one board: its last versions, who watches it, and what each of them has."""

from __future__ import annotations

from itertools import islice

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import ViewKey
from scoreboard.gateway.history import History
from scoreboard.gateway.subscriber import Encode, Subscriber

Position = tuple[str, int]
"""Where a view stands: its epoch, and the version within."""

NOTHING, LOST = 0, -1
"""What a subscriber has instead of a version: no entries yet, or some that nobody remembers."""


class Channel:
    """State, not a queue: the last versions, and the subscribers who were not offered the latest.

    `pending` is ordered, and its values mean nothing. A newer version leaves those who still wait
    in front, so nobody starves when versions come faster than they can be written.
    """

    __slots__ = (
        "_frames",
        "_history",
        "_unanswered",
        "deserted_s",
        "key",
        "message",
        "pending",
        "subscribers",
        "term",
        "timed",
    )

    def __init__(self, key: ViewKey) -> None:
        self.key = key
        self.message: ViewMessage | None = None
        self.term = 0
        self.subscribers: dict[Subscriber, int] = {}
        """The version that each has been given, or NOTHING, or LOST."""
        self.pending: dict[Subscriber, int] = {}
        self.timed = False
        self.deserted_s: float | None = None
        """Since when nobody watches, on the loop's clock."""
        self._unanswered: dict[Subscriber, Position | None] = {}
        self._history = History()
        self._frames: dict[tuple[Encode, int], bytes] = {}

    def add(self, subscriber: Subscriber, known: Position | None) -> None:
        """Somebody watches, who says what he has; he is to be answered, whatever that is."""
        self.deserted_s = None
        self.subscribers[subscriber] = NOTHING
        self._unanswered[subscriber] = known

    def discard(self, subscriber: Subscriber) -> None:
        """Forgets a subscriber."""
        self.subscribers.pop(subscriber, None)
        self.pending.pop(subscriber, None)
        self._unanswered.pop(subscriber, None)

    def store(self, message: ViewMessage) -> bool:
        """Takes a newer version; False for a deposed relay's, an old or a repeated one."""
        if message.term < self.term:
            return False
        self.term = message.term
        mine = self.message
        if mine is not None and mine.epoch == message.epoch and message.version <= mine.version:
            return False
        if mine is not None and mine.epoch != message.epoch:
            self.subscribers = {
                each: LOST if version else NOTHING for each, version in self.subscribers.items()
            }
        self.message = message
        self._history.add(message)
        self._frames.clear()
        return True

    def frame_for(self, subscriber: Subscriber) -> bytes | None:
        """What brings the subscriber from what he has to the latest version; None where he has it.

        Made once for all who have the same and speak the same. Whoever has a version that is not
        here yet, from another instance, is left with it: nobody is sent back.
        """
        message = self.message
        assert message is not None
        latest = message.version
        version = self.subscribers[subscriber]
        if subscriber in self._unanswered:
            version = self._place(self._unanswered.pop(subscriber))
        elif version >= latest:
            return None
        if version > latest:
            self.subscribers[subscriber] = version
            return None
        self.subscribers[subscriber] = latest
        key = (subscriber.encode, version)
        frame = self._frames.get(key)
        if frame is None:
            frame = subscriber.encode(message, self._payload(message, version))
            self._frames[key] = frame
        return frame

    def queue_all(self, *, timed: bool) -> int:
        """Makes everybody wait for the latest version; returns how many still wait for one."""
        waiting = len(self.pending)
        self.pending.update(self.subscribers)
        self.timed = timed
        return waiting

    def take(self, count: int) -> list[Subscriber]:
        """At most `count` of those who wait, longest first; they wait no more."""
        taken = list(islice(self.pending, count))
        for subscriber in taken:
            del self.pending[subscriber]
        return taken

    def _place(self, known: Position | None) -> int:
        if known is None:
            return NOTHING
        epoch, version = known
        assert self.message is not None
        return version if epoch == self.message.epoch and version > NOTHING else LOST

    def _payload(self, message: ViewMessage, version: int) -> bytes:
        if version == NOTHING:
            return message.frame
        delta = self._history.delta_since(version)
        return message.frame[:-1] + b',"reset":true}' if delta is None else delta
