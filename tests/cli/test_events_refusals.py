"""What several commands of `scoreboard events` refuse: an unknown board, a history with a hole."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from benchmarks.ledger_rows import fill
from scoreboard.ledger.settling import IMPORT_LOCK
from tests.checker import connect
from tests.cli.program import run, run_apart

COMMANDS = {
    "replay": ("replay",),
    "replay until": ("replay", "--until", "1"),
    "verify": ("verify", "--no-signatures"),
    "tail": ("tail",),
    "tail follow": ("tail", "--follow"),
    "export": ("export", "a.ndjson"),
    "export to stdout": ("export", "-"),
    "republish": ("republish", "--from", "1"),
}


def environment(database_url: str) -> dict[str, str]:
    """Nobody is asked to publish anything."""
    return {
        "SCOREBOARD_DATABASE_URL": database_url,
        "SCOREBOARD_AMQP_URL": "amqp://nobody@127.0.0.1:1/",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_board_that_nobody_knows_is_told(database_url: str, tmp_path: Path, command: str) -> None:
    asyncio.run(fill(database_url, 3, 1))
    words = ("events", *COMMANDS[command], "--board", "typo")
    told = run(*words, cwd=tmp_path, env=environment(database_url))
    assert (told.code, told.out) == (1, "")
    assert told.err == ("There is no board typo. `scoreboard boards list` shows those there are.\n")
    assert names(tmp_path) == []


def test_the_events_of_a_board_that_is_gone_are_there(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, 3, 1))
    asyncio.run(remove_board(database_url))
    words = ("events", "export", "-", "--board", "main")
    shown = run(*words, cwd=tmp_path, env=environment(database_url))
    assert (shown.code, len(shown.out.splitlines())) == (0, 3)


RELYING = {
    "replay": ("replay", "--apply"),
    "export": ("export", "a.ndjson"),
    "an export that goes on": ("export", "unfinished.ndjson"),
    "export to stdout": ("export", "-"),
    "republish": ("republish", "--from", "1"),
}


@pytest.mark.parametrize("command", RELYING)
async def test_whatever_needs_a_whole_history_refuses_to_begin_during_an_import(
    database_url: str, tmp_path: Path, command: str
) -> None:
    await fill(database_url, 3, 1)
    (tmp_path / "unfinished.ndjson.part").touch()
    plan = {"form": "ndjson", "wanted": {}, "settled_id": 3}
    (tmp_path / "unfinished.ndjson.part.json").write_text(json.dumps(plan))
    words = ("events", *RELYING[command])
    async with connect(database_url) as importing:
        await importing.execute("SELECT pg_advisory_lock($1)", IMPORT_LOCK)
        told = await asyncio.to_thread(
            run_apart, *words, cwd=tmp_path, env=environment(database_url)
        )
    assert (told.code, told.out, len(told.err.splitlines())) == (1, "", 1)
    assert told.err.startswith("An import is under way")
    assert names(tmp_path) == ["unfinished.ndjson.part", "unfinished.ndjson.part.json"]


def names(folder: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(each.name for each in folder.iterdir())


async def remove_board(database_url: str) -> None:
    """Only its events are left."""
    async with connect(database_url) as owner:
        await owner.execute("DELETE FROM user_scores")
        await owner.execute("DELETE FROM boards")
