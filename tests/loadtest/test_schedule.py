"""When requests are due in an open loop."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.loadtest.plan import Schedule, Segment
from tests.loadtest.service import plan

SEGMENTS = st.lists(
    st.builds(
        Segment,
        st.floats(0, 1000, allow_subnormal=False),
        st.floats(0.1, 1000),
        st.floats(0.1, 5),
    ),
    min_size=1,
    max_size=4,
)


def test_an_even_rate_spaces_requests_evenly() -> None:
    schedule = Schedule([Segment(100, 100, 2)])
    assert schedule.arrivals == 200
    assert [schedule.due_s(number) for number in (0, 1, 150)] == pytest.approx([0, 0.01, 1.5])


def test_a_ramp_lets_half_as_many_arrive_and_three_quarters_of_them_in_its_second_half() -> None:
    schedule = Schedule([Segment(0, 100, 10)])
    assert schedule.arrivals == 500
    assert schedule.due_s(125) == pytest.approx(5)


def test_stages_follow_each_other() -> None:
    schedule = Schedule([Segment(10, 10, 1), Segment(100, 100, 1)])
    assert schedule.arrivals == 110
    assert schedule.due_s(10) == pytest.approx(1)
    assert schedule.due_s(60) == pytest.approx(1.5)


@settings(max_examples=25, deadline=None)
@given(SEGMENTS)
def test_requests_are_due_in_their_order_and_within_the_run(segments: list[Segment]) -> None:
    schedule = Schedule(segments)
    due_s = [schedule.due_s(number) for number in range(min(schedule.arrivals, 500))]
    assert due_s == sorted(due_s)
    assert all(-1e-9 <= each <= schedule.lasts_s + 1e-6 for each in due_s)


@pytest.mark.parametrize("parts", [1, 3, 4])
def test_processes_share_everything_and_nothing_is_lost(parts: int) -> None:
    plans = plan(connections=10, requests=101, watchers=2).split(parts)
    assert sum(each.connections for each in plans) == 10
    assert sum(each.requests or 0 for each in plans) == 101
    assert sum(each.watchers for each in plans) == 2
    assert [each.part for each in plans] == list(range(parts))
