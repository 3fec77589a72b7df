"""The machine-readable protocol is valid, strict, and says what the frames are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given, settings

from scoreboard import __version__
from scoreboard.domain.frames import AROUND_VIEWS, SUBPROTOCOL, TOP_VIEWS, encode_frame
from scoreboard.domain.standings import Entry, PlacedEntry
from scoreboard.gateway.codes import CloseCode
from tests.gateway.any_frame import STRUCTS, any_frame, is_clients
from tests.gateway.description import DOCUMENT, MESSAGES, SCHEMAS, faults, schema_of
from tests.harness import Scoreboard

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "realtime.md"
WS, SSE = DOCUMENT["channels"]["ws"], DOCUMENT["channels"]["sse"]

NESTED: dict[str, type[msgspec.Struct]] = {"Entry": Entry, "PlacedEntry": PlacedEntry}


def test_the_description_is_valid_asyncapi() -> None:
    schema = json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text("utf-8"))
    found = jsonschema_rs.validator_for(schema).iter_errors(DOCUMENT)
    assert [f"{each.instance_path}: {each.message}" for each in found] == []


def test_the_description_names_the_version_of_the_service() -> None:
    assert DOCUMENT["info"]["version"] == __version__


async def test_the_description_is_served_as_it_is(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get("/asyncapi.json")
    assert (answer.status, answer.body) == (200, DOCUMENT)
    assert answer.headers["Content-Type"] == "application/json"


def _references(node: Any) -> set[str]:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def test_every_reference_leads_somewhere() -> None:
    for reference in _references(DOCUMENT):
        found: Any = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        assert found


def test_every_frame_is_a_message_and_every_message_a_frame() -> None:
    assert MESSAGES.keys() == STRUCTS.keys()
    assert WS["messages"].keys() == STRUCTS.keys()
    to_page = {name for name, struct in STRUCTS.items() if not is_clients(struct)}
    assert SSE["messages"].keys() == to_page - {"error"}  # nobody can be refused a frame there


def _always_there(struct: type[msgspec.Struct]) -> set[str]:
    """What the server always sends, or what a client must."""
    may_lack = is_clients(struct) or struct.__struct_config__.omit_defaults
    fields = msgspec.structs.fields(struct)
    return {each.encode_name for each in fields if each.required or not may_lack}


@pytest.mark.parametrize("name", [*STRUCTS, *NESTED])
def test_members_are_those_of_the_struct(name: str) -> None:
    struct = STRUCTS.get(name) or NESTED[name]
    schema = SCHEMAS[name] if name in NESTED else schema_of(name)
    tag = set() if name in NESTED else {"type"}
    members = {each.encode_name for each in msgspec.structs.fields(struct)}
    assert schema["properties"].keys() == tag | members
    assert set(schema["required"]) == tag | _always_there(struct)
    assert schema["additionalProperties"] is False


@settings(deadline=None)
@given(any_frame())
def test_every_frame_is_as_its_schema_says(frame: msgspec.Struct) -> None:
    encoded = msgspec.json.decode(encode_frame(frame))
    assert faults(encoded) == []
    assert faults({**encoded, "more": 1})
    for name in schema_of(encoded["type"])["required"]:
        if name != "type":
            assert faults({key: value for key, value in encoded.items() if key != name})


def test_examples_are_as_their_schemas_say_and_can_be_read() -> None:
    for name, message in MESSAGES.items():
        for example in message["examples"]:
            assert example["payload"]["type"] == name
            assert faults(example["payload"]) == []
            msgspec.json.decode(json.dumps(example["payload"]), type=STRUCTS[name])


@pytest.mark.parametrize(
    ("frame", "member", "value"),
    [
        ("snapshot", "view", "top:11"),
        ("snapshot", "board", "Main"),
        ("snapshot", "generatedAt", "2026-01-31 12:00:00"),
        ("snapshot", "entries", [{"userId": "alice", "score": 1, "rank": 1}]),
        ("snapshot", "reset", False),
        ("delta", "base", None),
        ("delta", "removed", [""]),
        ("around", "view", "around:26"),
        ("around", "view", "around:0"),
        ("users", "view", "top:10"),
        ("bye", "reconnectInMs", [1]),
        ("bye", "reconnectInMs", [1, 2, 3]),
        ("status", "stale", "yes"),
        ("subscribe", "version", -1),
        ("subscribe", "users", ["alice"]),
        ("authenticate", "token", ""),
    ],
)
def test_the_schemas_are_strict(frame: str, member: str, value: object) -> None:
    (example, *_) = MESSAGES[frame]["examples"]
    assert faults({**example["payload"], member: value})


def test_views_are_those_that_are_shown() -> None:
    assert SCHEMAS["TopView"]["enum"] == list(TOP_VIEWS)
    pattern = re.compile(SCHEMAS["AroundView"]["pattern"])
    named = {f"around:{radius}" for radius in range(-1, 1000)}
    assert {view for view in named if pattern.search(view)} == set(AROUND_VIEWS)
    assert (
        SCHEMAS["Around"]["properties"]["entries"]["maxItems"] == 2 * max(AROUND_VIEWS.values()) + 1
    )


def test_close_codes_are_those_of_the_page_and_of_the_code() -> None:
    told = {
        (int(code), meaning, comes.startswith("yes"))
        for code, meaning, comes in re.findall(
            r"^\| (\d{4}) \| (.*?) \| (yes|no).*\|$", PAGE.read_text("utf-8"), re.MULTILINE
        )
    }
    assert {(each["code"], each["meaning"], each["comeBack"]) for each in WS["x-close-codes"]} == (
        told
    )
    assert set(CloseCode) <= {code for code, _, _ in told}


def test_the_subprotocol_is_the_one_that_is_spoken() -> None:
    headers = WS["bindings"]["ws"]["headers"]["properties"]
    assert headers["Sec-WebSocket-Protocol"]["const"] == SUBPROTOCOL
