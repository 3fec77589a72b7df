"""`scoreboard serve`, as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import ending, read_json, run, run_apart, started
from tests.harness import Backends


@pytest.fixture
def variables(backends: Backends) -> dict[str, str]:
    """Return what the environment of a service holds."""
    assert backends.keys
    return {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
        "SCOREBOARD_PORT": "0",
        "SCOREBOARD_ADMIN_PORT": "0",
    }


def test_it_serves_until_sigterm_and_ends_in_order(
    variables: dict[str, str], tmp_path: Path
) -> None:
    with started("serve", cwd=tmp_path, env=variables) as process:
        line = read_json(process)
        while line.get("event") != "serving":
            line = read_json(process)
        assert run("top", "--url", line["url"], "--json", cwd=tmp_path).code == 0
        process.terminate()
        result = ending(process)
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out.splitlines()[-1])["level"] == "info"


def test_a_missing_setting_is_told_in_one_sentence(tmp_path: Path) -> None:
    result = run("serve", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "SCOREBOARD_DATABASE_URL" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_missing_key_file_is_told_in_one_sentence(
    variables: dict[str, str], tmp_path: Path
) -> None:
    gone = {**variables, "SCOREBOARD_KEYS_FILE": str(tmp_path / "gone.json")}
    result = run_apart("serve", cwd=tmp_path, env=gone)
    assert result.code == 2
    assert "gone.json" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_database_without_the_schema_is_told_in_one_sentence(
    variables: dict[str, str], empty_database_url: str, tmp_path: Path
) -> None:
    empty = {**variables, "SCOREBOARD_DATABASE_URL": empty_database_url}
    result = run_apart("serve", cwd=tmp_path, env=empty)
    assert result.code == 2
    assert "scoreboard db migrate" in result.err
    assert len(result.err.splitlines()) == 1
