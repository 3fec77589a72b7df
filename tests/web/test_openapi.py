"""The description is valid, complete, and true."""

from __future__ import annotations

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from scoreboard import __version__
from scoreboard.domain.identifiers import BoardId
from scoreboard.web.problems import STATUS_BY_CODE
from tests.harness import Answer, Backends, Scoreboard, new_user, run_scoreboard
from tests.web.description import DOCUMENT, faults, faults_of_answer, operations, resolve
from tests.web.support import ABSENT, Draft

OTHER_PROTOCOLS = {"/ws", "/sse"}
FOR_PEOPLE = {"/", "/docs", "/console", "/assets/{}"}
PROBLEM = "application/problem+json"
INCREMENT = "/scores/increment"


def test_the_description_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    validate(DOCUMENT)


def test_the_description_names_the_version_of_the_service() -> None:
    assert DOCUMENT["info"]["version"] == __version__


async def test_the_description_is_served_as_it_is(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get("/openapi.json")
    assert (answer.status, answer.body) == (200, DOCUMENT)
    assert answer.headers["Content-Type"] == "application/json"


def _nameless(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


async def test_every_route_is_described_and_every_described_route_is_there(
    scoreboard: Scoreboard,
) -> None:
    routes = {
        (route.method, _nameless(route.resource.canonical))
        for route in scoreboard.service._build_app()[0].router.routes()
        if route.resource and route.method != "HEAD"
    }
    served = {each for each in routes if each[1] not in OTHER_PROTOCOLS | FOR_PEOPLE}
    assert served == {(method, _nameless(path)) for method, path in operations()}


def _described_codes() -> dict[str, set[str]]:
    """The statuses under which each code is described."""
    found: dict[str, set[str]] = {}
    for operation in operations().values():
        for status, response in operation["responses"].items():
            content = resolve(response).get("content", {})
            for code in content.get(PROBLEM, {}).get("examples", {}):
                found.setdefault(code, set()).add(status)
    return found


def test_every_code_is_described_under_its_status() -> None:
    assert _described_codes() == {code: {str(status)} for code, status in STATUS_BY_CODE.items()}
    assert DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(
        STATUS_BY_CODE
    )


def test_every_problem_is_a_component() -> None:
    for operation in operations().values():
        for status, response in operation["responses"].items():
            assert status < "400" or "$ref" in response or "application/json" in response["content"]


def _media() -> list[dict[str, Any]]:
    components = DOCUMENT["components"]
    holders = [*components["responses"].values(), *components["requestBodies"].values()]
    for operation in operations().values():
        holders += map(resolve, operation["responses"].values())
    return [media for holder in holders for media in holder.get("content", {}).values()]


def test_every_example_is_as_its_schema_says() -> None:
    checked = 0
    for media in _media():
        values = [resolve(each)["value"] for each in media.get("examples", {}).values()]
        for value in [*values, *([media["example"]] if "example" in media else [])]:
            assert faults(media["schema"], value) == []
            checked += 1
    for parameter in DOCUMENT["components"]["parameters"].values():
        if "example" in parameter:
            assert faults(parameter["schema"], parameter["example"]) == []
    assert checked > len(STATUS_BY_CODE)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("Receipt", {"score": 1, "rank": 0}),
        ("Receipt", {"score": 1, "rank": 1, "more": 1}),
        ("Problem", {"code": "not_found"}),
        ("Timestamp", "2026-01-31 12:00:00"),
        ("IncrementRequest", {"userId": "alice", "delta": 1, "actionToken": "x"}),
    ],
)
def test_the_schemas_are_strict(schema: str, value: object) -> None:
    assert faults({"$ref": f"#/components/schemas/{schema}"}, value)


async def _increment_answers(running: Scoreboard) -> list[Answer]:
    applied = Draft(running)
    drafts = [
        applied,
        applied,
        Draft(running, headers={"Authorization": ABSENT}),
        Draft(running, headers={"Authorization": "Bearer x.y.z"}),
        Draft(running, headers={"X-Action-Nonce": ABSENT}),
        Draft(running, headers={"Content-Type": "text/plain"}),
        Draft(running, headers={"If-Match": "7"}),
        Draft(running, headers={"If-Match": '"7"'}),
        Draft(running, body={"delta": "5"}),
        Draft(running, body={"actionToken": "x.y.z"}),
        Draft(running, body={"userId": new_user()}),
        Draft(running, granted_s=120),
    ]
    return [await draft.send() for draft in drafts]


async def test_answers_to_increments_are_as_described(scoreboard: Scoreboard) -> None:
    answers = await _increment_answers(scoreboard)
    assert {each.status for each in answers} == {200, 400, 401, 403, 409}
    for answer in answers:
        assert faults_of_answer("POST", INCREMENT, answer) == [], answer


async def test_answers_on_boards_are_as_described(scoreboard: Scoreboard, arena: BoardId) -> None:
    path = f"/boards/{{boardId}}{INCREMENT}"
    for board_id, delta in ((arena, 5), (arena, 30), (arena, 60), (BoardId("nowhere"), 5)):
        answer = await Draft(scoreboard, board_id=board_id, delta=delta).send()
        assert faults_of_answer("POST", path, answer) == [], answer


async def test_limited_answers_are_as_described(backends: Backends) -> None:
    async with run_scoreboard(backends, rate_ip_burst=1, rate_ip_per_s=0.001) as running:
        answers = [await running.get("/scores/top") for _ in range(2)]
    assert [each.status for each in answers] == [200, 429]
    for answer in answers:
        assert faults_of_answer("GET", "/scores/top", answer) == [], answer


async def test_answers_to_reads_are_as_described(scoreboard: Scoreboard) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 5)
    top = await scoreboard.get("/scores/top")
    known = {"If-None-Match": top.headers["ETag"]}
    answers = {
        "/scores/top": [
            top,
            await scoreboard.get("/scores/top?limit=0"),
            await scoreboard.get("/scores/top", headers=known),
            await scoreboard.send("POST", "/scores/top"),
        ],
        "/scores/{userId}": [
            await scoreboard.get(f"/scores/{alice}"),
            await scoreboard.get("/scores/alice"),
            await scoreboard.get(f"/scores/{new_user()}"),
        ],
        "/scores/{userId}/around": [
            await scoreboard.get(f"/scores/{alice}/around"),
            await scoreboard.get(f"/scores/{alice}/around?radius=0"),
            await scoreboard.get(f"/scores/{new_user()}/around"),
        ],
        "/healthz": [await scoreboard.get("/healthz")],
        "/readyz": [await scoreboard.get("/readyz")],
        "/openapi.json": [await scoreboard.get("/openapi.json")],
    }
    for path, given in answers.items():
        for answer in given:
            assert faults_of_answer("GET", path, answer) == [], answer


@pytest.mark.parametrize(
    ("scope", "delta", "status"),
    [("actions:grant", 5, 201), ("actions:grant", 0, 400), ("scores:write", 5, 403)],
)
async def test_answers_to_grants_are_as_described(
    scoreboard: Scoreboard, scope: str, delta: int, status: int
) -> None:
    answer = await scoreboard.send(
        "POST",
        "/actions",
        json={"userId": new_user(), "action": "win", "delta": delta},
        headers={"Authorization": f"Bearer {scoreboard.bearer('game-server', scope)}"},
    )
    assert answer.status == status
    assert faults_of_answer("POST", "/actions", answer) == []
