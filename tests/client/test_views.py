"""Views of a board, against the server's own way to tell two lists apart."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard.client.errors import NotAScoreboard
from scoreboard.client.frames import Delta, Snapshot, read_frame
from scoreboard.client.views import Verdict, ViewState
from scoreboard.domain import frames
from scoreboard.domain.frames import encode_frame
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.domain.standings import compare_entries, rank_entries
from tests.client.channel import TIME, VIEW, Board, converse

USERS = [UserId(f"00000000-0000-4000-8000-00000000000{number}") for number in range(10)]


@st.composite
def any_board(draw: st.DrawFn) -> Board:
    """Users in the order of a board; few scores, so that many tie."""
    users = draw(st.lists(st.sampled_from(USERS), unique=True, max_size=7))
    scores = sorted(draw(st.lists(st.integers(-2, 5), min_size=len(users), max_size=len(users))))
    return rank_entries(zip(users, reversed(scores), strict=True))


@settings(deadline=None, max_examples=300)
@given(st.lists(any_board(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_whatever_gets_lost_repeated_or_late_the_board_is_a_true_one_and_at_last_the_present(
    boards: list[Board], chance: Random
) -> None:
    highest = ("", -1)
    for server, client in converse(boards, chance):
        position = client.state.position
        if position is None:
            continue
        assert client.board == server.boards[position]
        assert position[0] != highest[0] or position[1] >= highest[1]
        highest = position
    assert position == (server.epoch, server.version)


def taking(*texts: bytes) -> ViewState:
    """A view that has received these frames."""
    state = ViewState(VIEW, MAIN_BOARD)
    for text in texts:
        frame = read_frame(text)
        assert isinstance(frame, Snapshot | Delta)
        state.apply(frame)
    return state


def step(old: Board, new: Board, version: int = 1) -> tuple[bytes, bytes]:
    """A snapshot of the old list, and the delta to the new one."""
    changed, removed = compare_entries(old, new)
    return (
        encode_frame(frames.Snapshot(VIEW, MAIN_BOARD, "e", version, old, TIME)),
        encode_frame(frames.Delta(VIEW, MAIN_BOARD, "e", version + 1, version, changed, removed)),
    )


@settings(deadline=None)
@given(any_board(), any_board())
def test_a_delta_makes_the_old_list_into_the_new_one(old: Board, new: Board) -> None:
    state = taking(*step(old, new))
    assert encode_frame(state.shown.entries) == encode_frame(new)


def test_clients_that_receive_the_same_bytes_share_what_they_mean() -> None:
    old, new = (rank_entries([(USERS[0], score), (USERS[1], 1)]) for score in (5, 7))
    # Each client receives bytes of its own.
    texts = [tuple(map(bytes, map(bytearray, step(old, new)))) for _ in range(2)]
    one, other = (taking(*each) for each in texts)
    assert texts[0][1] is not texts[1][1]
    assert one.shown is other.shown


def test_a_delta_does_not_tell_when_its_list_was_made() -> None:
    old, new = rank_entries([(USERS[0], 5)]), rank_entries([(USERS[0], 7)])
    snapshot, delta = step(old, new)
    assert taking(snapshot).shown.generated_at == TIME
    assert taking(snapshot, delta).shown.generated_at is None


def test_the_same_version_once_more_is_no_change() -> None:
    snapshot, _ = step((), ())
    frame = read_frame(snapshot)
    assert isinstance(frame, Snapshot)
    assert [state_of.apply(frame) for state_of in [ViewState(VIEW, MAIN_BOARD)] * 2] == [
        Verdict.CHANGED,
        Verdict.SAME,
    ]


@pytest.mark.parametrize(
    "text", [b'{"type": "snapshot"}', b'{"type": "new"}', b"[1, 2]", b"7", b"{}"]
)
def test_what_is_not_understood_is_no_frame(text: bytes) -> None:
    assert read_frame(text) is None


@pytest.mark.parametrize("text", [b"", b"<html>", b'{"type": "ping"', b'{"type": "\xff"}'])
def test_what_is_no_json_does_not_come_from_a_scoreboard(text: bytes) -> None:
    with pytest.raises(NotAScoreboard):
        read_frame(text)
