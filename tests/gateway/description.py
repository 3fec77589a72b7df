"""The machine-readable protocol, and whether a frame is as it says."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

DOCUMENT: dict[str, Any] = json.loads(
    files("scoreboard.web").joinpath("asyncapi.json").read_text("utf-8")
)
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
MESSAGES: dict[str, dict[str, Any]] = DOCUMENT["components"]["messages"]


def schema_of(message: str) -> dict[str, Any]:
    """The schema of the frames of that `type`."""
    return SCHEMAS[MESSAGES[message]["payload"]["$ref"].rpartition("/")[2]]


def faults(frame: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """What is wrong with a frame; empty where it is as the schema of its `type` says."""
    return [str(error.message) for error in _validator(frame["type"]).iter_errors(frame)]


@cache
def _validator(message: str) -> jsonschema_rs.Draft7Validator:
    payload = MESSAGES[message]["payload"]
    return jsonschema_rs.Draft7Validator({"allOf": [payload], "components": DOCUMENT["components"]})
