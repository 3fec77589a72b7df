"""What a check says: how it stands, what was found, and what mends it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """How grave it is. Only a problem makes the doctor fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Verdict(Struct, frozen=True):
    """The outcome of one check; `remedy` is a command, a statement or a setting, or None if ok."""

    status: Status
    found: str
    remedy: str | None = None


class Finding(Struct, frozen=True):
    """A verdict under the name of its check."""

    name: str
    status: Status
    found: str
    remedy: str | None


def ok(found: str) -> Verdict:
    """All is well."""
    return Verdict(Status.OK, found)


def warning(found: str, remedy: str) -> Verdict:
    """The service works, and something should be looked at."""
    return Verdict(Status.WARNING, found, remedy)


def problem(found: str, remedy: str) -> Verdict:
    """The service cannot work, or could lose or forge something."""
    return Verdict(Status.PROBLEM, found, remedy)


def from_error(text: str) -> Verdict:
    """A problem in the words of an error, whose last sentence or clause is what mends it."""
    text = " ".join(text.split())
    for separator in (". ", "; "):
        found, _, remedy = text.rpartition(separator)
        if found:
            return problem(found, remedy[:1].upper() + remedy[1:])
    return problem(text, "Mend what this says.")


def unexamined(reason: str) -> Verdict:
    """Nobody knows: the check itself failed."""
    return warning(
        f"could not be examined: {' '.join(reason.split())}",
        "Mend what this says, then run doctor again.",
    )
