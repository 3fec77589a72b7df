"""A server's boards, and a channel to a client that loses, repeats and reorders what is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from scoreboard.client.frames import Delta, Snapshot, read_frame
from scoreboard.client.views import Verdict, ViewState
from scoreboard.domain import frames
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.domain.standings import Entry, compare_entries

VIEW = "top:10"
TIME = "2026-01-31T12:00:00.000000Z"

Position = tuple[str, int]
Board = tuple[Entry, ...]


@dataclass
class Server:
    """Versions of one view, of which it remembers the last few of the present epoch."""

    boards: dict[Position, Board] = field(default_factory=dict)
    epoch: str = "e0"
    version: int = 0
    remembers: int = 3

    def advance(self, board: Board, *, anew: bool) -> Position | None:
        """The next version; what was before it, None where the board begins anew."""
        before = None if anew or not self.boards else (self.epoch, self.version)
        if anew:
            self.epoch, self.version = f"e{int(self.epoch[1:]) + 1}", 0
        self.version += 1
        self.boards[self.epoch, self.version] = board
        return before

    @property
    def board(self) -> Board:
        """As it is now."""
        return self.boards[self.epoch, self.version]

    def snapshot(self, *, reset: bool = False) -> bytes:
        """The whole board, encoded."""
        return frames.encode_frame(
            frames.Snapshot(VIEW, MAIN_BOARD, self.epoch, self.version, self.board, TIME, reset)
        )

    def delta(self, base: Position) -> bytes:
        """What leads from a version to the present one, encoded."""
        changed, removed = compare_entries(self.boards[base], self.board)
        return frames.encode_frame(
            frames.Delta(VIEW, MAIN_BOARD, self.epoch, self.version, base[1], changed, removed)
        )

    def answer(self, position: Position | None) -> bytes:
        """What a subscription is answered with."""
        if position is None:
            return self.snapshot()
        epoch, version = position
        is_known = epoch == self.epoch and version > self.version - self.remembers
        return self.delta(position) if is_known else self.snapshot(reset=True)


@dataclass
class Client:
    """A view's state that subscribes again as it should."""

    state: ViewState = field(default_factory=lambda: ViewState(VIEW, MAIN_BOARD))

    def take(self, text: bytes, server: Server) -> bytes | None:
        """Applies a frame; the answer to the subscription that it leads to."""
        frame = read_frame(text)
        assert isinstance(frame, Snapshot | Delta)
        verdict = self.state.apply(frame)
        if verdict is Verdict.RESUME:
            return server.answer(self.state.position)
        return server.answer(None) if verdict is Verdict.RESTART else None

    @property
    def board(self) -> Board:
        """What is shown, as the server's values."""
        shown = self.state.shown.entries
        return tuple(Entry(UserId(each.user_id), each.score, each.rank) for each in shown)


def converse(boards: Sequence[Board], chance: Random) -> Iterator[tuple[Server, Client]]:
    """Both, after each frame that reached the client, and at last after one that surely did."""
    server, client = Server(), Client()
    late: list[bytes] = []
    for board in boards:
        before = server.advance(board, anew=chance.random() < 0.1)
        text = (
            server.snapshot() if before is None or chance.random() < 0.2 else server.delta(before)
        )
        under_way = [text] * chance.choice((0, 1, 1, 2)) + late
        late = []
        chance.shuffle(under_way)
        for each in under_way:
            if chance.random() < 0.2:
                late.append(each)
                continue
            answer = client.take(each, server)
            yield server, client
            if answer is not None and chance.random() < 0.8:
                late.append(answer)
    client.take(server.answer(client.state.position), server)
    yield server, client
