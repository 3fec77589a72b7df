"""A database that the service must not start on is refused with a sentence."""

from __future__ import annotations

import pytest

from scoreboard.bootstrap import open_service
from scoreboard.domain.errors import ConfigurationError
from scoreboard.ledger.database import describe_server, open_database
from tests.checker import Connection
from tests.harness import Backends

BROKEN_URLS = ("postgresql://u:can/ary@db/scores", "postgresql://u:can[ary@db/scores")


@pytest.fixture
async def unsafe(owner: Connection) -> None:
    """Switch durable commits off for this database."""
    name = await owner.fetchval("SELECT current_database()")
    await owner.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


@pytest.mark.usefixtures("unsafe")
async def test_a_database_that_could_lose_scores_is_refused(backends: Backends) -> None:
    with pytest.raises(ConfigurationError) as refused:
        async with open_database(backends.settings()):
            pass
    assert "synchronous_commit off" in str(refused.value)
    assert "SCOREBOARD_ALLOW_UNSAFE_DATABASE=true" in str(refused.value)


@pytest.mark.usefixtures("unsafe")
async def test_the_loss_can_be_accepted(backends: Backends) -> None:
    async with open_database(backends.settings(allow_unsafe_database=True)) as database:
        assert database.is_up


async def test_a_database_without_the_schema_is_refused(
    backends: Backends, empty_database_url: str
) -> None:
    backends.database_url = empty_database_url
    with pytest.raises(ConfigurationError, match="scoreboard db migrate"):
        async with open_service(backends.settings()):
            pass


async def test_a_server_that_is_not_there_is_named_without_its_password(
    backends: Backends,
) -> None:
    backends.database_url = "postgresql://me:secret@127.0.0.1:1/board"
    with pytest.raises(ConfigurationError) as refused:
        async with open_database(backends.settings()):
            pass
    assert "PostgreSQL at 127.0.0.1/board cannot be reached" in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_a_database_that_is_not_there_is_named(backends: Backends) -> None:
    backends.database_url = backends.database_url.replace("/test_", "/missing_", 1)
    with pytest.raises(ConfigurationError, match=r"missing_.* does not exist"):
        async with open_database(backends.settings()):
            pass


@pytest.mark.parametrize("url", BROKEN_URLS, ids=["slash", "bracket"])
def test_a_password_that_breaks_the_url_is_not_shown(url: str) -> None:
    assert describe_server(url) == "PostgreSQL"
