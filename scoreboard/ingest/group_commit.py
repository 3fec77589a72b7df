"""Group commit: increments that arrive while a batch is being written form the next one.

A batch takes three round trips: limits, ledger, ranks. Nobody waits for it to fill. An idle service
commits a single increment at once; under load the time of one commit is the time in which the next
batch gathers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from scoreboard.bus.protocol import Wake, wake_for
from scoreboard.domain.errors import (
    ActionTokenExpired,
    NonceReused,
    OutcomeUnknown,
    Refusal,
    ScoreLimit,
    UserSuspended,
    VersionConflict,
)
from scoreboard.domain.increments import Increment, Outcome, Receipt, Verdict
from scoreboard.domain.standings import Total
from scoreboard.ingest.admission import Admission, Pending
from scoreboard.ingest.queue import IncrementQueue
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.reads.ranking import Ranked, Ranking
from scoreboard.settings import Settings
from scoreboard.telemetry.metrics import Metrics


class GroupCommit:
    """Turns concurrent increments into few transactions."""

    def __init__(
        self,
        admission: Admission,
        writer: LedgerWriter,
        ranking: Ranking,
        on_commit: Callable[[Wake], None],
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        """`on_commit` is told of each batch that changed something, after Redis knows it."""
        self._admission = admission
        self._writer = writer
        self._ranking = ranking
        self._on_commit = on_commit
        self._metrics = metrics
        self._in_flight_max = settings.batches_in_flight
        self._queue = IncrementQueue(settings)
        self._in_flight = 0
        self._is_starting = False
        self._batches: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether `submit` would raise Overloaded."""
        return self._queue.is_full

    def submit(self, address: str, increment: Increment) -> asyncio.Future[Receipt]:
        """The receipt to be, once the increment is durable; it counts for `address` and its user.

        Raises Overloaded; the receipt raises that too, RateLimited, or the Refusal that the
        verdict is.
        """
        loop = asyncio.get_running_loop()
        total = increment.board_id, increment.user_id
        pending = Pending(address, increment, loop.time(), loop.create_future(), total)
        if self._queue.add(pending) and not self._is_starting:
            # At the end of this turn of the loop: requests that arrived together go together.
            self._is_starting = True
            loop.call_soon(self._start)
        return pending.answer

    async def close(self) -> None:
        """Waits until everything accepted is answered."""
        while self._batches or self._queue:
            await asyncio.wait(self._batches) if self._batches else await asyncio.sleep(0)

    def _start(self) -> None:
        self._is_starting = False
        while self._in_flight < self._in_flight_max:
            now_s = asyncio.get_running_loop().time()
            batch = self._queue.take(now_s)
            if not batch:
                break
            self._in_flight += 1
            task = asyncio.create_task(self._commit(batch, now_s))
            self._batches.add(task)
            task.add_done_callback(self._batches.discard)
        self._metrics.queue_depth.set(len(self._queue))

    async def _commit(self, batch: list[Pending], taken_s: float) -> None:
        try:
            admitted, verdicts = await self._admit_and_write(batch, taken_s)
            totals = _totals(admitted, verdicts)
            ranked = await self._ranking.apply(totals)
            if totals:
                deltas = (each.increment.delta for each in admitted)
                self._on_commit(wake_for(totals, ranked.boards_shown(totals, deltas)))
            for each, verdict in zip(admitted, verdicts, strict=True):
                _answer(each, verdict, ranked)
        finally:
            for each in batch:
                # Only where this code broke: the ledger may hold what could not be answered.
                if not each.answer.done():
                    each.answer.set_exception(OutcomeUnknown())

    async def _admit_and_write(
        self, batch: list[Pending], taken_s: float
    ) -> tuple[list[Pending], list[Verdict | Refusal]]:
        try:
            admitted = await self._admission.admit(batch)
            return admitted, await self._write([each.increment for each in admitted])
        finally:
            # The next batch may begin while this one is ranked and answered.
            self._in_flight -= 1
            self._queue.release(batch, taken_s, asyncio.get_running_loop().time())
            self._start()

    async def _write(self, increments: list[Increment]) -> list[Verdict | Refusal]:
        if not increments:
            return []
        started_s = time.perf_counter()
        try:
            return await self._writer.apply(increments)
        finally:
            self._metrics.batch_size.observe(len(increments))
            self._metrics.commit_ms.observe((time.perf_counter() - started_s) * 1000)


def _totals(batch: Sequence[Pending], verdicts: Sequence[Verdict | Refusal]) -> list[Total]:
    return [
        Total(
            each.increment.board_id,
            each.increment.user_id,
            verdict.score,
            verdict.version,
            verdict.event_id,
            verdict.updated_us,
        )
        for each, verdict in zip(batch, verdicts, strict=True)
        if isinstance(verdict, Verdict)
        and verdict.outcome is Outcome.APPLIED
        and verdict.score is not None
        and verdict.version is not None
        and verdict.event_id is not None
        and verdict.updated_us is not None
    ]


def _answer(pending: Pending, verdict: Verdict | Refusal, ranked: Ranked) -> None:
    if pending.answer.done():  # its client has gone
        return
    answer = _judge(pending.increment, verdict, ranked)
    if isinstance(answer, Refusal):
        pending.answer.set_exception(answer)
    else:
        pending.answer.set_result(answer)


_REFUSALS: dict[Outcome, type[Refusal]] = {
    Outcome.ACTION_TOKEN_EXPIRED: ActionTokenExpired,
    Outcome.USER_SUSPENDED: UserSuspended,
    Outcome.SCORE_LIMIT: ScoreLimit,
}


def _judge(increment: Increment, verdict: Verdict | Refusal, ranked: Ranked) -> Receipt | Refusal:
    if isinstance(verdict, Refusal):
        return verdict
    match verdict.outcome:
        case Outcome.APPLIED:
            return _receipt(increment, verdict, ranked)
        case Outcome.NONCE_REUSED:
            return _reused(verdict)
        case Outcome.VERSION_CONFLICT:
            return VersionConflict(version=verdict.version or 0)
        case refused:
            return _REFUSALS[refused]()


def _receipt(increment: Increment, verdict: Verdict, ranked: Ranked) -> Receipt | Refusal:
    rank = ranked.ranks.get((increment.board_id, increment.user_id))
    if rank is None:
        # Committed, and no store can say the rank now. The same request, sent again, will.
        return OutcomeUnknown()
    assert verdict.event_id is not None
    assert verdict.score is not None
    assert verdict.version is not None
    return Receipt(verdict.event_id, verdict.score, verdict.version, rank)


def _reused(verdict: Verdict) -> NonceReused:
    if verdict.event_id is None or verdict.score is None or verdict.version is None:
        return NonceReused(applied=False)
    return NonceReused(
        applied=True,
        score=verdict.score,
        version=verdict.version,
        eventId=verdict.event_id,
    )
