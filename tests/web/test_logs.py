"""One line for every update attempt, and no secret anywhere."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from scoreboard.telemetry.logs import configure_logs
from tests.harness import Backends, new_user, run_scoreboard
from tests.web.support import Draft, exchange, query

SLOW = 0.001


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the process logs from here on."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    root.handlers.clear()  # else they would be closed, and they are pytest's
    configure_logs(stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def _attempts(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line.get("room") == "increments"]


async def test_an_applied_attempt_is_one_line(backends: Backends, log: io.StringIO) -> None:
    async with run_scoreboard(backends) as running:
        draft = Draft(running, headers={"X-Request-ID": "mine-1"})
        await draft.send()
    (line,) = _attempts(log)
    assert {name: line[name] for name in ("event", "outcome", "request_id", "board")} == {
        "event": "increment",
        "outcome": "applied",
        "request_id": "mine-1",
        "board": "main",
    }
    assert (line["actor"], line["user_id"]) == (draft.user_id, draft.user_id)
    assert (line["delta"], line["version"], line["level"]) == (5, 1, "info")
    assert line["took_ms"] > 0


async def test_every_refused_attempt_is_one_line_with_its_code(
    backends: Backends, log: io.StringIO
) -> None:
    async with run_scoreboard(backends) as running:
        drafts = [
            Draft(running, headers={"Authorization": "Bearer x.y.z"}),
            Draft(running, headers={"X-Action-Nonce": "short"}),
            Draft(running, raw=b"\xff"),
            Draft(running, granted_s=120),
            Draft(running, headers={"If-Match": '"7"'}),
        ]
        answers = [await draft.send() for draft in drafts]
    assert [(line["outcome"], line["request_id"]) for line in _attempts(log)] == [
        (each.code, each.headers["X-Request-ID"]) for each in answers
    ]


async def test_an_attempt_refused_by_the_addresss_limit_is_logged_and_counted_too(
    backends: Backends, log: io.StringIO
) -> None:
    async with run_scoreboard(backends, rate_ip_burst=1, rate_ip_per_s=SLOW) as running:
        answers = [await Draft(running).send() for _ in range(2)]
        metrics = await running.metrics()
    assert [line["outcome"] for line in _attempts(log)] == ["applied", "rate_limited"]
    assert _attempts(log)[1]["request_id"] == answers[1].headers["X-Request-ID"]
    assert 'score_increment_failures_total{code="rate_limited"} 1.0' in metrics


async def test_other_requests_are_no_attempts(backends: Backends, log: io.StringIO) -> None:
    async with run_scoreboard(backends) as running:
        await running.get("/scores/top")
        await running.get("/scores/increment")
        await running.send("POST", "/nowhere/scores/increment")
        await running.send("POST", "/actions")
        assert "score_increment_failures_total{" not in await running.metrics()
    assert _attempts(log) == []


async def test_a_failure_of_the_ledger_names_its_cause(
    backends: Backends, log: io.StringIO
) -> None:
    fuss = "ALTER TABLE score_events ADD CONSTRAINT lucky CHECK (delta <> 13)"
    await query(backends.database_url, fuss)
    async with run_scoreboard(backends) as running:
        await Draft(running, delta=13).send()
    (line,) = _attempts(log)
    assert (line["outcome"], line["cause"]) == ("internal", "CheckViolationError")


HOSTILE = 'line\u2028break "quoted" \x1b[31m'


async def test_whatever_a_client_sends_the_log_stays_one_object_a_line(
    backends: Backends, log: io.StringIO
) -> None:
    async with run_scoreboard(backends) as running:
        token = running.issuer.issue_bearer(
            subject="moderator\\n{}", scopes=["scores:bonus"], life_s=60, now_s=time.time()
        )
        await Draft(running, headers={"Authorization": f"Bearer {token}"}).send()
        await Draft(running, body={HOSTILE: 1}).send()
        await Draft(running, body={"userId": HOSTILE}).send()
    lines = log.getvalue().split("\n")[:-1]
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert not {"\x1b", "\u2028"} & set(log.getvalue())


async def test_no_secret_reaches_logs_answers_or_metrics(
    backends: Backends, log: io.StringIO
) -> None:
    parts = backends.database_url.partition("postgres@")
    backends.database_url = f"{parts[0]}postgres:canary-password@{parts[2]}"
    seen = []
    async with run_scoreboard(backends) as running:
        drafts = [
            Draft(running),
            Draft(running, headers={"X-Action-Nonce": "short"}),
            Draft(running, body={"userId": new_user()}),
            Draft(running, body={"unknown": 1}),
            Draft(running, raw=b"canary-body \xff"),
            Draft(running, headers={"Authorization": "Bearer canary.bearer.token"}),
            Draft(running, body={"actionToken": "canary.action.token"}),
        ]
        for draft in drafts:
            seen += [str(await draft.send()), str(await draft.send())]
        secrets = ["canary"]
        for draft in drafts:
            tokens = (draft.granted.token, draft.fields()["Authorization"])
            secrets += [part for token in tokens for part in token.split(".")[1:]]
        seen += [await running.metrics(), log.getvalue()]
    text = "\n".join([*seen, log.getvalue()])
    assert [each for each in secrets if len(each) > 5 and each in text] == []


async def test_what_is_no_proper_http_is_not_quoted_in_the_log(
    backends: Backends, log: io.StringIO
) -> None:
    async with run_scoreboard(backends) as running:
        draft = Draft(running)
        for text in (
            draft.text("Transfer-Encoding: gzip", length=False),
            draft.text("Content-Length: 3"),
            draft.text().replace(b"Authorization: ", b"Authorization : "),
            draft.text().replace(b"Authorization: ", b"Authorization: \x00"),
        ):
            assert (await exchange(running, text))[0] == 400
    assert draft.granted.token.split(".")[1] not in log.getvalue()
    assert "Bearer" not in log.getvalue()
