"""A playground that a worker's tests share, since starting one takes seconds; a database more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.histories import empty_database
from tests.cli.program import read_json, started

ANY_PORTS = ("--port", "0", "--admin-port", "0")
# Nobody is there: whoever used these would fail.
ELSEWHERE = {
    "SCOREBOARD_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/elsewhere",
    "SCOREBOARD_REDIS_URL": "redis://127.0.0.1:1",
    "SCOREBOARD_KEYS_FILE": "elsewhere.json",
}


@dataclass(frozen=True, slots=True)
class Playground:
    """A running `scoreboard dev`: the folder it was started in, and the line for scripts."""

    folder: Path
    addresses: dict[str, Any]

    @property
    def url(self) -> str:
        """Where it serves."""
        return str(self.addresses["url"])


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """Run `scoreboard dev` with three players, beside the addresses of another installation."""
    folder = tmp_path_factory.mktemp("playground")
    arguments = ("dev", "--players", "3", "--rate", "5", *ANY_PORTS, "--json")
    with started(*arguments, cwd=folder, env=ELSEWHERE) as process:
        yield Playground(folder, read_json(process))


@pytest.fixture
async def other_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """Return the owner's URL of a second, empty database."""
    async with empty_database(postgres_url, template_database) as url:
        yield url
