"""JSON Schemas as types in words, and as tables of members."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from tests.api_reference.markup import blocks, code, inline, link, table

Schema = dict[str, Any]

_BOUNDS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "pattern": "matches {}",
    "default": "{} where it is not given",
}
_SAFE_INTEGER = 2**53 - 1


class Schemas:
    """The schemas of one document. `prefix` keeps the anchors of two documents apart."""

    def __init__(self, document: dict[str, Any], prefix: str) -> None:
        self._document = document
        self._named: dict[str, Schema] = document["components"]["schemas"]
        self._prefix = prefix

    def resolve(self, node: Any) -> Any:  # noqa: ANN401 - whatever stands there
        """What the node stands for."""
        while "$ref" in node:
            found: Any = self._document
            for name in node["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            node = found
        return node

    def anchor(self, name: str) -> str:
        """Where a named schema is described."""
        return f"{self._prefix}-{name}"

    def type_of(self, schema: Schema) -> str:
        """The type in words; what has a name of its own is linked."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return link(self.anchor(name), escape(name))
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return " or ".join(self.type_of(each) for each in schema[word])
        if "allOf" in schema:
            return self._all_of(schema["allOf"])
        if literals := schema.get("enum", [schema["const"]] if "const" in schema else []):
            return " or ".join(code(json.dumps(each)) for each in literals)
        if schema.get("type") == "array":
            return f"array of {self.type_of(schema.get('items', {}))}"
        return escape(str(schema.get("type", "any value")))

    def _all_of(self, parts: list[Schema]) -> str:
        named = [self.type_of(each) for each in parts if "$ref" in each]
        codes = [
            code(each)
            for part in parts
            for each in part.get("properties", {}).get("code", {}).get("enum", ())
        ]
        return " and ".join(named) + (f" with {' or '.join(codes)}" if codes else "")

    def members(self, caption: str, schema: Schema) -> str:
        """The table of an object's members; empty for what is no object."""
        schema = self.resolve(schema)
        required = schema.get("required", ())
        rows = [
            (
                code(name) + ("" if name in required else ' <span class="soft">optional</span>'),
                self.type_of(member),
                self.notes(member),
            )
            for name, member in self._properties(schema).items()
        ]
        return table(caption, ("member", "type", "meaning"), rows)

    def _properties(self, schema: Schema) -> dict[str, Schema]:
        found: dict[str, Schema] = {}
        for part in schema.get("allOf", ()):
            found |= self._properties(self.resolve(part))
        found |= schema.get("properties", {})
        return found

    def notes(self, schema: Schema) -> str:
        """What it means, and its bounds where they are not told by its name."""
        told = inline(schema["description"]) if "description" in schema else ""
        bounds = "" if "$ref" in schema else _bounds(schema)
        if not told and "$ref" in schema:
            told = inline(self.resolve(schema).get("description", ""))
        return " ".join(part for part in (told, bounds) if part)

    def render(self) -> str:
        """All of them, by name."""
        return "".join(
            f'<section class="entry" id="{self.anchor(name)}"><h3>{escape(name)}</h3>'
            f"{self._body(name, schema)}</section>"
            for name, schema in self._named.items()
        )

    def _body(self, name: str, schema: Schema) -> str:
        told = blocks(schema["description"]) if "description" in schema else ""
        members = self.members(f"Members of {name}", schema)
        if members:
            return told + members
        return f"{told}<p>{self.type_of(schema)} {_bounds(schema)}</p>"


def _bounds(schema: Schema) -> str:
    # What JSON numbers can hold in every language bounds all of them: no need to say it each time.
    texts = [
        text.format(code(str(schema[name])))
        for name, text in _BOUNDS.items()
        if name in schema
        and not (isinstance(schema[name], int) and abs(schema[name]) >= _SAFE_INTEGER)
    ]
    return f'<span class="soft">{", ".join(texts)}</span>' if texts else ""
