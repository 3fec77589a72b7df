"""The one write path into the ledger."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import asyncpg

from scoreboard.domain.errors import Internal, OutcomeUnknown, Refusal, StorageUnavailable
from scoreboard.domain.increments import Increment, Outcome, Verdict
from scoreboard.ledger.database import Database
from scoreboard.telemetry.logs import get_log

APPLY = "SELECT * FROM apply_increments_v3($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
ATTEMPTS = 3
PAUSE_S = 0.02
_RANDOM = secrets.SystemRandom()

# The item itself cannot be stored: PostgreSQL would refuse it again.
_POISON = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class LedgerWriter:
    """Applies batches through `apply_increments_v3`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log = get_log("ledger")

    async def apply(self, batch: Sequence[Increment]) -> list[Verdict | Refusal]:
        """One verdict per increment, in order; durable when this returns.

        An item that cannot be stored gets Internal and does not fail its neighbours: the batch is
        halved until the item stands alone. Where the ledger is away, every item gets
        StorageUnavailable or OutcomeUnknown.
        """
        if not batch:
            return []
        try:
            return list(await self._apply_whole(batch))
        except _POISON as error:
            if len(batch) == 1:
                # Not its text: PostgreSQL's details quote the row, and with it the token.
                self._log.error("increment cannot be stored", reason=type(error).__name__)
                refusal = Internal()
                refusal.__cause__ = error
                return [refusal]
            half = len(batch) // 2
            return [*await self.apply(batch[:half]), *await self.apply(batch[half:])]
        except (StorageUnavailable, OutcomeUnknown) as error:
            self._log.warning("batch failed", outcome=error.code, items=len(batch))
            # One for each: an exception that several tasks raise gathers all their tracebacks.
            return [_again(error) for _ in batch]

    async def _apply_whole(self, batch: Sequence[Increment]) -> list[Verdict]:
        """Repeats what the server rolled back for the sake of others (deadlock, serialization)."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                rows = await self._database.write(APPLY, *_columns(batch))
                break
            except StorageUnavailable as error:
                rolled_back = isinstance(error.__cause__, asyncpg.TransactionRollbackError)
                if not rolled_back or attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(PAUSE_S * attempt * _RANDOM.random())
        return [Verdict(Outcome(row[0]), row[1], row[2], row[3], row[4]) for row in rows]


def _again(error: StorageUnavailable | OutcomeUnknown) -> Refusal:
    refusal = type(error)()
    refusal.__cause__ = error.__cause__
    return refusal


def _columns(batch: Sequence[Increment]) -> tuple[list[object], ...]:
    return (
        [each.board_id for each in batch],
        [each.user_id for each in batch],
        [each.delta for each in batch],
        [each.nonce for each in batch],
        [each.expires_at_s for each in batch],
        [each.expected_version for each in batch],
        [each.kid for each in batch],
        [each.source for each in batch],
        [each.actor for each in batch],
        [each.token for each in batch],
    )
