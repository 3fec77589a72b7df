"""The interface's own description, and whether an answer is as it says."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema_rs

from tests.harness import Answer

DOCUMENT: dict[str, Any] = json.loads(
    files("scoreboard.web").joinpath("openapi.json").read_text("utf-8")
)


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """What the node stands for."""
    while "$ref" in node:
        found: Any = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation by method and path."""
    return {
        (method.upper(), path): operation
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
    }


def faults(schema: dict[str, Any], value: object) -> list[str]:
    """What is wrong with the value; empty where it is as the schema says."""
    validator = jsonschema_rs.validator_for(
        {**schema, "components": DOCUMENT["components"]}, validate_formats=True
    )
    return [str(error.message) for error in validator.iter_errors(value)]


def faults_of_answer(method: str, path: str, answer: Answer) -> list[str]:
    """What is wrong with the answer of an operation: status, type, headers and body."""
    responses = operations()[method, path]["responses"]
    if str(answer.status) not in responses:
        return [f"status {answer.status} is not described"]
    described = resolve(responses[str(answer.status)])
    wrong = []
    for name, header in described["headers"].items():
        if name in answer.headers:
            wrong += faults(resolve(header)["schema"], answer.headers[name])
    content = described.get("content", {})
    sent = answer.headers.get("Content-Type")
    if sent not in content:
        return [*wrong, f"type {sent} is not described"] if content or answer.body else wrong
    return [*wrong, *faults(content[sent]["schema"], answer.body)]
