"""The private servers: start, stop, find their data again, leave nothing, and say what is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from cli.embedded import binaries
from cli.embedded.errors import (
    DataOfAnotherVersion,
    EmbeddedError,
    EmbeddedServerMissing,
    FolderInUse,
    FolderUnusable,
    ServerFailed,
)
from cli.embedded.folders import lock_data_dir
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.process import ServerProcess
from cli.embedded.redis import EmbeddedRedis

PROJECT = Path(__file__).parent.parent
PATIENCE_S = 20.0
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and setpriv")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return an empty folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="embedded-") as path:
        yield Path(path)


@pytest.fixture(scope="session")
def initialised() -> Iterator[Path]:
    """Return a data folder that no server uses, for the tests that are not about the first start.

    It holds a table `t` with the number 42 as `n`.
    """
    with tempfile.TemporaryDirectory(prefix="embedded-") as path:
        data = Path(path) / "postgres"
        with EmbeddedPostgres(data) as postgres:
            asyncio.run(fetch(postgres.url(), "CREATE TABLE t AS SELECT 42 AS n"))
        yield data


@pytest.fixture
def data(folder: Path, initialised: Path) -> Path:
    """Return this test's own copy of the initialised data folder, `folder / "postgres"`."""
    # The copy keeps its owner, who is not us when the tests run as root.
    subprocess.run(["cp", "-a", initialised, folder / "postgres"], check=True)
    return folder / "postgres"


def processes_in(folder: Path) -> list[int]:
    """Return the ids of the processes whose command line or working directory is in `folder`."""
    return [
        int(process.name) for process in Path("/proc").glob("[0-9]*") if _is_in(process, folder)
    ]


def _is_in(process: Path, folder: Path) -> bool:
    try:
        command = (process / "cmdline").read_bytes()
        return os.fsencode(folder) in command or (process / "cwd").resolve().is_relative_to(folder)
    except OSError:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    """Tell whether `condition` becomes true within PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


async def fetch(url: str, *statements: str) -> object:
    """Run the statements and return the last one's first value."""
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


def start_parent_of_servers(folder: Path) -> subprocess.Popen[str]:
    """Start a Python process that owns both servers in `folder`; it has printed once both run."""
    script = textwrap.dedent(
        """
        import pathlib, sys, time
        from cli.embedded.postgres import EmbeddedPostgres
        from cli.embedded.redis import EmbeddedRedis
        folder = pathlib.Path(sys.argv[1])
        with EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis"):
            print("ready", flush=True)
            time.sleep(600)
        """
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    return parent


def kill(parent: subprocess.Popen[str]) -> None:
    """Kill the parent as a crash would: without a chance to stop its servers."""
    with parent:
        parent.kill()


async def test_postgres_starts_durable_and_answers(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres", settings={"max_connections": "20"}) as postgres:
        settings = "current_setting('fsync') || current_setting('synchronous_commit')"
        assert await fetch(postgres.url(), f"SELECT {settings}") == "onon"
        assert await fetch(postgres.url(), "SELECT current_setting('max_connections')") == "20"
        assert await fetch(postgres.url(), "SHOW listen_addresses") == ""
        assert await fetch(postgres.url(), "SHOW server_encoding") == "UTF8"


async def test_postgres_serves_the_database_that_the_url_names(data: Path) -> None:
    with EmbeddedPostgres(data) as postgres:
        await fetch(postgres.url(), 'CREATE DATABASE "odd name"')
        assert await fetch(postgres.url("odd name"), "SELECT current_database()") == "odd name"


async def test_a_second_start_finds_the_data_of_the_first(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres") as postgres:
        await fetch(postgres.url(), "CREATE TABLE t AS SELECT 42 AS n")
    with EmbeddedPostgres(folder / "postgres") as postgres:
        assert await fetch(postgres.url(), "SELECT n FROM t") == 42


def test_redis_starts_with_the_promised_settings(folder: Path) -> None:
    with EmbeddedRedis(folder / "redis") as server:
        client = redis.Redis.from_url(server.url(511), decode_responses=True)
        assert client.ping()
        expected = {"save": "", "appendonly": "no", "maxmemory-policy": "noeviction", "port": "0"}
        assert {name: client.config_get(name)[name] for name in expected} == expected
        client.close()


@only_linux
def test_stopped_servers_leave_no_process(folder: Path, data: Path) -> None:
    with EmbeddedPostgres(data), EmbeddedRedis(folder / "redis"):
        assert len(processes_in(folder)) > 2
    assert processes_in(folder) == []


def test_servers_below_a_long_path_use_a_short_socket_folder_and_remove_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = folder / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    deep = folder / ("d" * 100)
    with EmbeddedPostgres(deep / "postgres"), EmbeddedRedis(deep / "redis"):
        assert len(list(temporary.iterdir())) == 2
    assert list(temporary.iterdir()) == []


def test_only_the_owner_can_enter_the_folders_of_the_sockets(folder: Path) -> None:
    with EmbeddedPostgres(folder / "pg", folder / "pgsocket"), EmbeddedRedis(folder / "redis"):
        modes = [(folder / name).stat().st_mode & 0o777 for name in ("pg", "pgsocket", "redis")]
    assert modes == [0o700, 0o700, 0o700]


def test_a_socket_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    (folder / "redis").mkdir()
    (folder / "redis").chmod(0o755)
    with pytest.raises(FolderUnusable, match="chmod 700"):
        EmbeddedRedis(folder / "redis").start()


@only_linux
def test_a_killed_parent_leaves_no_server(folder: Path, data: Path) -> None:
    assert data == folder / "postgres"
    parent = start_parent_of_servers(folder)
    assert len(processes_in(folder)) > 3
    kill(parent)
    assert eventually(lambda: processes_in(folder) == [])


@only_linux
async def test_a_leftover_server_is_stopped_before_the_next_start(data: Path) -> None:
    first = EmbeddedPostgres(data)
    first.start()
    with EmbeddedPostgres(data) as second:
        assert await fetch(second.url(), "SELECT n FROM t") == 42
        assert second.pid != first.pid
        assert str(first.pid) not in (data / "postmaster.pid").read_text()
    first.stop()


@only_linux
def test_a_pid_file_that_names_another_program_does_not_prevent_a_start(data: Path) -> None:
    with EmbeddedPostgres(data):
        lines = (data / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "20"]) as other:
        (data / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]))
        with EmbeddedPostgres(data) as postgres:
            assert postgres.pid
        assert other.poll() is None
        other.kill()


async def test_a_crash_of_postgres_loses_nothing_committed(data: Path) -> None:
    with EmbeddedPostgres(data) as postgres:
        await fetch(postgres.url(), "UPDATE t SET n = 43")
        assert postgres.pid
        os.kill(postgres.pid, signal.SIGKILL)
    with EmbeddedPostgres(data) as postgres:
        assert await fetch(postgres.url(), "SELECT n FROM t") == 43


def test_an_interrupted_initialisation_is_begun_again(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder / "postgres") as postgres:
        assert postgres.pid
    assert not half.exists()


def test_data_of_another_version_is_refused_in_one_sentence(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(DataOfAnotherVersion, match=r"holds data of PostgreSQL 9, but the server"):
        EmbeddedPostgres(folder / "postgres").start()


@pytest.mark.parametrize("server", [EmbeddedPostgres, EmbeddedRedis])
def test_a_folder_that_cannot_be_created_is_named(
    folder: Path, server: Callable[[Path], EmbeddedPostgres | EmbeddedRedis]
) -> None:
    (folder / "file").touch()
    with pytest.raises(FolderUnusable, match=r"file/data.* cannot be created: .*/file\)\.$"):
        server(folder / "file" / "data").start()


@pytest.mark.parametrize("server", [EmbeddedPostgres, EmbeddedRedis])
def test_a_folder_that_is_read_only_is_named(
    folder: Path, server: Callable[[Path], EmbeddedPostgres | EmbeddedRedis]
) -> None:
    folder.chmod(0o500)
    # Root may write anywhere but into what the kernel makes up.
    parent = Path("/proc") if os.geteuid() == 0 else folder
    try:
        with pytest.raises(FolderUnusable, match=rf"{parent}/data.* cannot be created: "):
            server(parent / "data").start()
    finally:
        folder.chmod(0o700)


def test_a_folder_full_of_something_else_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("Dear")
    with pytest.raises(FolderUnusable, match=r"cannot hold the data.*not empty"):
        EmbeddedPostgres(folder / "postgres").start()
    assert (folder / "postgres" / "letter.txt").read_text() == "Dear"


def test_a_locked_folder_is_named(folder: Path) -> None:
    with (
        lock_data_dir(folder),
        pytest.raises(FolderInUse, match=str(folder)),
        lock_data_dir(folder),
    ):
        pytest.fail("the folder was locked twice")
    with lock_data_dir(folder):
        pass


@only_linux
def test_servers_do_not_keep_the_lock_of_a_killed_parent(folder: Path) -> None:
    with lock_data_dir(folder):
        server = EmbeddedRedis(folder / "redis")
        server.start()
    with lock_data_dir(folder):
        server.stop()


def test_a_server_that_ends_at_once_is_reported_with_its_own_words(data: Path) -> None:
    with pytest.raises(ServerFailed, match=r"no_such_setting.*\(see .*postgres\.log\)"):
        EmbeddedPostgres(data, settings={"no_such_setting": "1"}).start()


def test_a_server_that_ignores_the_signal_is_killed(folder: Path) -> None:
    deaf = "import signal as s, time; s.signal(2, s.SIG_IGN); print(1, flush=True); time.sleep(99)"
    process = ServerProcess("deaf", [sys.executable, "-c", deaf], folder / "log")
    process.start()
    assert eventually(lambda: (folder / "log").read_text() == "1\n")
    process.stop(timeout_s=0.2)
    assert process.pid is None


def test_a_missing_program_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for find in (binaries.find_postgres, binaries.find_redis):
        with pytest.raises(EmbeddedServerMissing, match=r"was not found: .*install") as caught:
            find()
        assert isinstance(caught.value, EmbeddedError)


def test_a_signal_in_the_midst_of_a_start_loses_no_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        child = started(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return child

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    process = ServerProcess("Sleep", ["sleep", "60"], tmp_path / "sleep.log")
    with pytest.raises(KeyboardInterrupt):
        process.start()
    assert process.pid is not None
    process.stop()
