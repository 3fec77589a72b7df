"""POST and GET /acts, and a user's events: who may, what is answered, what is recorded."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from scoreboard.domain.identifiers import BoardId
from tests.checker import check_invariants, until_settled
from tests.harness import Answer, Backends, Scoreboard, new_user
from tests.web.description import faults_of_answer
from tests.web.support import query

MARKUP = '<script>alert("1")</script> & [bold]loud[/bold]'
ARENA = "/boards/arena/acts"


async def act(
    running: Scoreboard,
    body: dict[str, Any],
    *,
    scope: str = "moderator",
    path: str = "/acts",
    **headers: str,
) -> Answer:
    """An act of a moderator."""
    bearer = running.bearer("moderator-1", scope)
    return await running.send(
        "POST",
        path,
        json={"reason": "a reason", **body},
        headers={"Authorization": f"Bearer {bearer}", **headers},
    )


async def read(running: Scoreboard, path: str, scope: str = "moderator") -> Answer:
    """A read of a moderator."""
    bearer = running.bearer("moderator-2", scope)
    return await running.get(path, headers={"Authorization": f"Bearer {bearer}"})


def entries_of(frame: dict[str, Any]) -> list[Any]:
    """What a snapshot or a delta shows."""
    return [*frame.get("entries", ()), *frame.get("changed", ())]


async def test_a_voided_event_leaves_every_view_at_once_and_comes_back_when_restored(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    alice, bob = new_user(), new_user()
    await scoreboard.increment(alice, 10)
    await scoreboard.increment(bob, 15)
    await scoreboard.increment(alice, 20)
    event = (await query(backends.database_url, "SELECT max(event_id) FROM score_events"))[0][0]
    url = f"{scoreboard.url}/ws?view=top:10"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as watcher:
        await watcher.receive_json()
        void = await act(scoreboard, {"kind": "void", "eventId": event})
        assert void.status == 201
        assert (void.body["score"], void.body["rank"], void.body["delta"]) == (10, 2, -20)
        left = {"userId": alice, "score": 10, "rank": 2}
        async with asyncio.timeout(10):
            while left not in entries_of(await watcher.receive_json()):
                pass
        restored = await act(scoreboard, {"kind": "restore", "eventId": event})
        assert (restored.body["score"], restored.body["rank"]) == (30, 1)
    assert (await scoreboard.get(f"/scores/{alice}")).body["rank"] == 1
    await until_settled(backends.database_url)
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )


@pytest.mark.parametrize(
    ("scope", "kind", "status"),
    [
        ("scores:bonus", "bonus", 201),
        ("moderator", "bonus", 201),
        ("admin", "bonus", 201),
        ("scores:bonus", "correction", 403),
        ("moderator", "correction", 201),
        ("admin", "correction", 201),
    ],
)
async def test_each_scope_admits_its_acts_and_refusals_are_recorded(
    scoreboard: Scoreboard, backends: Backends, scope: str, kind: str, status: int
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 1)
    answer = await act(scoreboard, {"kind": kind, "userId": alice, "delta": 5}, scope=scope)
    assert answer.status == status
    assert faults_of_answer("POST", "/acts", answer) == []
    outcome = "applied" if status == 201 else "insufficient_scope"
    (row,) = await query(backends.database_url, "SELECT * FROM acts")
    assert (row["outcome"], row["kind"], str(row["user_id"])) == (outcome, kind, alice)
    assert (row["actor"], row["scopes"], row["origin"]) == ("moderator-1", [scope], "rest")
    assert (row["client_address"], row["kid"] is not None) == ("127.0.0.1", True)
    assert row["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("scope", ["scores:write", "actions:grant"])
async def test_who_may_do_no_act_at_all_is_logged_and_leaves_nothing_in_the_trail(
    scoreboard: Scoreboard, backends: Backends, capsys: pytest.CaptureFixture[str], scope: str
) -> None:
    alice = new_user()
    bonus = {"kind": "bonus", "userId": alice, "delta": 5}
    refused = [
        ("POST", "/acts", await act(scoreboard, bonus, scope=scope)),
        ("POST", "/acts", await act(scoreboard, {"kind": "nonsense"}, scope=scope)),
        ("GET", "/acts", await read(scoreboard, "/acts", scope)),
        ("GET", "/users/{userId}/events", await read(scoreboard, f"/users/{alice}/events", scope)),
    ]
    for method, path, answer in refused:
        assert (answer.status, answer.code) == (403, "insufficient_scope")
        assert faults_of_answer(method, path, answer) == []
    assert await query(backends.database_url, "SELECT FROM acts") == []
    logged = capsys.readouterr().out
    for _, _, answer in refused:
        assert answer.headers["X-Request-ID"] in logged


async def test_without_a_token_nothing_is_done_or_recorded(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    for method, path in (("POST", "/acts"), ("GET", "/acts"), ("GET", "/users/x/events")):
        assert (await scoreboard.send(method, path)).code == "auth_required"
    assert await query(backends.database_url, "SELECT FROM acts") == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "void", "eventId": 0}, "/eventId"),
        ({"kind": "void", "eventId": "1"}, "/eventId"),
        ({"kind": "void", "eventId": 2**53}, "/eventId"),
        ({"kind": "void"}, ""),
        ({"kind": "void", "eventId": 1, "delta": 5}, ""),
        ({"kind": "nonsense"}, "/kind"),
        ({"kind": "bonus", "userId": "alice", "delta": 5}, "/userId"),
        ({"kind": "bonus", "userId": new_user(), "delta": 0}, "/delta"),
        ({"kind": "void", "eventId": 1, "reason": ""}, "/reason"),
        ({"kind": "void", "eventId": 1, "reason": " "}, "/reason"),
        ({"kind": "void", "eventId": 1, "reason": "x" * 501}, "/reason"),
        ({"kind": "void", "eventId": 1, "reason": "two\nlines"}, "/reason"),
        ({"kind": "void", "eventId": 1, "reason": "nul\x00"}, "/reason"),
        ({"kind": "void", "eventId": 1, "reason": None}, "/reason"),
    ],
)
async def test_an_act_of_another_form_is_refused_where_it_is_wrong(
    scoreboard: Scoreboard, body: dict[str, Any], pointer: str
) -> None:
    answer = await act(scoreboard, body)
    assert (answer.status, answer.code) == (400, "invalid_payload")
    assert [each["pointer"] for each in answer.body["errors"]] == [pointer]
    assert faults_of_answer("POST", "/acts", answer) == []


async def test_what_cannot_be_done_is_answered_by_its_code(
    scoreboard: Scoreboard, backends: Backends, arena: BoardId
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 15, board_id=arena)
    event = (await query(backends.database_url, "SELECT max(event_id) FROM score_events"))[0][0]
    void = {"kind": "void", "eventId": event}
    given = [
        await act(scoreboard, {"kind": "restore", "eventId": event}, path=ARENA),
        await act(scoreboard, {"kind": "correction", "userId": alice, "delta": -36}, path=ARENA),
        await act(scoreboard, {"kind": "bonus", "userId": alice, "delta": 51}, path=ARENA),
        await act(scoreboard, {"kind": "bonus", "userId": alice, "delta": -1}, path=ARENA),
        await act(scoreboard, void, path=ARENA),
        await act(scoreboard, void, path=ARENA),
        await act(scoreboard, void),
        await act(scoreboard, {"kind": "correction", "userId": new_user(), "delta": 1}),
        await act(scoreboard, {"kind": "void", "eventId": event + 1}, path=ARENA),
        await act(scoreboard, void, path="/boards/nowhere/acts"),
    ]
    assert [answer.code for answer in given] == [
        "not_voided", "score_limit", "policy_denied", "policy_denied", "ok", "already_voided",
        "not_found", "not_found", "not_voidable", "not_found",
    ]  # fmt: skip
    for answer in given:
        assert faults_of_answer("POST", "/boards/{boardId}/acts", answer) == []


async def test_a_lost_answer_is_had_again_with_the_same_key(scoreboard: Scoreboard) -> None:
    bonus = {"kind": "bonus", "userId": new_user(), "delta": 5}
    first = await act(scoreboard, bonus, **{"Idempotency-Key": "k-1"})
    again = await act(scoreboard, bonus, **{"Idempotency-Key": "k-1"})
    assert (first.status, again.status) == (201, 200)
    assert again.body == {**first.body, "repeated": True}
    other = await act(scoreboard, {**bonus, "delta": 6}, **{"Idempotency-Key": "k-1"})
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    bad = await act(scoreboard, bonus, **{"Idempotency-Key": "not a key"})
    assert bad.body["errors"][0]["header"] == "Idempotency-Key"
    for answer in (first, again, other, bad):
        assert faults_of_answer("POST", "/acts", answer) == []


async def test_the_trail_is_read_by_moderators_and_says_so(scoreboard: Scoreboard) -> None:
    alice = new_user()
    await act(scoreboard, {"kind": "bonus", "userId": alice, "delta": 5, "reason": MARKUP})
    refused = await read(scoreboard, "/acts", "scores:bonus")
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    answer = await read(scoreboard, f"/acts?user={alice}&kind=bonus&board=main&limit=1")
    (found,) = answer.body["acts"]
    assert (found["reason"], found["actor"], found["userId"]) == (MARKUP, "moderator-1", alice)
    assert answer.body["next"] == found["actId"]
    rest = await read(scoreboard, f"/acts?user={alice}&kind=bonus&before={found['actId']}")
    assert rest.body == {"acts": [], "next": None}
    everything = await read(scoreboard, "/acts", "admin")
    kinds = [(each["kind"], each["outcome"]) for each in everything.body["acts"]]
    assert kinds == [
        ("read_acts", "applied"),
        ("read_acts", "applied"),
        ("read_acts", "applied"),
        ("read_acts", "insufficient_scope"),
        ("bonus", "applied"),
    ]
    for each in (refused, answer, rest, everything):
        assert faults_of_answer("GET", "/acts", each) == []


@pytest.mark.parametrize(
    "parameters",
    ["limit=0", "limit=201", "limit=1&limit=2", "before=0", "before=x", "user=alice", "board=A",
     "kind=nonsense", "actor=", "actor=%00"],
)  # fmt: skip
async def test_a_question_of_another_form_is_refused(
    scoreboard: Scoreboard, parameters: str
) -> None:
    answer = await read(scoreboard, f"/acts?{parameters}")
    assert (answer.status, answer.code) == (400, "invalid_payload")
    assert answer.body["errors"][0]["parameter"] == parameters.partition("=")[0]


async def test_a_users_events_are_for_moderators_and_their_read_is_recorded(
    scoreboard: Scoreboard, arena: BoardId
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 5, board_id=arena)
    path = f"/boards/arena/users/{alice}/events"
    answer = await read(scoreboard, path)
    (event,) = answer.body["events"]
    assert (event["delta"], event["score"], event["source"]) == (5, 5, "win")
    assert (event["actor"], event["actId"], event["undoneBy"]) == (alice, None, None)
    assert faults_of_answer("GET", "/boards/{boardId}/users/{userId}/events", answer) == []
    assert (await read(scoreboard, path, "scores:bonus")).code == "insufficient_scope"
    assert (await read(scoreboard, f"/users/{new_user()}/events")).body["events"] == []
    trail = await read(scoreboard, "/acts?kind=read_events")
    assert [each["outcome"] for each in trail.body["acts"]] == [
        "applied", "insufficient_scope", "applied",
    ]  # fmt: skip
