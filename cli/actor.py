"""Who acts on the command line: the account that runs it."""

from __future__ import annotations

import getpass

from scoreboard.domain.acts import Actor


def local_actor() -> Actor:
    """As the audit trail names it. Whoever has the database's URL may do anything: no scopes."""
    return Actor(subject=getpass.getuser(), origin="cli")
