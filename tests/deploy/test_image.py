"""What the Dockerfile says, done here step by step as far as that goes without an engine."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import requires
from pathlib import Path

import aiohttp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy import read_only_root
from tests.deploy.files import (
    DOCKERFILE,
    ROOT,
    Instruction,
    image_environment,
    is_ignored,
    last,
    read_dockerfile,
)
from tests.harness import Backends
from tests.servers.rabbitmq import free_ports

TARGET = "/opt/scoreboard"
PATIENCE_S = 20.0


def _copies() -> list[tuple[list[str], str]]:
    """Sources and destination of every COPY from outside."""
    found = [each.words for each in read_dockerfile() if each.name == "COPY"]
    return [(words[:-1], words[-1]) for words in found if not words[0].startswith("--from")]


def _run(command: list[str], folder: Path, **variables: str) -> str:
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], **variables}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build sees: the files that are copied and not ignored, where they are copied to."""
    folder = tmp_path_factory.mktemp("build")
    for sources, destination in _copies():
        for source in sources:
            for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
                if path.is_file() and not is_ignored(path):
                    inner = path.relative_to(ROOT / source)
                    target = folder / destination / (inner if inner.name else path.name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
    return folder


@pytest.fixture(scope="session")
def image(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's environment: the Dockerfile's own commands, with another target.

    The dependencies come from this environment, as tests/test_wheel.py says. Its Python writes
    nothing.
    """
    target = tmp_path_factory.mktemp("image") / "scoreboard"
    _run(["sh", "-ec", _environment_step(target)], context)
    (site_packages,) = target.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _run(["sh", "-ec", _install_step(target)], context, PIP_DISABLE_PIP_VERSION_CHECK="1")
    shutil.copy(Path(read_only_root.__file__), site_packages)
    (site_packages / "start.pth").write_text("import read_only_root; read_only_root.install()\n")
    return target


def _step(word: str) -> str:
    """The one RUN that holds the word."""
    (text,) = [each.text for each in read_dockerfile() if each.name == "RUN" and word in each.text]
    return text


def _environment_step(target: Path) -> str:
    """The command that makes the environment."""
    command, _, _ = _step(" venv ").partition(" && ")
    return command.replace("python ", f"{sys.executable} ").replace(TARGET, str(target))


def _install_step(target: Path) -> str:
    """The commands that build the wheel and install it, less what would take packages away."""
    kept = [command for command in _step(" wheel ").split(" && ") if "uninstall" not in command]
    here = re.sub(r"\bpip (?=--python)", f"{sys.executable} -m pip ", " && ".join(kept))
    return here.replace(TARGET, str(target))


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    hadolint = shutil.which("hadolint") or str(Path(sys.executable).with_name("hadolint"))
    assert _run([hadolint, "--no-color", str(DOCKERFILE)], ROOT) == ""


@pytest.mark.parametrize("source", [source for sources, _ in _copies() for source in sources])
def test_what_is_copied_is_there_and_not_ignored(source: str) -> None:
    path = ROOT / source
    assert path.exists()
    assert not is_ignored(path)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".env",
        "deploy/.env",
        ".scoreboard/keys.json",
        "tests/conftest.py",
        "requirements/dev.lock",
        "cli/__pycache__/main.cpython-312.pyc",
    ],
)
def test_nothing_else_reaches_the_build(path: str) -> None:
    assert is_ignored(ROOT / path)


def test_every_stage_names_a_version_of_python_and_no_registry() -> None:
    stages = [each.words[0] for each in read_dockerfile() if each.name == "FROM"]
    assert len(set(stages)) == 1
    assert re.fullmatch(r"python:3\.12-slim-[a-z]+", stages[0])


def test_the_lock_of_the_image_holds_all_that_runs_and_builds_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    lock = (ROOT / "requirements" / "image.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert {re.split(r"[\[>=]", each)[0] for each in wanted} <= locked


def test_what_only_builds_it_is_taken_away() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    builds = _with_all_they_need(project["dependency-groups"]["build"])
    (command,) = re.findall(r"uninstall --yes ([^&]+)$", _step(" wheel "))
    assert set(command.split()) == builds - _with_all_they_need(project["project"]["dependencies"])


def _with_all_they_need(requirements: Iterable[str]) -> set[str]:
    """The names of these packages and of all that they are installed with here."""
    names: set[str] = set()
    known: set[str] = set()
    todo = [*requirements]
    while todo:
        text = todo.pop()
        if text in known:
            continue
        known.add(text)
        each = Requirement(text)
        names.add(canonicalize_name(each.name))
        for text_needed in requires(each.name) or ():
            marker = Requirement(text_needed).marker
            extras = each.extras or {""}
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(text_needed)
    return names


def test_it_runs_as_nobody_special() -> None:
    user, group = last("USER").text.split(":")
    assert (user, group) == ("10001", "10001")


def test_the_wheel_built_from_what_is_copied_carries_the_sql_and_the_scripts(image: Path) -> None:
    (installed,) = image.glob("lib/python*/site-packages")
    for room, ending in (("sql", "*.sql"), ("scoreboard", "*.lua"), ("scoreboard", "*.json")):
        here = {path.relative_to(ROOT) for path in (ROOT / room).rglob(ending)}
        assert here
        assert {path.relative_to(installed) for path in (installed / room).rglob(ending)} == here


def test_the_image_has_no_pip(image: Path) -> None:
    assert not list(image.glob("bin/pip*"))


@asynccontextmanager
async def _running(
    image: Path, backends: Backends, folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    """The image's command with the image's variables, where no file can be written."""
    assert backends.keys
    (port,) = free_ports(1)
    environment = image_environment() | {
        "PATH": f"{image / 'bin'}:{os.environ['PATH']}",
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
        "SCOREBOARD_PORT": str(port),
        "SCOREBOARD_ADMIN_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        *(str(image / "bin" / last("ENTRYPOINT").words[0]), *last("CMD").words),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process, environment
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_command_serves_without_writing_a_file_and_its_health_is_told(
    image: Path, backends: Backends, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    async with _running(image, backends, folder) as (process, environment):
        await _until_served(process)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{environment['SCOREBOARD_PORT']}/scores/top") as answer,
        ):
            assert answer.status == 200
        assert await _health(image, environment) == 0
        process.send_signal(signal.Signals[last("STOPSIGNAL").text])
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        assert process.returncode == 0
        assert read_only_root.MESSAGE not in errors.decode()
        assert await _health(image, environment) == 1
    assert not list(folder.iterdir())


async def _until_served(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        async for line in process.stdout:
            if b'"serving"' in line:
                return
        raise AssertionError((await process.stderr.read()).decode())


async def _health(image: Path, environment: dict[str, str]) -> int:
    """The exit code of the health check's own command line."""
    command = last("HEALTHCHECK").text.split(" CMD ", 1)[1]
    words = Instruction("CMD", command).words
    check = await asyncio.create_subprocess_exec(
        str(image / "bin" / words[0]),
        *words[1:],
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(check.wait(), PATIENCE_S)
