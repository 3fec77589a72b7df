"""POST /users/{userId}/erasure and GET /users/{userId}/export: who may, and what becomes of it."""

from __future__ import annotations

import json

import pytest

from tests.checker import check_invariants, connect, until, until_settled
from tests.harness import Answer, Backends, Scoreboard, new_user
from tests.ledger.test_erasures import named
from tests.web.description import faults_of_answer
from tests.web.support import query

ERASURE, EXPORT = "/users/{userId}/erasure", "/users/{userId}/export"


async def ask(
    running: Scoreboard, method: str, path: str, user_id: str, scope: str = "admin", **body: object
) -> Answer:
    """A request of an administrator; the answer is as it is described."""
    bearer = running.bearer("admin-1", scope)
    answer = await running.send(
        method,
        path.replace("{userId}", user_id),
        headers={"Authorization": f"Bearer {bearer}"},
        **({"json": body} if body else {}),
    )
    assert faults_of_answer(method, path, answer) == []
    return answer


async def test_a_user_is_exported_and_then_erased(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    alice, bob = new_user(), new_user()
    await scoreboard.increment(alice, 10)
    await scoreboard.increment(bob, 5)
    held = await ask(scoreboard, "GET", EXPORT, alice)
    assert held.status == 200
    assert held.headers["X-Request-ID"]
    assert held.body["userId"] == alice
    assert [each["kind"] for each in held.body["acts"]] == ["export"]
    assert [each["delta"] for each in held.body["events"]] == [10]
    assert bob not in json.dumps(held.body)
    begun = await ask(scoreboard, "POST", ERASURE, alice, reason=f"case of {alice}")
    assert (begun.status, begun.body["boards"], begun.body["repeated"]) == (202, ["main"], False)
    again = await ask(scoreboard, "POST", ERASURE, alice, reason="case 17")
    assert (again.body["actId"], again.body["boards"]) == (begun.body["actId"], [])
    assert again.body["repeated"] is True
    assert (await scoreboard.increment(alice, 1)).code == "user_suspended"
    async with connect(backends.database_url) as owner:
        await owner.execute("UPDATE erasures SET due_at = now()")

        async def is_forgotten() -> bool:
            return await named(owner, alice) == []

        await until(is_forgotten)
        tombstone = await owner.fetchval("SELECT user_id::text FROM acts WHERE kind = 'erasure'")
    gone = await ask(scoreboard, "POST", ERASURE, alice, reason="case 17")
    assert (gone.status, gone.code) == (404, "not_found")
    assert (await ask(scoreboard, "GET", EXPORT, alice)).status == 404
    refused = await ask(scoreboard, "POST", ERASURE, tombstone, reason="case 17")
    assert (refused.status, refused.code) == (409, "user_erased")
    assert (await ask(scoreboard, "GET", EXPORT, tombstone)).code == "user_erased"
    async with connect(backends.database_url) as owner:
        assert await named(owner, alice) == []
    await until_settled(backends.database_url)
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )


@pytest.mark.parametrize("scope", ["moderator", "scores:bonus"])
async def test_administrators_alone_may_and_refusals_are_recorded(
    scoreboard: Scoreboard, backends: Backends, scope: str
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 10)
    assert (await ask(scoreboard, "GET", EXPORT, alice, scope)).code == "insufficient_scope"
    refused = await ask(scoreboard, "POST", ERASURE, alice, scope, reason="a reason")
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    rows = await query(
        backends.database_url, "SELECT kind, outcome, actor FROM acts ORDER BY act_id"
    )
    assert [tuple(row) for row in rows] == [
        ("export", "insufficient_scope", "admin-1"),
        ("erasure", "insufficient_scope", "admin-1"),
    ]
    for method, path in (("GET", EXPORT), ("POST", ERASURE)):
        nobody = await scoreboard.send(method, path.replace("{userId}", alice))
        assert (nobody.status, nobody.code) == (401, "auth_required")


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
async def test_a_reason_must_say_something(scoreboard: Scoreboard, reason: str) -> None:
    answer = await ask(scoreboard, "POST", ERASURE, new_user(), reason=reason)
    assert (answer.status, answer.code) == (400, "invalid_payload")


async def test_what_is_no_user_is_refused(scoreboard: Scoreboard) -> None:
    assert (await ask(scoreboard, "GET", EXPORT, "x")).code == "invalid_payload"
    assert (await ask(scoreboard, "POST", ERASURE, "x", reason="y")).code == "invalid_payload"
