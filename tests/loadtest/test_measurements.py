"""What several processes counted is added up without losing anything."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.loadtest.measurements import Measurements, new_histogram, record, summarise
from cli.loadtest.messages import decode_message, encode_line
from cli.loadtest.result import Latency
from cli.loadtest.tally import Slice, Tally, note
from cli.loadtest.users import drawer, user_of

SECONDS = st.lists(st.floats(0, 3600), max_size=50)


@settings(max_examples=25, deadline=None)
@given(SECONDS)
def test_a_tally_tells_apart_whatever_the_histogram_does(latencies_s: list[float]) -> None:
    counts: dict[int, int] = {}
    coarse, exact = new_histogram(), new_histogram()
    for each in latencies_s:
        note(counts, each)
        exact.record_value(int(each * 1_000_000))
    record(coarse, counts)
    assert bytes(coarse.counts) == bytes(exact.counts)


def test_a_second_is_complete_once_every_process_has_told_it() -> None:
    measured = Measurements(2)
    first, second = Tally(), Tally()
    first.answer("top", 0.010)
    first.refuse("increment", "rate_limited", "user")
    second.answer("top", 0.030)
    second.miss("top", "timeout", 5.0)
    measured.take(over_the_wire(first.turn()))
    assert measured.series == []
    measured.take(over_the_wire(second.turn()))
    (told,) = measured.series
    assert (told.answered, told.errors) == (2, 2)
    assert measured.errors == Counter(timeout=1, rate_limited=1)
    assert measured.rate_limited_by == Counter(user=1)
    top = measured.operations()["top"]
    assert top.answered == 2
    assert top.latency is not None
    assert (top.latency.count, int(top.latency.p50)) == (3, 30)
    assert int(top.latency.max) in {4999, 5000, 5001, 5002, 5003}


def test_a_second_that_only_some_have_told_counts_in_the_end() -> None:
    measured = Measurements(2)
    tally = Tally()
    tally.answer("top", 0.010)
    measured.take(tally.turn())
    measured.finish()
    assert measured.answered == 1
    assert len(measured.series) == 1


def over_the_wire(part: Slice) -> Slice:
    """As it arrives at the command."""
    found = decode_message(encode_line(part))
    assert isinstance(found, Slice)
    return found


def test_a_histogram_in_a_result_can_be_read_again() -> None:
    histogram = new_histogram()
    record(histogram, {1000: 5, 70_000_000: 1})
    told = summarise(histogram)
    assert told is not None
    again = new_histogram().decode(told.histogram)
    assert summarise(again) == told


def test_grants_are_no_answers_of_their_own_but_cost_as_requests_do() -> None:
    measured = Measurements(1)
    tally = Tally()
    for operation in ("grant", "increment", "grant"):
        tally.answer(operation, 0.010)
    tally.refuse("increment", "rate_limited", "user")
    measured.take(tally.turn())
    assert (measured.answered, measured.requests) == (1, 4)
    assert [each.answered for each in measured.series] == [1]
    assert measured.operations()["grant"].answered == 2


def test_figures_are_shown_as_the_run_goes_without_what_takes_long_to_find() -> None:
    measured = Measurements(1)
    tally = Tally()
    tally.answer("top", 0.010)
    measured.take(tally.turn())
    shown = measured.latencies()["top"]
    told = measured.operations()["top"].latency
    assert shown is not None
    assert told is not None
    assert not isinstance(shown, Latency)
    assert (shown.count, shown.p50, shown.max) == (told.count, told.p50, told.max)


def test_users_are_the_same_in_every_run_and_zipf_prefers_the_first() -> None:
    assert user_of(7) == "068826c1-9fac-59ff-85ed-184d1968739e"
    draw = drawer(100, 1.1)
    drawn = Counter(draw() for _ in range(5000))
    assert set(drawn) <= set(range(100))
    # The first is drawn 1/4.3 of the time, the last 1/680: chance does not turn that round.
    assert drawn[0] > 20 * drawn[99]
    even = Counter(drawer(2, 0)() for _ in range(5000))
    assert min(even[0], even[1]) > 2000
