"""Metrics of several processes are one service's."""

from __future__ import annotations

from scoreboard.telemetry.metrics import Metrics
from scoreboard.telemetry.totals import Totals, read_families


def _render(*processes: Metrics) -> str:
    totals = Totals(Metrics().combine)
    for number, metrics in enumerate(processes):
        totals.take(number, read_families(metrics))
    return totals.render().decode()


def test_what_one_process_counted_reads_as_from_itself() -> None:
    metrics = Metrics()
    metrics.increments.inc(3)
    metrics.commit_ms.observe(7)
    metrics.increment_failures.labels('odd "code"\\').inc()
    metrics.store_up.labels("redis").set(1)
    assert _render(metrics) == metrics.render().decode()


def test_counters_and_histograms_are_added_up() -> None:
    first, second = Metrics(), Metrics()
    first.increments.inc(3)
    second.increments.inc(4)
    first.increment_failures.labels("a").inc()
    second.increment_failures.labels("b").inc(2)
    first.commit_ms.observe(3)
    second.commit_ms.observe(30)
    text = _render(first, second)
    for line in (
        "score_increment_total 7.0",
        'score_increment_failures_total{code="a"} 1.0',
        'score_increment_failures_total{code="b"} 2.0',
        'scoreboard_commit_ms_bucket{le="5.0"} 1.0',
        'scoreboard_commit_ms_bucket{le="35.0"} 2.0',
        "scoreboard_commit_ms_sum 33.0",
        "scoreboard_commit_ms_count 2.0",
    ):
        assert f"\n{line}\n" in text


def test_each_gauge_is_combined_by_what_it_means() -> None:
    first, second = Metrics(), Metrics()
    for metrics, sockets, up, offset_ms, leads, depth in (
        (first, 5, 1, 3.0, 0, 0),
        (second, 7, 0, -8.0, 1, 9),
    ):
        metrics.sockets.set(sockets)
        metrics.queue_depth.set(sockets)
        metrics.store_up.labels("redis").set(up)
        metrics.clock_offset_ms.set(offset_ms)
        metrics.relay_leads.set(leads)
        metrics.outbox_depth.set(depth)
        metrics.outbox_age_s.set(depth)
    text = _render(first, second)
    for line in (
        "scoreboard_sockets 12.0",
        "scoreboard_queue_depth 12.0",
        'scoreboard_store_up{store="redis"} 0.0',
        "scoreboard_clock_offset_ms -8.0",
        "scoreboard_relay_leads 1.0",
        "scoreboard_outbox_depth 9.0",
        "scoreboard_outbox_age_s 9.0",
    ):
        assert f"\n{line}\n" in text


def test_what_an_ended_process_counted_stays_and_its_gauges_go() -> None:
    totals = Totals(Metrics().combine)
    for counted in (2, 3):
        replaced = Metrics()
        replaced.increments.inc(counted)
        replaced.commit_ms.observe(7)
        replaced.sockets.set(5)
        totals.take(1, read_families(replaced))
        totals.end(1)
    created = Metrics()
    created.increments.inc()
    totals.take(1, read_families(created))
    text = totals.render().decode()
    assert "\nscore_increment_total 6.0\n" in text
    assert "\nscoreboard_commit_ms_count 2.0\n" in text
    assert "\nscoreboard_sockets 0.0\n" in text
    first_created = min(
        float(line.split()[1])
        for line in (replaced.render() + created.render()).decode().splitlines()
        if line.startswith("score_increment_created")
    )
    shown = next(x for x in text.splitlines() if x.startswith("score_increment_created"))
    assert float(shown.split()[1]) <= first_created


def test_a_report_that_comes_twice_counts_once() -> None:
    metrics = Metrics()
    metrics.increments.inc(3)
    totals = Totals(metrics.combine)
    totals.take(1, read_families(metrics))
    totals.take(1, read_families(metrics))
    assert "\nscore_increment_total 3.0\n" in totals.render().decode()
