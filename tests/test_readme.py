"""The README's walk-through does what it says, word for word."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READY_TIMEOUT_S = 60


def _script(name: str) -> str:
    """The block behind the comment of that name; only the path of the programs is replaced."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"<!-- {name}.*?-->\n```sh\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1].replace("$PWD/.venv/bin", str(Path(sys.executable).parent))


def _run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Fails where any line of it does."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=READY_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def dev_url(tmp_path: Path) -> Iterator[str]:
    """`scoreboard dev` in an empty folder, with its data where the walk-through expects it."""
    command = [sys.executable, "-m", "cli.main", "dev", "--players", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--admin-port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=READY_TIMEOUT_S)


def test_the_walk_through_works_verbatim(dev_url: str, tmp_path: Path) -> None:
    script = _script("walk-through")
    assert "URL=http://localhost:8080\n" in script
    # Only where the service is: this test must not need a port that somebody may be using.
    script = script.replace("URL=http://localhost:8080", f"URL={dev_url}")
    script = script.replace("scoreboard top", f"scoreboard top --url {dev_url}")
    done = _run(script, tmp_path)
    answers = [json.loads(part) for part in re.findall(r"\{.*?\}(?=\{|$|\n)", done.stdout)]
    granted, receipt, standing = answers[:3]
    assert set(granted) == {"actionToken", "nonce", "expiresAt"}
    assert receipt == {"score": 25, "rank": 1}
    assert (standing["score"], standing["rank"]) == (25, 1)
    player = re.search(r"^PLAYER=(.*)$", script, re.MULTILINE)
    assert player is not None
    assert f'{{"entries":[{{"userId":"{player[1]}","score":25,"rank":1}}]' in done.stdout


@pytest.mark.usefixtures("dev_url")
def test_the_operators_tour_works_verbatim(tmp_path: Path) -> None:
    assert "0 totals" in _run(_script("operator's tour"), tmp_path).stdout
    assert (tmp_path / "history.ndjson").read_text("utf-8") == ""


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200
