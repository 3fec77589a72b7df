"""The SQL texts of the package `sql`, by name: Python itself holds none longer than one call."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

_INCLUDE = re.compile(r"^\\ir \.\./(functions/[a-z0-9_]+\.sql)$", re.MULTILINE)


def load_query(name: str) -> str:
    """The text of `sql/queries/<name>.sql`; `name` is such as `read_top` or `replay/create`."""
    return _root().joinpath("queries", f"{name}.sql").read_text("utf-8")


def load_migrations() -> list[tuple[str, str]]:
    """(name, text) of each migration in order; psql's `\\ir` lines are replaced by their files."""
    folder = _root().joinpath("migrations")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
    return [
        (name.removesuffix(".sql"), _expand(folder.joinpath(name).read_text("utf-8")))
        for name in names
    ]


def _expand(text: str) -> str:
    return _INCLUDE.sub(lambda found: _root().joinpath(found[1]).read_text("utf-8"), text)


def _root() -> Traversable:
    return files("sql")
