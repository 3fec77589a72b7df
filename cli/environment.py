"""Settings for commands, from the environment, as the service itself reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from scoreboard.settings import PREFIX, Settings

_NO_DATABASE = {f"{PREFIX}DATABASE_URL": "postgresql://"}
_NO_REDIS = {f"{PREFIX}REDIS_URL": "redis://"}


def read_service_settings() -> Settings:
    """Everything a service needs. Raises ConfigurationError, as the others do."""
    return Settings.from_environment(given(os.environ))


def read_database_settings() -> Settings:
    """For commands that use PostgreSQL alone: no other address needs to be set."""
    return Settings.from_environment({**_NO_REDIS, **given(os.environ)})


def read_key_settings() -> Settings:
    """For commands that use the key file alone: no address needs to be set."""
    return Settings.from_environment({**_NO_DATABASE, **_NO_REDIS, **given(os.environ)})


def given(environ: Mapping[str, str]) -> dict[str, str]:
    """The service's variables that are not empty: an empty one counts as not set."""
    return {
        name: text for name, text in environ.items() if name.startswith(PREFIX) and text.strip()
    }
