"""One log line and one count for every update attempt, whatever became of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from scoreboard.domain.errors import Internal, Refusal
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics

INCREMENT_PATH = "/scores/increment"
ATTEMPT = web.RequestKey("attempt", dict[str, object])
"""What is known about the attempt so far; the handler adds to it."""


class Attempts:
    """Watches increments from the first limit on: what never reaches its handler counts too."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log = get_log("increments")

    @contextmanager
    def recording(self, request: web.Request, request_id: str) -> Iterator[None]:
        """Around everything done for the request; other requests pass through unrecorded."""
        if not _is_increment(request):
            yield
            return
        attempt: dict[str, object] = {"request_id": request_id}
        request[ATTEMPT] = attempt
        started_s = time.perf_counter()
        outcome = Internal.code
        try:
            yield
            outcome = "applied"
        except Refusal as refusal:
            outcome = refusal.code
            if refusal.__cause__ is not None:
                attempt["cause"] = type(refusal.__cause__).__name__
            raise
        finally:
            self._record(outcome, attempt, started_s)

    def _record(self, outcome: str, attempt: dict[str, object], started_s: float) -> None:
        if outcome == "applied":
            self._metrics.increments.inc()
        else:
            self._metrics.increment_failures.labels(outcome).inc()
        took_ms = round((time.perf_counter() - started_s) * 1000, 2)
        self._log.info("increment", outcome=outcome, took_ms=took_ms, **attempt)


def _is_increment(request: web.Request) -> bool:
    """Whether the address and the method are those of an increment."""
    resource = request.match_info.route.resource  # None where nothing matched
    return resource is not None and resource.canonical.endswith(INCREMENT_PATH)
