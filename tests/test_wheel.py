"""The wheel that users install: complete without the checkout, SQL included."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
Run = Callable[..., str]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it into a new environment and return that environment's bin folder.

    The dependencies come from this environment: a path file adds its packages after the wheel's
    own, and path files of an added folder are not read, so the editable project stays out.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"))
    python(*build, str(PROJECT))
    python("-m", "venv", "--without-pip", str(folder / "env"))
    (wheel,) = (folder / "dist").glob("*.whl")
    target = folder / "env" / "bin" / "python"
    python("-m", "pip", "--python", str(target), "install", "--no-deps", "--no-index", str(wheel))
    (site_packages,) = (folder / "env").glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return target.parent


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Return a function that runs a command of the new environment, far from the checkout."""

    def run_installed(command: str, *arguments: str, **variables: str) -> str:
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        env = {name: os.environ[name] for name in kept if name in os.environ} | variables
        return checked([str(installed / command), *arguments], cwd=tmp_path, env=env)

    return run_installed


def python(*arguments: str) -> None:
    """Run this environment's Python."""
    checked([sys.executable, *arguments], cwd=PROJECT.parent, env=dict(os.environ))


def checked(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    """Return the command's output; a failure shows everything that it said."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.mark.parametrize("package", ["scoreboard", "cli", "sql"])
def test_the_wheel_carries_every_package(run: Run, installed: Path, package: str) -> None:
    where = run("python", "-c", f"import {package}; print({package}.__file__)")
    assert Path(where).is_relative_to(installed.parent / "lib")


def test_the_wheel_carries_the_sql_of_the_checkout(run: Run) -> None:
    found = run("python", "-c", "import sql; print(sql.__file__)").strip()
    carried, own = Path(found).parent, PROJECT / "sql"
    assert names_below(carried) == names_below(own)


def test_the_wheel_carries_the_pages_of_the_checkout(run: Run) -> None:
    found = run("python", "-c", "import scoreboard.web; print(scoreboard.web.__file__)").strip()
    own = PROJECT / "scoreboard" / "web" / "static"
    carried = {each.name: each.read_bytes() for each in (Path(found).parent / "static").iterdir()}
    assert carried == {each.name: each.read_bytes() for each in own.iterdir()}


def names_below(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*.sql")}


def test_the_command_tells_its_version(run: Run) -> None:
    assert "0.1.0" in run("scoreboard", "--version")


def test_the_command_tells_its_usage(run: Run) -> None:
    assert "Usage" in run("scoreboard", "--help")


def test_the_installed_command_migrates_a_fresh_database(run: Run, empty_database_url: str) -> None:
    run("scoreboard", "db", "migrate", SCOREBOARD_DATABASE_URL=empty_database_url)
    # The second time there is nothing to do, and that is no failure.
    run("scoreboard", "db", "migrate", SCOREBOARD_DATABASE_URL=empty_database_url)
