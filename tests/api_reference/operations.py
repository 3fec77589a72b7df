"""What is asked and answered, from openapi.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from scoreboard.web.problems import STATUS_BY_CODE
from tests.api_reference.markup import blocks, code, example, inline, json_example, link, table
from tests.api_reference.schemas import Schemas

BOARD = "/boards/{boardId}"
PROBLEM = "application/problem+json"
_STATUS_OK = 400


@dataclass(frozen=True)
class Operation:
    """One operation, and the form of it that names a board."""

    method: str
    path: str
    content: dict[str, Any]
    on_board: dict[str, Any] | None

    @property
    def anchor(self) -> str:
        """Where it is described."""
        return str(self.content["operationId"])

    @property
    def title(self) -> str:
        """Method and path, ready."""
        return titled(self.method, self.path)


def titled(method: str, path: str) -> str:
    """Method and path, ready."""
    return f'<span class="method">{method}</span> <span class="path">{escape(path)}</span>'


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """All of them; those for a named board with the plain ones."""
    paths = document["paths"]
    for path, item in paths.items():
        for method, content in item.items():
            if not path.startswith(BOARD):
                twin = paths.get(BOARD + path, {}).get(method)
                yield Operation(method.upper(), path, content, twin)


class OperationTexts:
    """Renders operations of one document."""

    def __init__(self, document: dict[str, Any], schemas: Schemas) -> None:
        self._schemas = schemas
        self._resolve = schemas.resolve
        self._examples = document["components"]["examples"]

    def render(self, operation: Operation) -> str:
        """The section of an operation."""
        content = operation.content
        parts = (
            f"<h3>{operation.title}</h3>",
            f'<p class="summary">{inline(content["summary"])}</p>',
            blocks(content["description"]),
            _on_board(operation),
            _needs(content["security"]),
            self._parameters(content),
            self._request(operation),
            self._responses(content["responses"]),
        )
        return f'<section class="entry" id="{operation.anchor}">{"".join(parts)}</section>'

    def errors(self) -> str:
        """Every code of a problem."""
        rows = (
            (
                f'<span id="code-{code_}">{code(code_)}</span>',
                str(status),
                inline(self._examples[code_]["value"]["detail"]),
            )
            for code_, status in STATUS_BY_CODE.items()
        )
        return table("Codes of problems", ("code", "status", "what it means"), rows)

    def _parameters(self, content: dict[str, Any]) -> str:
        rows = [
            (
                code(each["name"])
                + ("" if each.get("required") else ' <span class="soft">optional</span>'),
                escape(each["in"]),
                self._schemas.type_of(each["schema"]),
                _joined(inline(each.get("description", "")), self._schemas.notes(each["schema"])),
            )
            for each in map(self._resolve, content["parameters"])
        ]
        return table("Parameters", ("name", "in", "type", "meaning"), rows)

    def _request(self, operation: Operation) -> str:
        content = operation.content
        if "requestBody" not in content:
            return example("Request", _curl(operation, None))
        body = self._resolve(content["requestBody"])
        (media,) = body["content"].values()
        members = self._schemas.members("Members of the body", media["schema"])
        told = f"<p>{inline(body['description'])}</p>"
        return members + told + example("Request", _curl(operation, media["example"]))

    def _responses(self, responses: dict[str, Any]) -> str:
        rows = []
        shown = ""
        for status, given in responses.items():
            response = self._resolve(given)
            content = response.get("content", {})
            rows.append((status, inline(response["description"]), self._body(content)))
            for media in content.values():
                if int(status) < _STATUS_OK and "example" in media:
                    shown += json_example(f"Answer {status}", media["example"])
        return table("Answers", ("status", "when", "body"), rows) + shown

    def _body(self, content: dict[str, Any]) -> str:
        cells = []
        for kind, media in content.items():
            codes = ", ".join(
                link(f"code-{name}", code(name)) for name in media.get("examples", ())
            )
            is_problem = kind == PROBLEM and codes
            cells.append(codes if is_problem else self._schemas.type_of(media["schema"]))
        return "<br>".join(cells)


def _on_board(operation: Operation) -> str:
    if operation.on_board is None:
        return ""
    anchor = operation.on_board["operationId"]
    address = f"{operation.method} {BOARD}{operation.path}"
    return f'<p id="{anchor}">On any other board: {code(address)}</p>'


def _needs(security: list[dict[str, list[str]]]) -> str:
    scopes = [code(scope) for each in security for scopes in each.values() for scope in scopes]
    return f"<p>Needs a Bearer token with the scope {' or '.join(scopes)}.</p>" if scopes else ""


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def _curl(operation: Operation, body: object) -> str:
    path = operation.path.replace("{userId}", "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab")
    lines = [f"curl $URL{path}"]
    if operation.content["security"]:
        lines.append('-H "Authorization: Bearer $BEARER"')
    if any(each.get("$ref", "").endswith("/Nonce") for each in operation.content["parameters"]):
        lines.append('-H "X-Action-Nonce: $NONCE"')
    if body is not None:
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(body)}'"]
    return " \\\n  ".join(lines)
