"""The client's own words are the service's: neither imports the other's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
from hypothesis import given, settings

from scoreboard.client.frames import SUBPROTOCOL, Frame, Said, read_frame
from scoreboard.client.problems import PROBLEMS
from scoreboard.domain import frames
from scoreboard.domain.frames import encode_frame
from scoreboard.web.problems import STATUS_BY_CODE
from tests.gateway.any_frame import STRUCTS, any_frame, is_clients

ROOT = Path(__file__).parents[2]
CLIENTS = [tag for tag, struct in STRUCTS.items() if is_clients(struct)]
SERVERS = [tag for tag in STRUCTS if tag not in CLIENTS]
LEFT_OUT = {"error": {"requestId"}, "bye": {"code"}}
"""What this client does not look at."""


@settings(deadline=None)
@given(any_frame(SERVERS))
def test_the_client_understands_all_that_the_service_says(frame: msgspec.Struct) -> None:
    sent = json.loads(encode_frame(frame))
    read = read_frame(encode_frame(frame))
    assert read is not None
    understood = json.loads(msgspec.json.encode(read))
    for name in sent.keys() - LEFT_OUT.get(sent["type"], set()):
        assert understood[name] == sent[name]


@settings(deadline=None)
@given(any_frame(CLIENTS))
def test_the_service_understands_all_that_the_client_says(frame: msgspec.Struct) -> None:
    tags = {each.__struct_config__.tag: each for each in get_args(Said)}
    said = tags[frame.__struct_config__.tag](**msgspec.structs.asdict(frame))
    assert msgspec.json.decode(msgspec.json.encode(said), type=type(frame)) == frame


def test_every_kind_of_frame_is_known() -> None:
    known = {each.__struct_config__.tag for each in (*get_args(Frame), *get_args(Said))}
    assert known == STRUCTS.keys()


def test_every_code_has_a_class() -> None:
    assert PROBLEMS.keys() == STATUS_BY_CODE.keys()


def test_the_subprotocol_is_the_services() -> None:
    assert SUBPROTOCOL == frames.SUBPROTOCOL


def test_the_client_loads_no_library_of_the_service() -> None:
    others = {"asyncpg", "redis", "aio_pika", "jwt", "cryptography", "rich", "prometheus_client"}
    script = f"import scoreboard.client, sys; sys.exit(','.join({others!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False
    )
    assert done.stderr == b"\n"
