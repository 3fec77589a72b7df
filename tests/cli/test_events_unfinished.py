"""Exports that ended before their time: gone on with, or refused, but never with events missing."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from benchmarks.ledger_rows import fill
from tests.checker import connect, until
from tests.cli.exports import FORMATS, events, names
from tests.cli.program import ending, environment, started

MANY = 45_000  # three batches of an export


def test_an_unfinished_line_however_long_is_written_anew(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, 10, 2))
    assert events(database_url, "export", "whole.ndjson", cwd=tmp_path).code == 0
    whole = (tmp_path / "whole.ndjson").read_bytes()
    for number, kept in enumerate((b"", whole[: whole.index(b"\n") + 1])):
        file = f"{number}.ndjson"
        unfinish(tmp_path, file, kept + b"\0" * 200_000)
        assert events(database_url, "export", file, cwd=tmp_path).code == 0
        assert same_bytes(tmp_path, file, "whole.ndjson")


def test_an_unfinished_export_that_is_damaged_is_told(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url, 10, 2))
    unfinish(tmp_path, "a.ndjson", b'{"eventId": 1\n')
    unfinish(tmp_path, "a.parquet", b"")
    (tmp_path / "a.parquet.parts").mkdir()
    (tmp_path / "a.parquet.parts" / "00000001.parquet").write_bytes(b"PAR1")
    for file in ("a.ndjson", "a.parquet"):
        refused = events(database_url, "export", file, cwd=tmp_path)
        assert (refused.code, refused.err) == (
            1,
            f"The unfinished export {file}.part is damaged: remove {file}.part*.\n",
        )


@pytest.mark.parametrize("lost", [1, 2])
def test_an_unfinished_parquet_file_that_lacks_a_part_is_told(
    database_url: str, tmp_path: Path, lost: int
) -> None:
    asyncio.run(fill(database_url, 10, 2))
    assert events(database_url, "export", "whole.parquet", cwd=tmp_path).code == 0
    unfinish(tmp_path, "a.parquet", b"")
    keep_parts(tmp_path, "whole.parquet", "a.parquet.parts", 3)
    (tmp_path / "a.parquet.parts" / f"{lost:08}.parquet").unlink()
    refused = events(database_url, "export", "a.parquet", cwd=tmp_path)
    assert (refused.code, refused.err) == (
        1,
        "The unfinished export a.parquet.part is damaged: remove a.parquet.part*.\n",
    )
    assert not (tmp_path / "a.parquet").exists()


def test_an_export_that_was_killed_while_it_removed_its_parts_loses_no_event(
    database_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(database_url, MANY, 1000))
    kill_removal(database_url, tmp_path, "a.parquet")
    assert not (tmp_path / "a.parquet").exists()
    done = events(database_url, "export", "a.parquet", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert parquet.read_table(tmp_path / "a.parquet")["eventId"].to_pylist() == [
        *range(1, MANY + 1)
    ]
    assert names(tmp_path) == ["a.parquet"]


def test_an_export_that_ran_out_of_room_is_told_and_continued(
    database_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(database_url, 3000, 10))
    limited = ("sh", "-c", 'ulimit -f 1000; exec "$@"', "sh")
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    command = ("events", "export", "part.ndjson")
    with started(*command, cwd=tmp_path, env=env, prefix=limited) as process:
        failed = ending(process)
    assert (failed.code, failed.err) == (1, "part.ndjson cannot be written: File too large.\n")
    begun = (tmp_path / "part.ndjson.part").read_bytes()
    assert begun
    assert not begun.endswith(b"\n")
    other = events(database_url, "export", "part.ndjson", "--to", "9", cwd=tmp_path)
    assert (other.code, "other options" in other.err) == (1, True)
    assert events(database_url, "export", "part.ndjson", cwd=tmp_path).code == 0
    assert events(database_url, "export", "whole.ndjson", cwd=tmp_path).code == 0
    assert same_bytes(tmp_path, "part.ndjson", "whole.ndjson")
    assert names(tmp_path) == ["part.ndjson", "whole.ndjson"]
    refused = events(database_url, "export", "part.ndjson", cwd=tmp_path)
    assert (refused.code, "exists already" in refused.err) == (1, True)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_that_was_killed_is_continued_to_the_same_content(
    database_url: str, tmp_path: Path, form: str
) -> None:
    asyncio.run(fill(database_url, MANY, 1000))
    file = f"a.{form}"
    asyncio.run(kill_export(database_url, tmp_path, file))
    assert not (tmp_path / file).exists()
    assert events(database_url, "export", file, cwd=tmp_path).code == 0
    whole = f"whole.{form}"
    done = events(database_url, "export", whole, "--to", str(MANY), cwd=tmp_path)
    assert done.code == 0
    if form == "parquet":
        whole_table = parquet.read_table(tmp_path / whole)
        assert whole_table.num_rows == MANY
        assert parquet.read_table(tmp_path / file).equals(whole_table)
    assert same_bytes(tmp_path, file, whole)
    assert names(tmp_path) == [file, whole]


def test_an_unfinished_export_of_another_database_is_left_alone(
    database_url: str, other_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(database_url, 10, 2))
    asyncio.run(fill(other_url, 9, 3))
    events(database_url, "export", "a.ndjson", cwd=tmp_path)
    (tmp_path / "a.ndjson").rename(tmp_path / "a.ndjson.part")
    plan = {"form": "ndjson", "wanted": {}, "settled_id": 10}
    (tmp_path / "a.ndjson.part.json").write_text(json.dumps(plan))
    refused = events(other_url, "export", "a.ndjson", cwd=tmp_path)
    assert (refused.code, "another database" in refused.err) == (1, True)


def unfinish(folder: Path, file: str, content: bytes) -> None:
    """What a killed export of ten events leaves."""
    (folder / f"{file}.part").write_bytes(content)
    plan = {"form": Path(file).suffix[1:], "wanted": {}, "settled_id": 10}
    (folder / f"{file}.part.json").write_text(json.dumps(plan))


def keep_parts(folder: Path, file: str, parts: str, count: int) -> None:
    """So many parts of an export that was not finished, made from a whole file."""
    table = parquet.read_table(folder / file)
    (folder / parts).mkdir()
    rows = table.num_rows // count
    for number in range(count):
        part = folder / parts / f"{number + 1:08}.parquet"
        parquet.write_table(table.slice(number * rows, rows), part)


# In which order a folder is emptied is its file system's choice: here the first part goes first.
KILLED_IN_THE_REMOVAL = """
import os, signal, sys
first = ["00000001.parquet"]
def on_event(name, details):
    if name == "os.remove" and str(details[0]).endswith(".parquet") and first:
        os.remove(first.pop(), dir_fd=details[1])
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(on_event)
from cli.main import app
app()
"""


def kill_removal(database_url: str, folder: Path, file: str) -> None:
    """Kills an export that has removed the first of its parts, and no other."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_IN_THE_REMOVAL, "events", "export", file],
        cwd=folder,
        env=environment({"SCOREBOARD_DATABASE_URL": database_url}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (-signal.SIGKILL, "")


def has_content(path: Path) -> bool:
    """Whether the first batch is in this file, or folder."""
    if path.is_dir():
        return bool(names(path))
    return path.exists() and path.stat().st_size > 0


async def kill_export(database_url: str, folder: Path, file: str) -> None:
    """Kills an export between two batches, and adds an event after that."""
    begun = folder / f"{file}.{'parts' if file.endswith('parquet') else 'part'}"
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    async with connect(database_url) as owner:
        with started("events", "export", file, cwd=folder, env=env) as process:
            await until(lambda: asyncio.to_thread(has_content, begun))
            async with owner.transaction():
                await owner.execute("LOCK TABLE score_events IN ACCESS EXCLUSIVE MODE")
                process.kill()
                assert (await asyncio.to_thread(ending, process)).code == -signal.SIGKILL
        last = await owner.fetchrow("SELECT * FROM score_events WHERE event_id = $1", MANY)
        values = {**last, "event_id": MANY + 1, "version_after": last["version_after"] + 1}
        await owner.copy_records_to_table(
            "score_events", records=[tuple(values.values())], columns=list(values)
        )
        await owner.execute("SELECT nextval('score_event_ids')")


def same_bytes(folder: Path, one: str, other: str) -> bool:
    """Whether two files are the same."""
    return (folder / one).read_bytes() == (folder / other).read_bytes()
