"""When to come back, and with which token, where the conversations leave it open."""

from __future__ import annotations

import pytest

from scoreboard.client.errors import LiveEnded
from scoreboard.client.identity import AGAIN_S, Identity
from scoreboard.client.policy import LONGEST_S, Comeback, Pause, read_retry_after
from tests.gateway.description import DOCUMENT

NOW_S = 1_769_860_800.0
IN_A_MINUTE = "2026-01-31T12:01:00.000000Z"


def test_after_too_many_frames_it_comes_back_slower_than_after_other_ends() -> None:
    assert Comeback().after_close(4008, 60.0) == Pause(0.0, 0.5)
    assert Comeback().after_close(4029, 60.0) == Pause(0.0, 4.0)


def test_waits_can_be_bounded() -> None:
    comeback = Comeback(3.0)
    pauses = [comeback.after_silence().longest_s for _ in range(5)]
    assert pauses == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_a_service_that_is_away_for_a_day_is_asked_for_all_that_time() -> None:
    comeback = Comeback()
    assert [comeback.after_silence() for _ in range(5000)][-1] == Pause(0.0, LONGEST_S)


@pytest.mark.parametrize("described", DOCUMENT["channels"]["ws"]["x-close-codes"], ids=str)
def test_it_comes_back_where_the_protocol_says_so(described: dict[str, int | bool]) -> None:
    comes_back = True
    try:
        Comeback().after_close(int(described["code"]), 0.0)
    except LiveEnded:
        comes_back = False
    assert comes_back == described["comeBack"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5.0), ("", 0.0), ("-1", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0)]
)
def test_retry_after_is_read_in_seconds(text: str, seconds: float) -> None:
    assert read_retry_after({"Retry-After": text}) == seconds
    assert read_retry_after(None) == 0.0


def test_a_source_that_has_no_newer_token_yet_is_asked_again_but_not_at_once() -> None:
    identity = Identity()
    identity.take("t", NOW_S)
    identity.accept(IN_A_MINUTE, NOW_S)
    assert identity.due_s == NOW_S + 48
    identity.take("t", NOW_S + 48)
    assert identity.due_s == pytest.approx(NOW_S + 48 + 9.6)
    identity.take("t", NOW_S + 59)
    assert identity.due_s == NOW_S + 59 + AGAIN_S


def test_a_source_that_cannot_be_asked_is_asked_again_but_not_at_once() -> None:
    identity = Identity()
    assert identity.is_due(NOW_S)
    identity.postpone(NOW_S)
    assert not identity.is_due(NOW_S)
    assert identity.is_due(NOW_S + AGAIN_S)


def test_only_the_service_says_that_a_token_has_expired() -> None:
    identity = Identity()
    identity.take("t", NOW_S)
    identity.accept(IN_A_MINUTE, NOW_S)
    identity.take("t", NOW_S + 3600)
    identity.expire("older", NOW_S + 3600)
    identity.take("t", NOW_S + 3600)
    identity.expire("t", NOW_S + 3600)
    with pytest.raises(LiveEnded):
        identity.take("t", NOW_S + 3600)
    identity.take("newer", NOW_S + 3600)


def test_a_time_that_cannot_be_read_means_that_the_service_will_tell() -> None:
    identity = Identity()
    identity.take("t", NOW_S)
    identity.accept("soon", NOW_S)
    assert not identity.is_due(NOW_S + 1e9)
