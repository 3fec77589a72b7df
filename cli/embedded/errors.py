"""Why a private server cannot run. The text of each error is one sentence for the user."""

from __future__ import annotations


class EmbeddedError(Exception):
    """A private server cannot run; `str(error)` is the sentence that the user reads."""


class EmbeddedServerMissing(EmbeddedError):
    """No server program was found; the sentence names the command that installs one."""


class FolderInUse(EmbeddedError):
    """Another process holds the lock of the data folder."""


class FolderUnusable(EmbeddedError):
    """The data folder cannot be created or written, or belongs to somebody else."""


class DataOfAnotherVersion(EmbeddedError):
    """The data folder was initialised by another major version of PostgreSQL."""


class ServerFailed(EmbeddedError):
    """The server ended or stayed silent instead of becoming ready."""
