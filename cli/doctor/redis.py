"""Redis: whether it can hold the rank index, and whether the index is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from cli.away import redis_away
from cli.doctor.examination import Examination, Report
from cli.doctor.space import describe_bytes
from cli.doctor.verdicts import Verdict, ok, problem, warning
from scoreboard.domain.errors import ScoreboardError, StandingsUnavailable
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.ledger.boards import list_board_ids
from scoreboard.ledger.session import open_session
from scoreboard.settings import Settings
from scoreboard.standings.connection import open_redis
from scoreboard.standings.store import Standings

VERSION_MIN = (6, 2)
MEMORY_WARNING, MEMORY_PROBLEM = 0.80, 0.95
PATIENCE_MS = 3000
BOARDS_S = 3.0
NO_EVICTION = "CONFIG SET maxmemory-policy noeviction"

CHECKS = (
    "redis",
    "redis-role",
    "redis-eviction",
    "redis-memory",
    "redis-evicted",
    "redis-persistence",
    "standings",
)

Info = dict[str, Any]
"""The answer of INFO, by field."""


def redis_examination(settings: Settings, *, has_database: bool) -> Examination:
    """Every check of Redis. Without a database only the main board's index is looked at."""

    async def look(report: Report) -> None:
        async with _client(settings.redis_url) as client:
            info = await _read_info(client, settings.redis_url)
        report.add("redis", check_version(info))
        report.add("redis-role", check_role(info))
        report.add("redis-eviction", check_eviction(info))
        report.add("redis-memory", check_memory(info))
        report.add("redis-evicted", check_evicted(info))
        report.add("redis-persistence", check_persistence(info))
        await report.ask("standings", check_standings(settings, has_database=has_database))

    return Examination(CHECKS, look)


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Redis]:
    try:
        # Time limits are set around the whole examination; a retry would only hide a failure.
        client = Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except ValueError as error:
        raise redis_away(url, error) from error
    try:
        yield client
    finally:
        await client.aclose()


async def _read_info(client: Redis, url: str) -> Info:
    try:
        info: Info = await client.info()
    except (RedisError, OSError) as error:
        raise redis_away(url, error) from error
    return info


def check_version(info: Info) -> Verdict:
    """Whether the release is supported, and is one server rather than a cluster of them."""
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    found = f"{name} {version} answers"
    mode = info.get("redis_mode", "standalone")
    if mode != "standalone":
        return problem(f"{found} in {mode} mode", "Name a single Redis in SCOREBOARD_REDIS_URL.")
    release = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
    if release < VERSION_MIN:
        return problem(found, "Upgrade it to Redis 6.2 or newer.")
    return ok(found)


def check_role(info: Info) -> Verdict:
    """Whether it takes writes."""
    if info["role"] != "master":
        return problem(
            f"it is a replica of {info.get('master_host', 'another')} and takes no writes",
            "Name the primary in SCOREBOARD_REDIS_URL, or make it one: REPLICAOF NO ONE",
        )
    return ok("it is a primary")


def check_eviction(info: Info) -> Verdict:
    """Whether a full memory would drop boards."""
    policy = info.get("maxmemory_policy", "noeviction")
    remedy = f"redis-cli {NO_EVICTION} (and in redis.conf)"
    if policy.startswith("allkeys-"):
        return problem(f"maxmemory-policy {policy} drops whole boards when memory is full", remedy)
    if policy != "noeviction":
        return warning(f"maxmemory-policy {policy} drops rate limits when memory is full", remedy)
    return ok("maxmemory-policy noeviction")


def check_memory(info: Info) -> Verdict:
    """Whether there is room left: a full Redis refuses writes, and ranks come from PostgreSQL."""
    used = int(info["used_memory"])
    limit = int(info.get("maxmemory", 0))
    total = int(info.get("total_system_memory", 0))
    if limit == 0:
        found = f"{describe_bytes(used)} used, without a limit"
        if total and used > total * MEMORY_WARNING:
            return warning(f"{found}, of {describe_bytes(total)}", "Give the machine more memory.")
        return ok(found)
    found = f"{describe_bytes(used)} of {describe_bytes(limit)} used"
    remedy = f"redis-cli CONFIG SET maxmemory {2 * max(used, limit)} (and in redis.conf)"
    if used > limit * MEMORY_PROBLEM:
        return problem(found, remedy)
    return warning(found, remedy) if used > limit * MEMORY_WARNING else ok(found)


def check_evicted(info: Info) -> Verdict:
    """Whether keys were dropped since the server started."""
    evicted = int(info.get("evicted_keys", 0))
    if evicted:
        return warning(
            f"{evicted} keys were dropped for lack of memory; boards among them are rebuilt",
            "See redis-eviction and redis-memory; then redis-cli CONFIG RESETSTAT forgets it.",
        )
    return ok("no key was dropped")


def check_persistence(info: Info) -> Verdict:
    """Whether a failing dump makes Redis refuse writes. None is needed: it can be rebuilt."""
    failed = [
        field
        for field in (
            "rdb_last_bgsave_status",
            "aof_last_bgrewrite_status",
            "aof_last_write_status",
        )
        if info.get(field, "ok") != "ok"
    ]
    if failed:
        return problem(
            f"{', '.join(failed)} tell of an error, at which Redis refuses writes",
            'Nothing in it need be kept: redis-cli CONFIG SET save "" (and in redis.conf); '
            "once its folder can be written, redis-cli BGSAVE or BGREWRITEAOF clears this.",
        )
    return ok("no dump has failed; none is needed")


async def check_standings(settings: Settings, *, has_database: bool) -> Verdict:
    """Whether each board's index is complete and from this very start of Redis."""
    board_ids = await _read_boards(settings) if has_database else [MAIN_BOARD]
    broken = []
    patient = replace(settings, redis_timeout_ms=PATIENCE_MS)
    async with open_redis(patient) as connection:
        standings = Standings(connection, settings.redis_prefix)
        for board_id in board_ids:
            try:
                is_true = await standings.examine(board_id)
            except StandingsUnavailable as error:
                return problem(f"Redis refuses the index ({error})", "Mend what this says.")
            if not is_true:
                broken.append(board_id)
    if broken:
        return warning(
            f"{len(broken)} of {len(board_ids)} boards have no complete index of this start of "
            f"Redis ({', '.join(broken[:5])}): ranks come from PostgreSQL",
            "See `leader`: the instance that leads rebuilds them within a second.",
        )
    return ok(f"complete, for {len(board_ids)} of {len(board_ids)} boards")


async def _read_boards(settings: Settings) -> list[BoardId]:
    """Every board, or the main one where PostgreSQL cannot tell: that is told elsewhere."""
    try:
        async with (
            asyncio.timeout(BOARDS_S),
            open_session(settings.database_url, "doctor") as session,
        ):
            return await list_board_ids(session)
    except (ScoreboardError, TimeoutError):
        return [MAIN_BOARD]
