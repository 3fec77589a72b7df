"""Fills an empty ledger with consistent rows, many at once, for commands that work on millions.

    python -m benchmarks.ledger_rows URL --events 1000000 --users 100000

Event i belongs to user i mod users; tokens have the size of real ones but are none.
"""

from __future__ import annotations

import argparse
import asyncio
import time

import asyncpg

SLICE = 250_000

EVENTS = """
    WITH drawn AS (
        SELECT i, i % $3 AS u, i / $3 + 1 AS version, 1 + (i % $3) % 50 AS delta,
               md5(i::text) AS noise
        FROM generate_series($1::bigint, $2::bigint - 1) AS i
    ), written AS (
        INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after,
                                  nonce, kid, source, actor, token, created_at)
        SELECT i + 1, 'main', md5('user ' || u)::uuid, delta, delta * version, version,
               noise, 'filled', 'win', md5('user ' || u)::uuid::text, repeat(noise, 13)::bytea,
               timestamptz '2026-01-01' + i * interval '1 millisecond'
        FROM drawn ORDER BY i
        RETURNING nonce, event_id
    )
    INSERT INTO action_nonces (nonce, expires_at, event_id)
    SELECT nonce, now() + interval '1 day', event_id FROM written"""

TOTALS = """
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT 'main', md5('user ' || u)::uuid, (1 + u % 50) * version, version,
           (version - 1) * $2 + u + 1,
           timestamptz '2026-01-01' + ((version - 1) * $2 + u) * interval '1 millisecond'
    FROM (SELECT u, ($1::bigint - u - 1) / $2 + 1 AS version
          FROM generate_series(0, least($1, $2::bigint) - 1) AS u) AS users"""


async def fill(database_url: str, events: int, users: int) -> None:
    """Writes `events` events of `users` users; `database_url` names the schema's owner."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SET synchronous_commit = off")
        for start in range(0, events, SLICE):
            await connection.execute(EVENTS, start, min(start + SLICE, events), users)
        await connection.execute(TOTALS, events, users)
        await connection.execute("SELECT setval('score_event_ids', $1)", events)
        for table in ("score_events", "action_nonces", "user_scores"):
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()


def main() -> None:
    """Fills and tells how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("url", help="the owner's URL of a migrated, empty database")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=100_000)
    options = parser.parse_args()
    started_s = time.perf_counter()
    asyncio.run(fill(options.url, options.events, options.users))
    print(f"{options.events:,} events in {time.perf_counter() - started_s:.0f} s")


if __name__ == "__main__":
    main()
