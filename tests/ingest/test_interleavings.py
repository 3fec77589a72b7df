"""Any interleaving of increments and acts leads to the same, exact board everywhere."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scoreboard.bus.protocol import Wake
from scoreboard.domain.acts import Act, ActKind, ActReceipt
from scoreboard.domain.boards import Board
from scoreboard.domain.errors import (
    NonceReused,
    OutcomeUnknown,
    Refusal,
    ScoreLimit,
    UserSuspended,
    VersionConflict,
)
from scoreboard.domain.identifiers import BoardId, EventId, Nonce, UserId
from scoreboard.domain.increments import MAX_SCORE, Increment, Receipt
from scoreboard.domain.standings import rank_entries
from scoreboard.ingest.admission import Admission
from scoreboard.ingest.group_commit import GroupCommit
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.database import open_database
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.moderation.moderation import Moderation
from scoreboard.settings import Settings
from scoreboard.standings.connection import open_redis
from scoreboard.standings.limits import Limit, Rate, RateLimits
from scoreboard.stores import Stores
from scoreboard.telemetry.metrics import Metrics
from tests.checker import check_invariants
from tests.harness import Backends
from tests.ingest.windows import Windows, WindowStep, window_steps
from tests.ledger.acts import MODERATOR

USERS = 4
REFUSED = (VersionConflict, UserSuspended, ScoreLimit)
NO_LIMIT = Limit(Rate("none", per_s=1e6, burst=1_000_000), 1.0)


@dataclass(frozen=True)
class Step:
    """One increment of a scenario: who, how much, and how many turns of the loop it waits."""

    user: int
    delta: int
    delay: int
    repeats: bool  # sends the nonce of the step before it again
    expected_version: int | None


@dataclass(frozen=True)
class ActStep:
    """One act of a scenario, about a user, or the event at some place of what is stored by then."""

    kind: ActKind
    user: int
    delta: int
    place: int
    delay: int


KINDS = (
    ActKind.BONUS,
    ActKind.CORRECTION,
    ActKind.VOID,
    ActKind.RESTORE,
    ActKind.SUSPENSION,
    ActKind.LIFT,
)

act_steps = st.lists(
    st.builds(
        ActStep,
        kind=st.sampled_from(KINDS),
        user=st.integers(0, USERS - 1),
        delta=st.integers(1, 3),
        place=st.integers(0, 9),
        delay=st.integers(0, 30),
    ),
    max_size=15,
)

steps = st.lists(
    st.builds(
        Step,
        user=st.integers(0, USERS - 1),
        delta=st.integers(-3, 3).filter(bool),
        delay=st.integers(0, 6),
        repeats=st.booleans(),
        expected_version=st.none() | st.integers(0, 3),
    ),
    min_size=1,
    max_size=40,
)


@dataclass(frozen=True)
class Scenario:
    """What goes on at once on a board whose scores stay within `limit`."""

    steps: list[Step]
    acts: list[ActStep]
    windows: list[WindowStep]
    limit: int
    batch_max: int
    in_flight: int


scenarios = st.builds(
    Scenario,
    steps=steps,
    acts=act_steps,
    windows=window_steps(USERS),
    limit=st.sampled_from([4, MAX_SCORE]),
    batch_max=st.integers(1, 9),
    in_flight=st.integers(1, 3),
)


@pytest.fixture
async def stores(backends: Backends) -> AsyncIterator[tuple[Stores, Settings]]:
    """The stores of one process, without a service around them."""
    values = backends.settings()
    async with open_database(values) as database, open_redis(values) as redis:
        yield Stores(database, redis, Metrics(), values), values


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(scenario=scenarios)
async def test_any_interleaving_gives_exact_totals_gapless_versions_and_one_order(
    backends: Backends,
    stores: tuple[Stores, Settings],
    scenario: Scenario,
) -> None:
    opened, values = stores
    board_id = await _make_board(backends.database_url, opened, scenario.limit)
    values = backends.settings(
        batch_max=scenario.batch_max, batches_in_flight=scenario.in_flight, queue_wait_ms=60_000
    )
    commit = GroupCommit(
        Admission(RateLimits(opened.redis, "limits"), NO_LIMIT, NO_LIMIT),
        LedgerWriter(opened.database),
        opened.ranking,
        _ignore_wake,
        Metrics(),
        values,
    )
    moderation = Moderation(ActLedger(opened.database.write), opened.ranking, _ignore_wake)
    users = [UserId(str(uuid.uuid4())) for _ in range(USERS)]
    increments = _increments(board_id, users, scenario.steps)
    many = Windows(opened, values, board_id)
    answers, receipts, _ = await asyncio.gather(
        asyncio.gather(
            *(
                _submit(commit, each, step.delay)
                for each, step in zip(increments, scenario.steps, strict=True)
            )
        ),
        asyncio.gather(
            *(_act(moderation, opened, board_id, users, step) for step in scenario.acts)
        ),
        asyncio.gather(*(many.carry_out(users, step) for step in scenario.windows)),
    )
    await commit.close()
    _check_answers(increments, answers)
    applied = [
        Applied(each.user_id, each.delta, answer.score, answer.version, answer.event_id)
        for each, answer in zip(increments, answers, strict=True)
        if isinstance(answer, Receipt)
    ] + [
        Applied(each.user_id, each.delta, each.score, each.version, each.event_id)
        for each in receipts
        if each is not None
    ]
    applied += await _undone_in_runs(opened, board_id)
    assert all(abs(each.score) <= scenario.limit for each in applied)
    _check_versions(applied)
    await _relay(opened)
    await _check_stores(opened, board_id, applied)
    await check_invariants(backends.database_url)


@dataclass(frozen=True)
class Applied:
    """What an increment or an act led to."""

    user_id: UserId
    delta: int
    score: int
    version: int
    event_id: int


async def _undone_in_runs(opened: Stores, board_id: BoardId) -> list[Applied]:
    """What nobody was told: an act about many events has no receipts."""
    rows = await opened.database.fetch(
        """SELECT user_id::text, delta, score_after, version_after, event_id
           FROM score_events JOIN act_runs USING (act_id) WHERE board_id = $1""",
        board_id,
    )
    return [Applied(UserId(user_id), *figures) for user_id, *figures in rows]


async def _relay(opened: Stores) -> None:
    """Tells Redis what the outbox lists, as the relay does: much of it is old news."""
    while events := await opened.outbox.read(100):
        await opened.ranking.apply([event.total for event in events])
        await opened.outbox.delete([event.outbox_id for event in events])


async def _act(
    moderation: Moderation, opened: Stores, board_id: BoardId, users: list[UserId], step: ActStep
) -> ActReceipt | None:
    """The receipt; None where the act was refused, as many are: nothing is there, or it is void."""
    for _ in range(step.delay):
        await asyncio.sleep(0)
    act = Act(step.kind, board_id, "a reason", users[step.user])
    if step.kind in {ActKind.VOID, ActKind.RESTORE}:
        rows = await opened.database.fetch(
            "SELECT event_id FROM score_events WHERE board_id = $1 ORDER BY event_id", board_id
        )
        event_id = EventId(rows[step.place % len(rows)]["event_id"] if rows else 1)
        act = Act(step.kind, board_id, "a reason", None, None, event_id)
    elif step.kind in {ActKind.BONUS, ActKind.CORRECTION}:
        sign = 1 if step.kind is ActKind.BONUS else -1
        act = replace(act, delta=sign * step.delta)
    board = Board(board_id, max_delta=10, min_score=-100, max_score=100)
    try:
        return await moderation.act(act, MODERATOR, board)
    except Refusal:
        return None


async def _make_board(database_url: str, opened: Stores, limit: int) -> BoardId:
    board_id = BoardId(f"b{secrets.token_hex(8)}")
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO boards (board_id, min_score, max_score) VALUES ($1, -$2::bigint, $2)",
            board_id,
            limit,
        )
    finally:
        await connection.close()
    totals = opened.ledger.scan_totals(board_id, 100)
    await opened.standings.rebuild(board_id, totals, discard_live=True)
    return board_id


def _increments(board_id: BoardId, users: list[UserId], scenario: list[Step]) -> list[Increment]:
    increments: list[Increment] = []
    for step in scenario:
        nonce = Nonce(secrets.token_urlsafe(16))
        if step.repeats and increments:
            nonce = increments[-1].nonce
        increments.append(
            Increment(
                board_id=board_id,
                user_id=users[step.user],
                delta=step.delta,
                nonce=nonce,
                kid="k",
                source="win",
                actor="a",
                token=secrets.token_bytes(8),
                expires_at_s=int(time.time()) + 60,
                expected_version=step.expected_version,
            )
        )
    return increments


async def _submit(commit: GroupCommit, increment: Increment, delay: int) -> Receipt | Refusal:
    for _ in range(delay):
        await asyncio.sleep(0)
    try:
        return await commit.submit("an address", increment)
    except OutcomeUnknown:
        # The user was suspended the moment after, and has no rank: whoever asks again is told.
        return await _resolve(commit, increment)
    except Refusal as refusal:
        return refusal


async def _resolve(commit: GroupCommit, increment: Increment) -> Receipt:
    with pytest.raises(NonceReused) as caught:
        await commit.submit("an address", increment)
    told: dict[str, Any] = caught.value.members
    assert told["applied"]
    return Receipt(EventId(told["eventId"]), told["score"], told["version"], 0)


def _check_answers(increments: list[Increment], answers: list[Receipt | Refusal]) -> None:
    by_nonce: dict[str, list[Receipt | Refusal]] = {}
    for increment, answer in zip(increments, answers, strict=True):
        if isinstance(answer, Receipt) and increment.expected_version is not None:
            assert answer.version == increment.expected_version + 1
        by_nonce.setdefault(increment.nonce, []).append(answer)
    for found in by_nonce.values():
        receipts = [each for each in found if isinstance(each, Receipt)]
        conflicts = [each for each in found if isinstance(each, REFUSED)]
        assert len(receipts) <= 1
        assert receipts or len(conflicts) == len(found)


def _check_versions(applied: list[Applied]) -> None:
    """Each user's versions are 1..n, each the sum of the deltas before it, ids growing."""
    for user_id in {each.user_id for each in applied}:
        own = sorted(
            (each for each in applied if each.user_id == user_id), key=lambda each: each.version
        )
        assert [each.version for each in own] == list(range(1, len(own) + 1))
        total = 0
        for each in own:
            total += each.delta
            assert each.score == total
        ids = [each.event_id for each in own]
        assert ids == sorted(ids)


async def _check_stores(opened: Stores, board_id: BoardId, applied: list[Applied]) -> None:
    latest: dict[UserId, Applied] = {}
    for each in applied:
        known = latest.get(each.user_id)
        if known is None or known.version < each.version:
            latest[each.user_id] = each
    away = {
        UserId(str(row["user_id"]))
        for row in await opened.database.fetch(
            "SELECT user_id FROM user_scores WHERE board_id = $1 AND suspended_until IS NOT NULL",
            board_id,
        )
    }
    order = sorted(
        latest.keys() - away, key=lambda user: (-latest[user].score, latest[user].event_id)
    )
    expected = [(user, latest[user].score) for user in order]
    assert await opened.ledger.read_top(board_id, 50) == expected
    assert await opened.standings.read_top(board_id, 50) == expected
    assert await opened.standings.examine(board_id)
    assert await opened.standings.read(board_id, list(away)) == [None] * len(away)
    for entry in rank_entries(expected):
        for standing in (
            (await opened.standings.read(board_id, [entry.user_id]))[0],
            await opened.ledger.read_standing(board_id, entry.user_id),
        ):
            assert standing is not None
            assert (standing.score, standing.rank) == (entry.score, entry.rank)
            assert standing.version == latest[entry.user_id].version


def _ignore_wake(_wake: Wake) -> None:
    return
