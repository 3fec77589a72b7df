"""The key file: a JWK set that only its owner may read."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from scoreboard.auth.encoding import parse_object
from scoreboard.auth.jwk import Profile, generate_keys, key_from_jwk, key_to_jwk
from scoreboard.auth.keyring import Key, KeyRing
from scoreboard.domain.errors import ConfigurationError

__all__ = [
    "Key",
    "KeyRing",
    "Profile",
    "add_keys",
    "generate_keys",
    "load_keys",
    "retire_key",
    "write_keys",
]

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
FILE_MAX_BYTES = 1 << 20


def load_keys(path: Path) -> KeyRing:
    """The keys of a file; raises ConfigurationError with a sentence that names file and cure."""
    raw = _read_private(path)
    try:
        members = parse_object(raw).get("keys")
    except ValueError as error:
        raise ConfigurationError(
            f"Key file {path} is damaged ({error}); restore it from a copy."
        ) from None
    if not isinstance(members, list) or not members:
        raise ConfigurationError(
            f"Key file {path} holds no keys; write them with `scoreboard keys generate`."
        )
    try:
        return KeyRing(key_from_jwk(member) for member in members)
    except ConfigurationError as error:
        raise ConfigurationError(f"Key file {path}: {error}") from None


def write_keys(path: Path, keys: Iterable[Key]) -> None:
    """Creates the file, readable by its owner alone; one that is there already stays as it is.

    Raises ConfigurationError where the file exists or cannot be written.
    """
    with _locked_directory(path):
        _store(path, KeyRing(keys), replace=False)


def add_keys(path: Path, keys: Iterable[Key]) -> KeyRing:
    """Appends keys to the file, so that they sign from their `not_before_s` on; gives all.

    Every instance needs the new file before the first token of a new key reaches it.
    """
    with _locked_directory(path):
        ring = KeyRing([*load_keys(path), *keys])
        _store(path, ring, replace=True)
    return ring


def retire_key(path: Path, kid: str, not_after_s: int | None) -> KeyRing:
    """Marks one key of the file as retired; gives all. `not_after_s` None: refused from now on.

    A day and the life of a token after the last signature no client asks about it any more.
    """
    with _locked_directory(path):
        known = load_keys(path)
        if known.find(kid) is None:
            raise ConfigurationError(f"Key file {path} holds no key {kid!r}.")
        ring = KeyRing(key.retire(not_after_s) if key.kid == kid else key for key in known)
        _store(path, ring, replace=True)
    return ring


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & ~FILE_MODE:
                raise ConfigurationError(
                    f"Key file {path} has mode {mode:04o}, so others could use it; "
                    f"run `chmod 600 {shlex.quote(str(path))}`."
                )
            return file.read(FILE_MAX_BYTES)
    except FileNotFoundError:
        raise ConfigurationError(
            f"Key file {path} does not exist; run `scoreboard keys generate` "
            "or set SCOREBOARD_KEYS_FILE."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"Key file {path} cannot be read ({error.strerror}); "
            "make it a file that this user may read."
        ) from None


@contextlib.contextmanager
def _locked_directory(path: Path) -> Iterator[None]:
    """Holds the folder's lock, so that of two writers neither loses the other's keys."""
    try:
        path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
            os.fsync(directory)  # a rename is durable only with its folder
        finally:
            os.close(directory)
    except FileExistsError:
        raise ConfigurationError(
            f"Key file {path} exists already; append to it with `scoreboard keys generate --add`."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"Key file {path} cannot be written ({error.strerror}); "
            "choose a folder that this user may write to."
        ) from None


def _store(path: Path, ring: KeyRing, *, replace: bool) -> None:
    text = json.dumps({"keys": [key_to_jwk(key) for key in ring]}, indent=2) + "\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, FILE_MODE)  # a strange umask may have taken the owner's rights
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        if replace:
            draft.replace(path)
        else:
            path.hardlink_to(draft)  # unlike a rename, never over a file that is there
    finally:
        draft.unlink(missing_ok=True)
