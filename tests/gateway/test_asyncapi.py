"""The machine-readable protocol is valid, strict, and says what the frames are."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard import __version__
from scoreboard.domain import frames
from scoreboard.domain.frames import AROUND_VIEWS, SUBPROTOCOL, TOP_VIEWS, USERS_MAX, encode_frame
from scoreboard.domain.standings import Entry, PlacedEntry
from scoreboard.gateway.codes import CloseCode
from tests.gateway.description import DOCUMENT, MESSAGES, SCHEMAS, faults, schema_of
from tests.harness import Scoreboard

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "realtime.md"
WS, SSE = DOCUMENT["channels"]["ws"], DOCUMENT["channels"]["sse"]

STRUCTS: dict[str, type[msgspec.Struct]] = {
    str(each.__struct_config__.tag): each
    for _, each in inspect.getmembers(frames, inspect.isclass)
    if issubclass(each, msgspec.Struct) and each.__struct_config__.tag is not None
}
NESTED: dict[str, type[msgspec.Struct]] = {"Entry": Entry, "PlacedEntry": PlacedEntry}


def is_clients(struct: type[msgspec.Struct]) -> bool:
    """Whether clients send it: only what they say is read strictly."""
    return struct.__struct_config__.forbid_unknown_fields


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


USER_IDS = st.uuids().map(str)
SCORES = st.integers(-(2**53) + 1, 2**53 - 1)
RANKS = st.integers(1, 2**40)
COUNTS = st.integers(0, 2**53)
TEXTS = st.text('aé"\\ \n')
EPOCHS = st.text("0123456789abcdef", min_size=12, max_size=12)
ENTRIES = st.builds(Entry, USER_IDS, SCORES, RANKS)
PLACED = st.builds(PlacedEntry, USER_IDS, SCORES, RANKS, st.integers(1, 50))
TIMES = st.datetimes().map(lambda at: f"{at:%FT%T}.{at.microsecond:06}Z".rjust(27, "0"))
TOPS = st.sampled_from(list(TOP_VIEWS))
VIEWS = st.sampled_from([*TOP_VIEWS, *AROUND_VIEWS, frames.ME, frames.USERS])
OF_ANY: dict[str, st.SearchStrategy[Any]] = {
    "view": TOPS,
    "board": st.text("abz09_-", max_size=63).map("m".__add__),
    "epoch": EPOCHS,
    "version": COUNTS,
    "base": COUNTS,
    "entries": st.lists(ENTRIES, max_size=10).map(tuple),
    "changed": st.lists(PLACED, max_size=10).map(tuple),
    "removed": st.lists(USER_IDS, max_size=10, unique=True).map(tuple),
    "generated_at": TIMES,
    "expires_at": TIMES,
    "reset": st.booleans(),
    "user_id": USER_IDS,
    "score": st.none() | SCORES,
    "rank": st.none() | RANKS,
    "of": COUNTS,
    "stale": st.booleans(),
    "code": st.sampled_from(["not_found", "invalid_payload"]),
    "request_id": st.none() | TEXTS,
    "reconnect_in_ms": st.tuples(COUNTS, COUNTS),
    "users": st.none() | st.lists(USER_IDS.map(str.upper), max_size=USERS_MAX).map(tuple),
    "token": st.text("aZ9.-_", min_size=1, max_size=2048),
}
OF_ONE: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("around", "view"): st.sampled_from(list(AROUND_VIEWS)),
    ("users", "view"): st.just(frames.USERS),
    ("error", "view"): st.none() | TEXTS,
    ("subscribe", "view"): VIEWS,
    ("unsubscribe", "view"): VIEWS,
    ("subscribe", "epoch"): st.none() | EPOCHS,
    ("subscribe", "version"): st.none() | COUNTS,
    ("me", "version"): st.none() | COUNTS,
    ("bye", "code"): st.sampled_from([code for code in CloseCode if code < 4500]).map(int),
}


@st.composite
def any_frame(draw: st.DrawFn) -> msgspec.Struct:
    """A frame of any type, with any members that it may have."""
    tag = draw(st.sampled_from(sorted(STRUCTS)))
    struct = STRUCTS[tag]
    names = [each.name for each in msgspec.structs.fields(struct)]
    return struct(**{name: draw(OF_ONE.get((tag, name), OF_ANY[name])) for name in names})


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
