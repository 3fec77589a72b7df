"""Private PostgreSQL and Redis for `scoreboard dev` and the tests: nothing to install first."""

from __future__ import annotations
