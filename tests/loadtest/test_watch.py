"""Watchers: from an increment to the first list that shows it, by one clock."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

from cli.loadtest.tally import Tally
from cli.loadtest.users import user_of
from cli.loadtest.watch import Received, Shown, Watch, received_since
from cli.loadtest.workload import Job
from scoreboard.client import Entry, LiveState
from scoreboard.client import Shown as View
from scoreboard.client.views import NOTHING
from tests.loadtest.service import plan

USER = user_of(1)


def state(version: int, scores: list[int], first: int = 0) -> LiveState:
    """Users from `first` on with these scores."""
    entries = tuple(Entry(user_of(first + at), score, at + 1) for at, score in enumerate(scores))
    shown = View(entries=entries, epoch="e", version=version)
    return LiveState("top:10", "main", shown, "open", is_stale=False)


def watch(tally: Tally, screens: int = 2) -> Watch:
    """Watchers that have seen an empty list."""
    made = Watch(plan(watchers=screens), tally)
    for number in range(screens):
        made.show(number, state(0, []))
    return made


def acknowledge(watching: Watch, score: int, sent_s: float, answered_s: float) -> None:
    """User 1 has reached a score."""
    job = Job("increment", b"", USER, sent_s, sent_s)
    watching.acknowledge(job, b'{"score":%d,"rank":1}' % score, answered_s)


def test_what_comes_before_the_first_list_is_no_list() -> None:
    made = Watch(plan(watchers=1), Tally())
    made.show(0, LiveState("top:10", "main", NOTHING, "open", is_stale=True))
    assert not made._screens[0].history


def test_each_watcher_counts_once_from_sending_and_from_the_answer() -> None:
    tally = Tally()
    watching = watch(tally)
    now_s = time.monotonic()
    acknowledge(watching, 5, now_s - 2.0, now_s - 1.0)
    for version, scores in enumerate([[9, 4], [9, 5], [9, 6]], start=1):
        for number in range(2):
            watching.show(number, state(version, scores))
    assert sum(tally.now.send_to_screen.values()) == 2
    assert min(tally.now.send_to_screen) >= 1_990_000
    assert 990_000 <= min(tally.now.answer_to_screen) < min(tally.now.send_to_screen)


def test_a_list_that_comes_before_the_answer_counts() -> None:
    tally = Tally()
    watching = watch(tally, screens=1)
    sent_s = time.monotonic()
    watching.show(0, state(1, [9, 5]))
    acknowledge(watching, 5, sent_s, time.monotonic() + 1.0)
    assert sum(tally.now.send_to_screen.values()) == 1
    assert tally.now.answer_to_screen == {0: 1}


def test_a_list_from_before_the_increment_does_not_count() -> None:
    tally = Tally()
    watching = watch(tally, screens=1)
    watching.show(0, state(1, [9, 5]))
    acknowledge(watching, 5, time.monotonic(), time.monotonic())
    assert not tally.now.send_to_screen


def test_the_first_list_that_shows_it_counts_also_before_the_answer() -> None:
    tally = Tally()
    watching = watch(tally, screens=1)
    sent_s = time.monotonic()
    for after_s, score in enumerate([4, 5, 6]):
        shown = Shown({USER: score}, float("-inf"))
        watching._screens[0].history.append((sent_s + after_s, shown))
    acknowledge(watching, 5, sent_s, sent_s + 3)
    ((latency_us, count),) = tally.now.send_to_screen.items()
    assert (count, round(latency_us, -3)) == (1, 1_000_000)


class Watched(deque[Received]):
    """Knows how many of it were looked at."""

    looked_at = 0

    def __reversed__(self) -> Iterator[Received]:
        for each in super().__reversed__():
            self.looked_at += 1
            yield each


def test_lists_from_before_an_increment_was_sent_are_not_looked_at() -> None:
    history = Watched((float(at), Shown({}, 0.0)) for at in range(128))
    found = received_since(history, 125.0)
    assert [received_s for received_s, _ in found] == [125.0, 126.0, 127.0]
    assert history.looked_at == 4


def test_who_is_too_low_for_the_list_is_not_waited_for() -> None:
    tally = Tally()
    watching = watch(tally, screens=1)
    watching.show(0, state(1, [100] * 10))
    now_s = time.monotonic()
    acknowledge(watching, 99, now_s, now_s)
    watching.show(0, state(2, [100, 99] + [100] * 9))
    assert not tally.now.send_to_screen


def test_who_is_overtaken_is_no_loss_and_who_never_appears_is_one() -> None:
    tally = Tally()
    watching = watch(tally, screens=1)
    now_s = time.monotonic()
    acknowledge(watching, 5, now_s - 60, now_s - 60)
    watching.show(0, state(1, [9] * 10, first=2))
    watching.sweep()
    assert tally.now.unseen == 0
    acknowledge(watching, 50, now_s - 60, now_s - 59)
    watching.sweep()
    assert tally.now.unseen == 1
