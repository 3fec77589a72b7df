"""A server that is away is one sentence: which, why, what mends it, and nothing of its password."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.ledger_rows import fill
from tests.cli.program import run

REDIS, AMQP = "SCOREBOARD_REDIS_URL", "SCOREBOARD_AMQP_URL"

# command, setting, its URL, what is told
AWAY = {
    "redis, rebuild": (
        "cache rebuild",
        REDIS,
        "redis://user:canary@127.0.0.1:1",
        "Redis at 127.0.0.1 cannot be used (Connection refused).",
    ),
    "redis, verify": (
        "cache verify",
        REDIS,
        "redis://user:canary@127.0.0.1:1",
        "Redis at 127.0.0.1 cannot be used (Connection refused).",
    ),
    "redis, socket": (
        "cache verify",
        REDIS,
        "unix://user:canary@/nowhere/redis.sock",
        "Redis at /nowhere/redis.sock cannot be used (No such file or directory).",
    ),
    "rabbitmq": (
        "events republish --from 1",
        AMQP,
        "amqp://user:canary@127.0.0.1:1/",
        "RabbitMQ at 127.0.0.1 cannot be used (Connection refused).",
    ),
}


@pytest.mark.parametrize("case", AWAY)
def test_a_server_that_is_away_is_told_with_what_mends_it(
    database_url: str, tmp_path: Path, case: str
) -> None:
    command, setting, url, sentence = AWAY[case]
    asyncio.run(fill(database_url, 3, 1))
    env = {"SCOREBOARD_DATABASE_URL": database_url, setting: url}
    told = run(*command.split(), cwd=tmp_path, env=env)
    assert (told.code, told.out) == (1, "")
    assert told.err == f"{sentence} Start it or correct {setting}.\n"


def test_a_wrong_password_of_redis_is_told_without_it(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    url = redis_url.replace("://", "://user:canary@", 1)
    env = {"SCOREBOARD_DATABASE_URL": database_url, REDIS: url}
    told = run("cache", "verify", cwd=tmp_path, env=env)
    assert (told.code, "canary" in told.err, len(told.err.splitlines())) == (1, False, 1)
    assert "(invalid username-password pair or user is disabled). Start it or correct" in told.err


@pytest.mark.parametrize("setting", ["SCOREBOARD_DATABASE_URL", REDIS, AMQP])
def test_a_password_that_must_be_escaped_is_told_and_not_shown(
    database_url: str, tmp_path: Path, setting: str
) -> None:
    schemes = {"SCOREBOARD_DATABASE_URL": "postgresql", REDIS: "redis", AMQP: "amqp"}
    url = f"{schemes[setting]}://me:can/ary@127.0.0.1:1/0"
    env = {"SCOREBOARD_DATABASE_URL": database_url, setting: url}
    told = run("events", "republish", "--from", "1", cwd=tmp_path, env=env)
    assert told.code == 2
    assert f"{setting} hold one of" in told.err
    assert "%2F" in told.err
    assert "can/" not in told.err
    assert "ary" not in told.err
