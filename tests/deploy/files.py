"""What the deployment's files say, read as their tools read them."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
DOCKERFILE = ROOT / "Dockerfile"

_VARIABLE = re.compile(r"\$(?:\$|{(?P<name>\w+)(?::(?P<kind>[?-])(?P<word>[^}]*))?})")


@dataclass(frozen=True)
class Instruction:
    """One instruction of the Dockerfile; `words` of a JSON form or of a shell-like one."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The arguments."""
        if self.text.startswith("["):
            words: list[str] = json.loads(self.text)
            return words
        return shlex.split(self.text)


def read_dockerfile() -> list[Instruction]:
    """The instructions in order, comments and line breaks taken out."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    text = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        Instruction(*line.split(maxsplit=1)) for line in text.splitlines() if line and " " in line
    ]


def last(name: str) -> Instruction:
    """The instruction of that name which counts: the last one."""
    return [each for each in read_dockerfile() if each.name == name][-1]


def image_environment() -> dict[str, str]:
    """What the final stage sets."""
    return dict(word.split("=", 1) for word in last("ENV").words)


def is_ignored(path: Path) -> bool:
    """Whether .dockerignore keeps the file out: the last rule that it or a folder above meets."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if _meets(path.relative_to(ROOT), line.removeprefix("!")):
            ignored = not line.startswith("!")
    return ignored


def _meets(path: Path, pattern: str) -> bool:
    names = [str(each) for each in (path, *path.parents) if each.name]
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatchcase(Path(name).name, pattern[3:]) for name in names)
    return any(fnmatch.fnmatchcase(name, pattern) for name in names)


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The composition with its variables filled in; KeyError where a required one is missing."""
    document: dict[str, Any] = _fill(read_compose_text(), variables)
    return document


def read_compose_text() -> dict[str, Any]:
    """The composition as it is written."""
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return document


def variables_of(node: Any) -> set[str]:  # noqa: ANN401 - any part of a document
    """The names of the variables that are used."""
    found = [each["name"] for text in texts_of(node) for each in _VARIABLE.finditer(text)]
    return {name for name in found if name}


def texts_of(node: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a document
    """Every text in it."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from texts_of(each)
    elif isinstance(node, str):
        yield node


def _fill(node: Any, variables: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of a document
    if isinstance(node, dict):
        return {name: _fill(each, variables) for name, each in node.items()}
    if isinstance(node, list):
        return [_fill(each, variables) for each in node]
    return _VARIABLE.sub(lambda m: _value(m, variables), node) if isinstance(node, str) else node


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name = found["name"]
    if name is None:
        return "$"
    value = variables.get(name, "")
    if not value and found["kind"] == "?":
        raise KeyError(name)
    return value or found["word"] or ""


def read_example() -> dict[str, str]:
    """The variables of .env.example."""
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
