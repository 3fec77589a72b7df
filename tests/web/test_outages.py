"""PostgreSQL refuses, hangs or breaks off: what is answered, and that it comes back by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.bus.proxy import Proxy
from tests.harness import Backends, Scoreboard, run_scoreboard
from tests.web.support import (
    EMPTY,
    PATIENCE_S,
    POLL_S,
    Draft,
    query,
    rows,
    totals_locked,
    waiting_backend,
)


async def _shut(postgres_url: str, database_url: str) -> str:
    """No connection is left and none is admitted; returns the database's name."""
    name = urlsplit(database_url).path.lstrip("/")
    await query(postgres_url, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
    await query(postgres_url, end, name)
    return name


async def test_a_database_that_refuses_is_unavailable_until_it_is_back(
    backends: Backends, postgres_url: str
) -> None:
    async with run_scoreboard(backends) as running:
        draft = Draft(running)
        name = await _shut(postgres_url, backends.database_url)
        away = await draft.send()
        assert (away.status, away.code) == (503, "storage_unavailable")
        assert away.headers["Retry-After"] == "1"
        assert (await running.get("/readyz")).body["dependencies"]["postgresql"] == "down"
        await query(postgres_url, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert await rows(backends.database_url) == EMPTY
        assert (await draft.send()).status == 200
        assert (await running.get("/readyz")).body["dependencies"]["postgresql"] == "up"


async def test_a_database_that_hangs_is_unavailable_and_nothing_is_applied_later(
    backends: Backends,
) -> None:
    # The server gives up a fifth earlier than the client: long enough for a busy machine to tell.
    async with run_scoreboard(backends, database_timeout_ms=3000) as running:
        draft = Draft(running)
        async with totals_locked(backends.database_url):
            hung = await draft.send()
        assert (hung.status, hung.code) == (503, "storage_unavailable")
        assert await rows(backends.database_url) == EMPTY
        assert (await draft.send()).status == 200


async def test_a_session_ended_while_it_writes_leaves_the_outcome_unknown(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    async with totals_locked(backends.database_url):
        sent = asyncio.create_task(draft.send())
        pid = await waiting_backend(backends.database_url)
        await query(backends.database_url, "SELECT pg_terminate_backend($1, 5000)", pid)
        answer = await sent
    assert (answer.status, answer.code) == (503, "outcome_unknown")
    assert answer.headers["Retry-After"] == "1"
    assert await rows(backends.database_url) == EMPTY
    assert (await draft.send()).status == 200


async def _until_committed(database_url: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await rows(database_url))["score_events"] == 0:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(POLL_S)


async def test_an_answer_lost_after_the_commit_is_found_by_the_same_request(
    backends: Backends, tmp_path: Path
) -> None:
    address = urlsplit(backends.database_url)
    options = {name: values[0] for name, values in parse_qs(address.query).items()}
    socket = f".s.PGSQL.{options['port']}"
    direct = backends.database_url
    async with Proxy(f"unix://{options['host']}/{socket}", path=tmp_path / socket) as proxy:
        around = f"host={quote(str(tmp_path))}&port={options['port']}"
        backends.database_url = address._replace(query=around).geturl()
        async with run_scoreboard(backends, database_timeout_ms=1500) as running:
            draft = Draft(running)
            async with totals_locked(direct):
                sent = asyncio.create_task(draft.send())
                await waiting_backend(direct)
                proxy.pause()
            await _until_committed(direct)
            lost = await sent
            assert (lost.status, lost.code) == (503, "outcome_unknown")
            proxy.resume()
            again = await draft.send()
            assert (again.status, again.code) == (400, "nonce_reused")
            told = {name: again.body[name] for name in ("applied", "score", "version", "rank")}
            assert told == {"applied": True, "score": 5, "version": 1, "rank": 1}


@pytest.fixture
async def fussy(backends: Backends) -> Backends:
    """Return stores whose ledger cannot hold events of a delta of 13."""
    fuss = "ALTER TABLE score_events ADD CONSTRAINT lucky CHECK (delta <> 13)"
    await query(backends.database_url, fuss)
    return backends


async def test_what_the_ledger_cannot_hold_is_internal_and_leaves_nothing_behind(
    fussy: Backends,
) -> None:
    async with run_scoreboard(fussy) as running:
        answer = await Draft(running, delta=13).send()
    assert (answer.status, answer.code) == (500, "internal")
    assert "lucky" not in str(answer.body)
    assert "Traceback" not in str(answer.body)
    assert await rows(fussy.database_url) == EMPTY


async def test_what_the_ledger_cannot_hold_does_not_fail_its_neighbours(fussy: Backends) -> None:
    async with run_scoreboard(fussy, batches_in_flight=1) as running:
        drafts = [Draft(running, delta=delta) for delta in (1, 2, 13, 4, 5)]
        answers = await asyncio.gather(*(draft.send() for draft in drafts))
    assert [each.status for each in answers] == [200, 200, 500, 200, 200]
