"""A PostgreSQL data folder on disk: initialised whole or not at all, of this version, free."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from cli.embedded.account import Account, account_for
from cli.embedded.binaries import find_postgres
from cli.embedded.errors import DataOfAnotherVersion, FolderUnusable, ServerFailed
from cli.embedded.folders import create_folder
from cli.embedded.process import run, without_settings_of

STOP_TIMEOUT_S = 30


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The data folder, the programs that serve it, and the account they run as."""

    data_dir: Path
    bin_dir: Path
    account: Account
    env: Mapping[str, str]

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return the command line that runs `program` as the account."""
        return [*self.account.prefix, str(self.bin_dir / program), *arguments]


def open_cluster(data_dir: Path) -> Cluster:
    """Return the cluster in `data_dir`, initialised if new, left by every earlier server.

    Raises EmbeddedError.
    """
    env = {**without_settings_of("PG", "LC_"), "LC_ALL": "C", "TZ": "UTC"}
    cluster = Cluster(data_dir, find_postgres(), account_for(data_dir), env)
    if (data_dir / "PG_VERSION").exists():
        _refuse_another_version(cluster)
        _stop_leftover(cluster)
    else:
        _initialise(cluster)
    return cluster


def _initialise(cluster: Cluster) -> None:
    """Run initdb aside and rename, so that an interruption leaves no half of a cluster."""
    aside = cluster.data_dir.with_name(f"{cluster.data_dir.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    create_folder(aside, cluster.account.owner)
    options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
    result = run(cluster.command("initdb", "-D", str(aside), *options), cluster.env)
    if result.returncode != 0:
        complaint = (result.stderr.strip() or "it said nothing").splitlines()[-1]
        raise ServerFailed(f"PostgreSQL could not prepare {cluster.data_dir}: {complaint}")
    try:
        aside.rename(cluster.data_dir)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderUnusable(
            f"The folder {cluster.data_dir} cannot hold the data of PostgreSQL: {reason}."
        ) from error


def _refuse_another_version(cluster: Cluster) -> None:
    held = (cluster.data_dir / "PG_VERSION").read_text("ascii").strip()
    answer = run([str(cluster.bin_dir / "postgres"), "--version"]).stdout
    found = re.search(r"\d+", answer)
    if found is None or found.group() != held:
        raise DataOfAnotherVersion(
            f"The folder {cluster.data_dir} holds data of PostgreSQL {held}, but the server is "
            f"{answer.strip()}: name another folder, or move this one away to start empty."
        )


def _stop_leftover(cluster: Cluster) -> None:
    """Stop the server that a killed parent left behind; forget a pid that is no server of ours."""
    pid_file = cluster.data_dir / "postmaster.pid"
    if not pid_file.exists():
        return
    if not _is_postmaster(int(pid_file.read_text("utf-8").split()[0]), cluster.data_dir):
        # The pid went to another program, which PostgreSQL would take for a running server.
        pid_file.unlink(missing_ok=True)
        return
    stop = ("stop", "-D", str(cluster.data_dir), "-m", "fast", "-t", str(STOP_TIMEOUT_S))
    result = run(cluster.command("pg_ctl", *stop), cluster.env)
    if result.returncode != 0 and pid_file.exists():
        raise ServerFailed(
            f"A PostgreSQL server still runs on {cluster.data_dir} and does not stop: "
            f"{(result.stderr.strip() or 'it said nothing').splitlines()[-1]}"
        )


def _is_postmaster(pid: int, data_dir: Path) -> bool:
    """Tell whether `pid` serves `data_dir`: a postmaster's working directory is its data."""
    if not Path("/proc/self").exists():
        command = run(["ps", "-p", str(pid), "-o", "command="]).stdout
        return "postgres" in command and str(data_dir) in command
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == data_dir.resolve()
    except OSError:
        return False
