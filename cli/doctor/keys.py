"""The key file: who could read or replace it, and which keys sign."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
import time
from pathlib import Path

from cli.doctor.examination import Examination, Report
from cli.doctor.verdicts import Verdict, ok, problem, warning
from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.keys import DIRECTORY_MODE, FILE_MODE, load_keys
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.times import from_unix_us, iso_utc

SOON_S = 14 * 86_400


def keys_examination(path: Path) -> Examination:
    """Every check of the key file."""
    folder = path.absolute().parent

    async def look(report: Report) -> None:
        report.add("key-folder", check_folder(folder))
        ring = load_keys(path)
        report.add("key-file", check_owner(path, os.geteuid()))
        report.add("signing-keys", check_signing(ring, time.time()))
        report.add("key-expiry", check_expiry(ring, time.time()))

    return Examination(("key-file", "key-folder", "signing-keys", "key-expiry"), look)


def check_owner(path: Path, user_id: int) -> Verdict:
    """Whether the file belongs to the user who runs this; root may look at anybody's."""
    owner = path.stat().st_uid
    if owner != user_id != 0:
        return warning(
            f"{path} belongs to {_user(owner)}, who could change it; this is {_user(user_id)}",
            f"chown {_user(user_id)} {_quoted(path)}",
        )
    return ok(f"{path} has mode {FILE_MODE:04o} and belongs to {_user(owner)}")


def check_folder(folder: Path) -> Verdict:
    """Whether others could replace the file, or see that it is there."""
    if not folder.is_dir():
        return problem(f"there is no folder {folder}", "scoreboard keys generate")
    mode = stat.S_IMODE(folder.stat().st_mode)
    shown = f"{folder} has mode {mode:04o}"
    is_sticky = bool(mode & stat.S_ISVTX)  # others can add files, and remove only their own
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not is_sticky:
        return problem(
            f"{shown}: others could put a key file of their own there",
            f"chmod go-w {_quoted(folder)}",
        )
    if mode & stat.S_IROTH:
        return warning(
            f"{shown}: everybody can list it",
            f"Keep the file in a folder of its own with mode {DIRECTORY_MODE:04o} "
            "and name it in SCOREBOARD_KEYS_FILE.",
        )
    return ok(shown)


def check_signing(ring: KeyRing, now_s: float) -> Verdict:
    """Whether tokens of both classes can be verified, and actions be granted."""
    signs = {each: _signs(ring, each, now_s) for each in TokenClass}
    for token_class in TokenClass:
        if not any(key.serves(now_s) for key in ring if key.token_class is token_class):
            return problem(
                f"no key verifies {token_class} tokens now",
                "scoreboard keys generate --add",
            )
    if not signs[TokenClass.ACTION]:
        return warning(
            "no key signs action tokens: POST /actions cannot grant here",
            "scoreboard keys generate --add, unless actions are signed elsewhere",
        )
    if not signs[TokenClass.BEARER]:
        return ok("actions are signed here, Bearer tokens come from another issuer")
    return ok(f"of {len(ring)} keys one of each class signs")


def check_expiry(ring: KeyRing, now_s: float) -> Verdict:
    """Whether a class soon runs out of keys; keys that were retired are meant to end."""
    for token_class in TokenClass:
        ends = [
            float("inf") if key.not_after_s is None else key.not_after_s
            for key in ring
            if key.token_class is token_class and key.serves(now_s)
        ]
        if ends and max(ends) < now_s + SOON_S:
            end = iso_utc(from_unix_us(int(max(ends)) * 1_000_000))
            return warning(
                f"the last key of {token_class} tokens is over at {end}",
                "scoreboard keys generate --add, then give every instance the file",
            )
    return ok("no class runs out of keys within 14 days")


def _signs(ring: KeyRing, token_class: TokenClass, now_s: float) -> bool:
    return any(key.can_sign and key.covers(now_s) for key in ring if key.token_class is token_class)


def _user(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"user {user_id}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
