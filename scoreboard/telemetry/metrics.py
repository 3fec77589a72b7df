"""Every metric of the service, made anew for each process: no global registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

LATENCY_MS = (1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000, 10_000)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

Combine = Callable[[Iterable[float]], float]
"""What the values of several processes say together."""


def farthest(values: Iterable[float]) -> float:
    """The one that is farthest from 0."""
    return max(values, key=abs)


class Metrics:
    """Named as operators see them. Labels take values from closed sets only, never user ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.combine: dict[str, Combine] = {}
        """Each gauge's own; counters and histograms are added up."""
        self._describe_increments()
        self._describe_reads()
        self._describe_relay()
        self._describe_gateway()
        self.log_lines_lost = self._counter(
            "scoreboard_log_lines_lost", "Log lines that could not be written."
        )

    def render(self) -> bytes:
        """The exposition text of Prometheus."""
        return generate_latest(self.registry)

    def _describe_increments(self) -> None:
        self.increments = self._counter("score_increment", "Increments applied.")
        self.increment_failures = self._counter(
            "score_increment_failures", "Increments refused, by code.", "code"
        )
        self.auth_failures = self._counter(
            "scoreboard_auth_failures", "Refused Bearer and action tokens, by code.", "code"
        )
        self.rate_limited = self._counter(
            "scoreboard_rate_limited", "Requests over a rate limit, by policy.", "policy"
        )
        self.batch_size = self._histogram(
            "scoreboard_batch_size", "Increments in one transaction.", BATCH_SIZES
        )
        self.commit_ms = self._histogram(
            "scoreboard_commit_ms", "Time until a batch was durable, ms.", LATENCY_MS
        )
        self.queue_depth = self._gauge("scoreboard_queue_depth", "Increments waiting for a batch.")

    def _describe_reads(self) -> None:
        self.cache_hits = self._counter(
            "scoreboard_cache_hits", "Reads answered without PostgreSQL.", "read"
        )
        self.cache_misses = self._counter(
            "scoreboard_cache_misses", "Reads that PostgreSQL answered.", "read"
        )
        self.store_up = self._gauge(
            "scoreboard_store_up", "1 while the dependency answers.", "store", combine=min
        )
        self.clock_offset_ms = self._gauge(
            "scoreboard_clock_offset_ms",
            "Database's clock ahead of this machine's, ms.",
            combine=farthest,
        )

    def _describe_relay(self) -> None:
        self.relay_leads = self._gauge(
            "scoreboard_relay_leads", "1 while this instance leads.", combine=max
        )
        self.relayed = self._counter("scoreboard_relayed_events", "Events published.")
        # The leader alone knows; the others say 0.
        self.outbox_depth = self._gauge(
            "scoreboard_outbox_depth", "Outbox rows waiting.", combine=max
        )
        self.outbox_age_s = self._gauge(
            "scoreboard_outbox_age_s", "Age of the oldest row, s.", combine=max
        )
        self.rebuilds = self._counter("scoreboard_rebuilds", "Standings rebuilt from PostgreSQL.")

    def _describe_gateway(self) -> None:
        self.sockets = self._gauge("scoreboard_sockets", "Open WebSockets and event streams.")
        self.frames_sent = self._counter("scoreboard_frames_sent", "Frames written.")
        self.frames_conflated = self._counter(
            "scoreboard_frames_conflated", "Frames that a slow client was spared."
        )
        self.sockets_closed = self._counter(
            "scoreboard_sockets_closed",
            "WebSockets and event streams closed, by close code.",
            "code",
        )
        self.update_latency_ms = self._histogram(
            "scoreboard_update_latency_ms", "Commit until written to the sockets, ms.", LATENCY_MS
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str, combine: Combine = sum) -> Gauge:
        self.combine[name] = combine
        return Gauge(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[int, ...]) -> Histogram:
        return Histogram(name, text, buckets=buckets, registry=self.registry)
