"""What a measurement is put together from does what the table says of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from benchmarks.bare import make_app
from benchmarks.closed_loop import send_all
from benchmarks.ledger_rows import fill
from benchmarks.processes import cpu_s, is_alive, resident_bytes, running, tree
from benchmarks.requests import Signer, filled_user, made_up_users
from benchmarks.sections.personal import LEAP, followers, lower_half
from benchmarks.sections.scale import active_users
from benchmarks.sections.stored_function import statement
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.keys import load_keys, write_keys
from tests.checker import check_invariants, connect, until
from tests.harness import Scoreboard, new_user

SPENDER = """
import subprocess, sys, time
subprocess.run([sys.executable, "-c", "while __import__('time').process_time() < 0.3: pass"])
print("spent", flush=True)
time.sleep(60)
"""
ROOT = Path(__file__).parents[2]
SMOKE_S = 120


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    """Keys in a file that the handlers find."""
    path = tmp_path / "keys.json"
    write_keys(path, generate_keys("hs256"))
    monkeypatch.setenv("SCOREBOARD_KEYS_FILE", str(path))
    return load_keys(path)


@pytest.mark.parametrize("verify", ["own", "pyjwt"])
async def test_the_verifying_handler_takes_true_tokens_and_no_others(
    verify: str, keys: KeyRing
) -> None:
    others = KeyRing(generate_keys("hs256"))
    true = Signer(keys).increments(made_up_users(3), 5)
    false = Signer(others).increments(made_up_users(3), 5)
    async with TestServer(make_app(verify)) as server:
        assert server.port is not None
        assert (await send_all(server.port, true, 2)).statuses == {200: 5}
        assert (await send_all(server.port, false, 2)).statuses == {401: 5}


async def test_the_bare_handler_answers_reads_with_what_the_service_would(
    scoreboard: Scoreboard,
) -> None:
    user = new_user()
    await scoreboard.increment(user)

    async def is_shown() -> bool:
        return bool((await scoreboard.get("/scores/top")).body["entries"])

    await until(is_shown)
    async with TestClient(TestServer(make_app())) as client:
        for path in ("/scores/top", f"/scores/{user}"):
            bare = await (await client.get(path)).json()
            answer = await scoreboard.get(path)
            assert bare.keys() == answer.body.keys()
            if "entries" in bare:
                assert len(bare["entries"]) == 10
                assert bare["entries"][0].keys() == answer.body["entries"][0].keys()


def test_the_time_of_a_process_is_that_of_its_children_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running([sys.executable, "-u", "-c", SPENDER], log, {}) as pid:
        while not log.read_text():
            assert is_alive(pid)
        assert tree(pid)[0] == pid
        assert cpu_s(pid) >= 0.3
        assert resident_bytes(pid) > 1_000_000
    assert not is_alive(pid)


async def test_pgbench_calls_the_function_as_the_service_does(database_url: str) -> None:
    async with connect(database_url) as connection:
        assert await connection.fetchval(statement(1)) == 1
        assert await connection.fetchval(statement(100)) == 100
        assert await connection.fetchval("SELECT count(*) FROM score_events") == 101
    await check_invariants(database_url)


async def test_players_of_a_filled_board_are_spread_over_all_its_users(database_url: str) -> None:
    await fill(database_url, 30, 30)
    async with connect(database_url) as connection:
        rows = await connection.fetch("SELECT user_id::text FROM user_scores")
    assert {row[0] for row in rows} == {filled_user(number) for number in range(30)}
    assert set(active_users(30)) == {filled_user(number) for number in range(30)}
    assert active_users(1_000_000)[-1] == filled_user(999_900)


async def test_whoever_climbs_passes_everybody_who_is_followed(database_url: str) -> None:
    await fill(database_url, 500, 500)
    async with connect(database_url) as connection:
        rows = await connection.fetch("SELECT user_id::text, score FROM user_scores")
    scores = {row[0]: row[1] for row in rows}
    followed, climbing = followers(500, 10), list(lower_half(500))
    assert len(set(followed)) == 10
    assert len(set(climbing)) == 250
    assert max(scores[user] for user in climbing) < min(scores[user] for user in followed)
    assert max(scores.values()) < LEAP


def test_the_quick_comparison_runs_to_its_end() -> None:
    words = ["benchmarks.increments", "--rounds", "1", "--requests", "200"]
    ended = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SMOKE_S,
    )
    assert ended.returncode == 0, ended.stderr
    assert "serve beside bare: " in ended.stdout
