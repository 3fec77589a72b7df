"""Exports in a folder of their own, and what lies there afterwards."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Result, run

FORMATS = ["ndjson", "parquet"]


def names(folder: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(each.name for each in folder.iterdir())


def events(database_url: str, *arguments: str, cwd: Path) -> Result:
    """Runs a command of `events` in this process: starting another takes longer than the work."""
    return run("events", *arguments, cwd=cwd, env={"SCOREBOARD_DATABASE_URL": database_url})
