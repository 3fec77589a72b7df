"""Fills an empty ledger with events that true tokens prove, for `events verify`.

Signing takes its time: about 20,000 events a second.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import asyncpg

from benchmarks.requests import filled_user
from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keyring import KeyRing
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.identifiers import MAIN_BOARD

SLICE = 20_000
ACT = "win"
LIFE_S = 60

COLUMNS = (
    "event_id", "board_id", "user_id", "delta", "score_after", "version_after", "nonce", "kid",
    "source", "actor", "token", "created_at",
)  # fmt: skip

NONCES = """
    INSERT INTO action_nonces (nonce, expires_at, event_id)
    SELECT nonce, now() + interval '1 day', event_id FROM score_events"""

TOTALS = """
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT DISTINCT ON (user_id)
           board_id, user_id, score_after, version_after, event_id, created_at
    FROM score_events ORDER BY user_id, event_id DESC"""


async def fill_signed(database_url: str, keys: KeyRing, events: int, users: int) -> None:
    """Writes `events` events of `users` users, a microsecond apart from now on; `database_url`
    names the schema's owner.
    """
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SET synchronous_commit = off")
        rows = _rows(keys, events, users)
        while records := list(islice(rows, SLICE)):
            await connection.copy_records_to_table("score_events", records=records, columns=COLUMNS)
        await connection.execute(NONCES)
        await connection.execute(TOTALS)
        await connection.execute("SELECT setval('score_event_ids', $1)", events)
        for table in ("score_events", "action_nonces", "user_scores"):
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()


def _rows(keys: KeyRing, events: int, users: int) -> Iterator[tuple[Any, ...]]:
    """In the order of COLUMNS."""
    began_s = time.time()
    began = datetime.fromtimestamp(began_s, UTC)
    issuer = TokenIssuer(keys, "scoreboard")
    kid = keys.signing_key(TokenClass.ACTION, began_s).kid
    known = [filled_user(number) for number in range(users)]
    scores: Counter[int] = Counter()
    for number in range(events):
        who, version = number % users, number // users + 1
        delta = 1 + who % 50
        scores[who] += delta
        granted = issuer.grant_action(
            user_id=known[who],
            board_id=MAIN_BOARD,
            delta=delta,
            act=ACT,
            life_s=LIFE_S,
            now_s=began_s,
        )
        yield (
            number + 1, MAIN_BOARD, known[who], delta, scores[who], version, granted.nonce, kid,
            ACT, known[who], granted.token.encode(), began + timedelta(microseconds=number),
        )  # fmt: skip
