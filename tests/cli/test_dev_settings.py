"""What `scoreboard dev` takes from the environment, and what it does not."""

from __future__ import annotations

from pathlib import Path

from cli.playground.servers import DevOptions, Servers, _own_settings
from scoreboard.settings import ROLES, Settings

SERVERS = Servers("postgresql://", "postgresql://", "redis://")


def test_it_runs_one_process_with_every_role_whatever_the_environment_says(tmp_path: Path) -> None:
    options = DevOptions(1, 1.0, "127.0.0.1", 0, 0, tmp_path)
    environ = {"SCOREBOARD_WORKERS": "4", "SCOREBOARD_ROLES": "relay"}
    own = _own_settings(SERVERS, options, environ)
    settings = Settings.from_environment({**environ, **own})
    assert (settings.workers, settings.roles) == (1, ROLES)
