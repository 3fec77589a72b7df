"""Which user runs PostgreSQL: it refuses root, so root starts it as an unprivileged user."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

from cli.embedded.errors import FolderUnusable, ServerFailed
from cli.embedded.process import death_signal

NOBODY = 65534
# The one privilege kept: to reach a data folder below folders that only root may enter.
KEPT = "-all,+dac_override"


@dataclasses.dataclass(frozen=True)
class Account:
    """`prefix` starts a command as the account; `owner` is its user id, None for our own."""

    prefix: tuple[str, ...]
    owner: int | None


def account_for(data_dir: Path) -> Account:
    """Return the account that PostgreSQL runs as on `data_dir` (existing or not).

    Raises FolderUnusable if the folder belongs to another user, ServerFailed without setpriv.
    """
    owner = data_dir.stat().st_uid if data_dir.is_dir() else None
    if os.geteuid() == 0:
        return _account_below_root(owner or NOBODY)
    if owner not in {None, os.geteuid()}:
        raise FolderUnusable(
            f"The folder {data_dir} belongs to another user: name another folder, "
            f"or remove it with the rights of its owner."
        )
    return Account(prefix=death_signal(), owner=None)


def _account_below_root(owner: int) -> Account:
    if shutil.which("setpriv") is None:
        raise ServerFailed(
            "PostgreSQL refuses to run as root and setpriv is missing: "
            "apt-get install util-linux, or run as another user."
        )
    user = ("--reuid", str(owner), "--regid", str(owner), "--clear-groups")
    rights = tuple(f"--{kind}-caps={KEPT}" for kind in ("inh", "ambient"))
    limits = (f"--bounding-set={KEPT}", "--securebits=+no_setuid_fixup")
    prefix = ("setpriv", *user, *limits, *rights, *death_signal()[1:])
    return Account(prefix=prefix, owner=owner)
