"""The invariants that must hold whatever was cut, killed or repeated meanwhile."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

PATIENCE_S = 20.0
POLL_S = 0.02
PACKED = struct.Struct(">QQQ")  # version, event id, updated in Unix µs

Row = Any
Connection = Any
"""asyncpg has no types."""
OFF_OR_BACK = {"suspension", "erasure", "lift"}
Who = tuple[str, UUID]

TOTALS = """
    SELECT board_id, user_id, score, version, reached, suspended_until IS NOT NULL AS is_suspended,
           suspended_until,
           (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us
    FROM user_scores ORDER BY board_id, score DESC, reached"""
EVENTS = """
    SELECT *, (extract(epoch FROM created_at) * 1000000)::bigint AS created_us
    FROM score_events ORDER BY event_id"""
ACTS = """
    SELECT act_id, board_id, user_id, kind, outcome, event_id,
           CASE WHEN kind IN ('suspension', 'erasure')
                THEN coalesce((parameters ->> 'until')::timestamptz, 'infinity') END AS until
    FROM acts"""
RUNS = "SELECT act_id, kind, parameters, done, events FROM act_runs JOIN acts USING (act_id)"
COMPENSATIONS = "SELECT refers_to, event_id, act_id FROM compensations"
NONCES = "SELECT nonce, event_id FROM action_nonces"
OUTBOX = "SELECT unnest(event_ids) AS event_id FROM outbox"
WAITING = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM standings_gaps)"


@dataclass(frozen=True)
class Ledger:
    """Every row, read in one snapshot."""

    totals: list[Row]
    events: list[Row]
    nonces: list[Row]
    outbox: list[Row]
    acts: list[Row]
    compensations: list[Row]
    runs: list[Row]


async def check_invariants(
    database_url: str,
    *,
    redis_url: str = "",
    redis_prefix: str = "scoreboard",
    is_relayed: bool = False,
    is_purged: bool = False,
) -> None:
    """Fails where an invariant is broken.

    I1, I2 and I9 always; I7 where `redis_url` is given: call `until_settled` before. `is_relayed`
    demands an empty outbox; `is_purged` allows events whose nonces are forgotten.
    """
    ledger = await read_ledger(database_url)
    check_totals(ledger)
    check_nonces(ledger, is_purged=is_purged)
    check_acts(ledger)
    check_suspensions(ledger)
    check_runs(ledger)
    check_outbox(ledger, is_relayed=is_relayed)
    check_replay(ledger)
    if redis_url:
        await check_standings(ledger, redis_url, redis_prefix)


async def until_settled(database_url: str) -> None:
    """Waits until every event is relayed and no board waits for a rebuild."""
    async with connect(database_url) as connection:

        async def is_settled() -> bool:
            return bool(await connection.fetchval(WAITING) == 0)

        await until(is_settled)


async def until(holds: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Waits for what has no event to await; TimeoutError where it does not come."""
    async with asyncio.timeout(patience_s):
        while not await holds():  # noqa: ASYNC110 - there is no event to await
            await asyncio.sleep(POLL_S)


async def read_ledger(database_url: str) -> Ledger:
    """All tables as they were at one moment."""
    async with (
        connect(database_url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return Ledger(
            *[
                await connection.fetch(query)
                for query in (TOTALS, EVENTS, NONCES, OUTBOX, ACTS, COMPENSATIONS, RUNS)
            ]
        )


def check_totals(ledger: Ledger) -> None:
    """I1: a total is the sum of its events, its version their number, versions without gaps."""
    by_user: dict[Who, list[Row]] = {}
    for event in ledger.events:
        by_user.setdefault((event["board_id"], event["user_id"]), []).append(event)
    assert by_user.keys() == {(row["board_id"], row["user_id"]) for row in ledger.totals}
    for row in ledger.totals:
        events = by_user[row["board_id"], row["user_id"]]
        assert row["version"] > 0, row
        assert row["score"] == sum(event["delta"] for event in events), row
        # The events are in the order of their ids: that is the order of the versions too.
        assert [event["version_after"] for event in events] == list(range(1, len(events) + 1)), row
        assert row["version"] == len(events), row
        assert row["reached"] == events[-1]["event_id"], row
        assert row["updated_us"] == events[-1]["created_us"], row


def check_nonces(ledger: Ledger, *, is_purged: bool) -> None:
    """I2: each nonce is consumed once, by the one event that names it."""
    earned = [event for event in ledger.events if event["act_id"] is None]
    by_event = {event["event_id"]: event["nonce"] for event in earned}
    assert len(set(by_event.values())) == len(by_event), "a nonce has two events"
    for row in ledger.nonces:
        assert by_event.get(row["event_id"]) == row["nonce"], row
    if not is_purged:
        assert len(ledger.nonces) == len(by_event)


def check_acts(ledger: Ledger) -> None:
    """What no token earned has its act, and no event is undone twice."""
    events = {event["event_id"]: event for event in ledger.events}
    acts = {act["act_id"]: act for act in ledger.acts}
    for event in ledger.events:
        if event["act_id"] is not None:
            act = acts[event["act_id"]]
            assert (act["outcome"], act["kind"]) == ("applied", event["source"]), event
            board_id = event["board_id"] if act["kind"] == "erasure" else act["board_id"]
            assert board_id == event["board_id"], event
            assert act["user_id"] in {None, event["user_id"]}, event
    undoing = [event for event in ledger.events if event["refers_to"] is not None]
    for event in undoing:
        undone = events[event["refers_to"]]
        assert undone["event_id"] < event["event_id"], event
        for name in ("board_id", "user_id"):
            assert undone[name] == event[name], event
        assert undone["delta"] == -event["delta"], event
    assert sorted(tuple(row) for row in ledger.compensations) == sorted(
        (event["refers_to"], event["event_id"], event["act_id"]) for event in undoing
    )


def check_suspensions(ledger: Ledger) -> None:
    """Whoever was suspended last, and not lifted since, is off the board until that act's end."""
    acts = {act["act_id"]: act for act in ledger.acts}
    until: dict[Who, Any] = {}
    for event in ledger.events:
        if event["act_id"] is not None and event["source"] in OFF_OR_BACK:
            until[event["board_id"], event["user_id"]] = acts[event["act_id"]]["until"]
    for row in ledger.totals:
        assert row["suspended_until"] == until.get((row["board_id"], row["user_id"])), row


def check_runs(ledger: Ledger) -> None:
    """A run has done what it says: voids of what stood, or restores of the voids of its act."""
    events = {event["event_id"]: event for event in ledger.events}
    for run in ledger.runs:
        done = [event for event in ledger.events if event["act_id"] == run["act_id"]]
        assert len(done) == run["done"], run
        for event in done:
            undone, depth = event, 0
            while undone["refers_to"] is not None:
                undone, depth = events[undone["refers_to"]], depth + 1
            assert depth % 2 == (run["kind"] == "void"), event
            if run["kind"] == "restore":
                voided = events[event["refers_to"]]["act_id"]
                assert voided == json.loads(run["parameters"])["act"], event


def check_outbox(ledger: Ledger, *, is_relayed: bool) -> None:
    """What waits to be relayed exists, and waits once."""
    waiting = [row["event_id"] for row in ledger.outbox]
    assert len(set(waiting)) == len(waiting)
    assert set(waiting) <= {event["event_id"] for event in ledger.events}
    assert not (is_relayed and waiting)


def check_replay(ledger: Ledger) -> None:
    """I9: the events alone, applied in order, lead to the same board in the same order."""
    replayed: dict[Who, tuple[int, int, int]] = {}
    for event in ledger.events:
        who = (event["board_id"], event["user_id"])
        score, version, _ = replayed.get(who, (0, 0, 0))
        replayed[who] = (score + event["delta"], version + 1, event["event_id"])
        assert replayed[who][:2] == (event["score_after"], event["version_after"]), event
    board = sorted(
        ((*who, *state) for who, state in replayed.items()),
        key=lambda row: (row[0], -row[2], row[4]),
    )
    assert board == [
        (row["board_id"], row["user_id"], row["score"], row["version"], row["reached"])
        for row in ledger.totals
    ]


async def check_standings(ledger: Ledger, redis_url: str, prefix: str) -> None:
    """I7: Redis holds the same scores, versions and order, read here without the service's code."""
    expected: dict[str, list[Row]] = {}
    for row in ledger.totals:
        expected.setdefault(row["board_id"], []).append(row)
    async with Redis.from_url(redis_url) as opened:
        client: Any = opened  # whose types say that every reply may be text
        for board_id, rows in expected.items():
            head = f"{prefix}:{{{board_id}}}"
            meta = await client.hgetall(f"{head}:meta")
            live = meta[b"live"].decode()
            assert int(meta[f"count:{live}".encode()]) == len(rows)
            shown = [row for row in rows if not row["is_suspended"]]
            suspended = int(meta.get(f"suspended:{live}".encode(), 0))
            assert suspended == len(rows) - len(shown)
            order = await client.zrange(f"{head}:{live}:order", 0, -1, withscores=True)
            assert [(member, -int(negative)) for member, negative in order] == [
                (row["reached"].to_bytes(8, "big") + row["user_id"].bytes, row["score"])
                for row in shown
            ]
            users = await client.hgetall(f"{head}:{live}:users")
            assert {user: PACKED.unpack(packed) for user, packed in users.items()} == {
                row["user_id"].bytes: (
                    row["version"],
                    0 if row["is_suspended"] else row["reached"],
                    row["updated_us"],
                )
                for row in rows
            }


@asynccontextmanager
async def connect(database_url: str) -> AsyncIterator[Connection]:
    """A connection of the schema's owner."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()
