"""A whole conversation, over connections that keep their order, are late, and break."""

from __future__ import annotations

import json
from collections import deque
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard.client.conversation import Conversation
from scoreboard.domain.frames import encode_frame
from tests.client.channel import VIEW, Board, Server
from tests.client.test_views import any_board

NOW_S = 0.0


class Wire:
    """A client and a server with one connection at a time, on which frames are under way."""

    def __init__(self, chance: Random) -> None:
        self.client = Conversation()
        self.client.show(VIEW)
        self.server = Server()
        self._chance = chance
        self._to_client: deque[bytes] = deque()
        self._to_server: deque[str] = deque()
        self._is_shown = self._is_owed = False

    def connect(self) -> None:
        """A new connection, whose address may name the view."""
        _, views = self.client.name_views()
        self.client.opened(NOW_S)
        if views:
            self._answer(None)
        self._collect()

    def lose(self) -> None:
        """Whatever is under way is lost."""
        self._to_client.clear()
        self._to_server.clear()
        self._is_shown = self._is_owed = False
        self.client.closed(None, NOW_S)

    def change(self, board: Board, *, anew: bool = False, skips: bool = False) -> None:
        """The next version; the server may leave it out where the client reads too slowly."""
        before = self.server.advance(board, anew=anew)
        if self._is_owed:
            self._answer(None)
        elif self._is_shown and not skips:
            text = self.server.snapshot() if before is None else self.server.delta(before)
            self._to_client.append(text)

    def deliver(self) -> bool:
        """One frame arrives on either side; False where none is under way."""
        if self._to_server and (not self._to_client or self._chance.random() < 0.5):
            said = json.loads(self._to_server.popleft())
            known = (said["epoch"], said["version"]) if "epoch" in said else None
            self._answer(known)
        elif self._to_client:
            self.client.received(self._to_client.popleft(), NOW_S)
            self._collect()
        else:
            return False
        return True

    def settle(self) -> None:
        """All that is under way arrives, and what is said because of it."""
        while self.deliver():
            pass

    def _answer(self, known: tuple[str, int] | None) -> None:
        self._is_shown = True
        self._is_owed = not self.server.boards
        if not self._is_owed:
            self._to_client.append(self.server.answer(known))

    def _collect(self) -> None:
        self._to_server.extend(self.client.take_frames())
        assert len(self._to_server) <= 1, "it asks once for what is missing"


@settings(deadline=None, max_examples=200)
@given(st.lists(any_board(), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_however_connections_break_the_client_shows_at_last_what_the_server_does(
    boards: list[Board], chance: Random
) -> None:
    wire = Wire(chance)
    wire.connect()
    for board in boards[:-1]:
        wire.change(board, anew=chance.random() < 0.1, skips=chance.random() < 0.3)
        for _ in range(chance.randrange(4)):
            wire.deliver()
        if chance.random() < 0.2:
            wire.lose()
            wire.connect()
    wire.settle()
    wire.change(boards[-1])
    wire.settle()
    (state,) = wire.client.states
    assert state.position == (wire.server.epoch, wire.server.version)
    assert encode_frame(state.shown.entries) == encode_frame(wire.server.board)
