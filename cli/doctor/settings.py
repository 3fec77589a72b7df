"""The settings: all that are wrong, and the rest of them to go on with."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import fields

from msgspec import Struct

from cli.doctor.verdicts import Finding, Status, Verdict, from_error, ok, problem
from scoreboard.domain.errors import ConfigurationError
from scoreboard.settings import PREFIX, Settings, has_unescaped_password

NAME = "settings"
DATABASE, REDIS, AMQP = (f"{PREFIX}{each}_URL" for each in ("DATABASE", "REDIS", "AMQP"))
# What stands in for an address that is missing or wrong. Each is a valid address as well (libpq
# reads PGHOST, Redis is on localhost), so that it does not tell whether it stands in.
_NOWHERE = {DATABASE: "postgresql://", REDIS: "redis://"}
_NAMES = re.compile(rf"{PREFIX}[A-Z0-9_]+")


class ReadSettings(Struct, frozen=True):
    """The usable settings, what is wrong with the others, and which addresses can be asked."""

    settings: Settings
    verdicts: list[Verdict]
    has_database: bool
    has_redis: bool

    @property
    def is_usable(self) -> bool:
        """Whether the service itself would start with them."""
        return all(each.status is Status.OK for each in self.verdicts)

    @property
    def findings(self) -> list[Finding]:
        """The verdicts under the name of the check."""
        return [Finding(NAME, each.status, each.found, each.remedy) for each in self.verdicts]


def read_settings(variables: Mapping[str, str]) -> ReadSettings:
    """Reads what is right and names all that is wrong, not only the first."""
    left = dict(variables)
    verdicts = [_unescaped(name) for name in _unescaped_urls(left)]
    replaced = set(_unescaped_urls(left))
    for name in replaced:
        left[name] = _NOWHERE.get(name, "")
    while True:
        try:
            settings = Settings.from_environment(left)
            break
        except ConfigurationError as error:
            verdicts.append(_describe(error))
            wrong = [name for name in _NAMES.findall(str(error)) if name in left]
            for name in wrong:
                del left[name]
            address = next((name for name in _NOWHERE if name in str(error)), None)
            if address:
                left[address] = _NOWHERE[address]
                replaced.add(address)
            assert wrong or address, "an error that names no setting would come for ever"
    return ReadSettings(
        settings,
        verdicts or [ok(f"{len(variables)} of {len(fields(Settings))} are set, each is known")],
        has_database=DATABASE not in replaced,
        has_redis=REDIS not in replaced,
    )


def _unescaped_urls(variables: Mapping[str, str]) -> list[str]:
    return [
        name for name in (DATABASE, REDIS, AMQP) if has_unescaped_password(variables.get(name, ""))
    ]


def _unescaped(name: str) -> Verdict:
    return problem(
        f"{name} has a user or password that holds one of / ? # [ ]",
        "Write them as %2F %3F %23 %5B %5D.",
    )


def _describe(error: ConfigurationError) -> Verdict:
    text = str(error)
    name = next(iter(_NAMES.findall(text)), "")
    known = [PREFIX + each.name.upper() for each in fields(Settings)]
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        meant = f"Did you mean {near[0]}? Otherwise u" if near else "U"
        return problem(text.rstrip("."), f"{meant}nset it: docs/reference/settings.md has all.")
    if "; " in text:
        return from_error(text)
    return problem(text.rstrip("."), f"Correct it or unset {name}.")
