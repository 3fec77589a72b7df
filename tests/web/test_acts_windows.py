"""Acts about many events over HTTP: previewed, begun, carried out by themselves, and recorded."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from benchmarks.ledger_rows import fill
from scoreboard.domain.identifiers import BoardId, UserId
from tests.checker import check_invariants, connect, until, until_settled
from tests.harness import Answer, Backends, Scoreboard, new_user, run_scoreboard
from tests.web.description import faults_of_answer
from tests.web.support import query
from tests.web.test_acts import MARKUP, act, read

PREVIEW = "/acts/preview"
OF = "/boards/arena/acts"


async def preview(
    running: Scoreboard, body: dict[str, Any], *, scope: str = "moderator", path: str = PREVIEW
) -> Answer:
    """A look at what an act would change, answered as described."""
    bearer = running.bearer("moderator-1", scope)
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = await running.send("POST", path, json=body, headers=headers)
    described = path.replace("arena", "{boardId}")
    assert faults_of_answer("POST", described, answer) == []
    return answer


async def begin(running: Scoreboard, body: dict[str, Any], **more: Any) -> Answer:
    """An act about many events, answered as described."""
    answer = await act(running, body, **more)
    described = more.get("path", "/acts").replace("arena", "{boardId}")
    assert faults_of_answer("POST", described, answer) == []
    return answer


async def progress(running: Scoreboard, act_id: int) -> dict[str, Any]:
    """The act and its run."""
    answer = await running.get(
        f"/acts/{act_id}",
        headers={"Authorization": f"Bearer {running.bearer('moderator-1', 'moderator')}"},
    )
    assert answer.status == 200
    assert faults_of_answer("GET", "/acts/{actId}", answer) == []
    told: dict[str, Any] = answer.body
    return told


async def finished(running: Scoreboard, act_id: int) -> dict[str, Any]:
    """The same once it has come to its end."""

    async def is_finished() -> bool:
        run = (await progress(running, act_id))["run"]
        return bool(run["finishedAt"])

    await until(is_finished, 60)
    return await progress(running, act_id)


async def trail(backends: Backends) -> list[tuple[Any, ...]]:
    """What the audit trail says, in order."""
    found = await query(backends.database_url, "SELECT kind, outcome, reason FROM acts ORDER BY 1")
    return sorted(tuple(each) for each in found)


async def play(running: Scoreboard) -> UserId:
    """A user with events of 10 and 20, beside another one with 15."""
    alice = new_user()
    for points in (10, 20):
        await running.increment(alice, points)
    await running.increment(new_user(), 15)
    return alice


async def test_a_window_is_previewed_begun_watched_and_restored(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    alice = await play(scoreboard)
    window = {"userId": alice, "action": "win", "from": "2026-01-31T12:00:00Z"}
    told = await preview(scoreboard, {"kind": "void", "window": window})
    assert (told.status, told.body["events"], told.body["users"]) == (200, 2, 1)
    assert told.body["changes"] == [
        {
            "userId": alice, "events": 2, "points": 30, "score": 30, "scoreAfter": 0,
            "isSuspended": False,
        }
    ]  # fmt: skip
    assert [(each["score"], each["rank"]) for each in told.body["top"]] == [(15, 1), (0, 2)]
    assert (await scoreboard.get(f"/scores/{alice}")).body["score"] == 30
    url = f"{scoreboard.url}/ws?view=top:10"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as watcher:
        await watcher.receive_json()
        asked = {"kind": "void", "window": {**window, "belowId": told.body["belowId"]}}
        begun = await begin(scoreboard, {**asked, "confirm": 2, "reason": MARKUP})
        assert (begun.status, begun.body["events"], begun.body["repeated"]) == (202, 2, False)
        gone = {"userId": alice, "score": 0, "rank": 2}
        # Sooner than whoever only looks from time to time would have begun.
        async with asyncio.timeout(3):
            while gone not in (await watcher.receive_json()).get("changed", []):
                pass
    done = await finished(scoreboard, begun.body["actId"])
    assert (done["run"]["done"], done["run"]["refused"], done["reason"]) == (2, 0, MARKUP)
    restored = await begin(scoreboard, {"kind": "restore", "actId": done["actId"]})
    await finished(scoreboard, restored.body["actId"])
    await until_settled(backends.database_url)
    assert (await scoreboard.get(f"/scores/{alice}")).body["score"] == 30
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )
    assert await trail(backends) == [
        ("preview", "applied", None),
        ("restore", "applied", "a reason"),
        ("void", "applied", MARKUP),
    ]


async def test_what_is_void_or_restored_already_is_refused_and_recorded(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    await play(scoreboard)
    everything = {"kind": "void", "window": {}}
    begun = await begin(scoreboard, everything)
    await finished(scoreboard, begun.body["actId"])
    assert (await preview(scoreboard, everything)).body["events"] == 0
    twice = await begin(scoreboard, everything)
    assert (twice.status, twice.code) == (404, "not_found")
    assert "void already" in twice.body["detail"]
    back = {"kind": "restore", "actId": begun.body["actId"]}
    await finished(scoreboard, (await begin(scoreboard, back)).body["actId"])
    again = await begin(scoreboard, back)
    assert (again.status, again.code) == (409, "not_voided")
    unknown = await begin(scoreboard, {"kind": "restore", "actId": 10**6})
    assert (unknown.status, unknown.code) == (404, "not_found")
    nobody = {"kind": "void", "window": {"userId": new_user()}}
    assert (await begin(scoreboard, nobody)).code == "not_found"
    outcomes = sorted(outcome for _, outcome, _ in await trail(backends))
    assert outcomes == [*["applied"] * 3, *["not_found"] * 3, "not_voided"]


async def test_more_than_a_thousand_need_their_exact_number(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    await fill(backends.database_url, 1_500, 10)
    everything = {"kind": "void", "window": {}}
    for more in ({}, {"confirm": 1}, {"confirm": 1_499}, {"confirm": 1_501}):
        refused = await begin(scoreboard, {**everything, **more})
        assert (refused.status, refused.code) == (409, "confirmation_required")
        assert (refused.body["events"], refused.body["belowId"]) == (1_500, 1_501)
    assert (await preview(scoreboard, everything)).body["events"] == 1_500
    begun = await begin(scoreboard, {**everything, "confirm": 1_500})
    assert begun.status == 202
    assert (await finished(scoreboard, begun.body["actId"]))["run"]["done"] == 1_500
    assert {
        each[0] for each in await query(backends.database_url, "SELECT score FROM user_scores")
    } == {0}
    await check_invariants(backends.database_url, is_purged=True)


async def test_the_same_key_begins_it_once(scoreboard: Scoreboard, backends: Backends) -> None:
    await play(scoreboard)
    body = {"kind": "void", "window": {"action": "win"}}
    first = await begin(scoreboard, body, **{"Idempotency-Key": "case-17"})
    await finished(scoreboard, first.body["actId"])
    again = await begin(scoreboard, body, **{"Idempotency-Key": "case-17"})
    assert (again.status, again.body["actId"], again.body["repeated"]) == (
        200, first.body["actId"], True,
    )  # fmt: skip
    assert (again.body["done"], again.body["finishedAt"] is not None) == (3, True)
    other = await begin(
        scoreboard, {"kind": "void", "window": {}}, **{"Idempotency-Key": "case-17"}
    )
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    single = await act(
        scoreboard, {"kind": "restore", "eventId": 1}, **{"Idempotency-Key": "case-17"}
    )
    assert single.code == "idempotency_key_reused"
    assert len(await query(backends.database_url, "SELECT FROM act_runs")) == 1


@pytest.mark.parametrize("scope", ["scores:bonus", "scores:write", "actions:grant"])
async def test_only_moderators_may_look_or_begin(
    scoreboard: Scoreboard, backends: Backends, scope: str
) -> None:
    await play(scoreboard)
    body = {"kind": "void", "window": {}}
    refused = (
        await preview(scoreboard, body, scope=scope),
        await begin(scoreboard, body, scope=scope),
        await read(scoreboard, "/acts/1", scope),
    )
    assert [each.code for each in refused] == ["insufficient_scope"] * 3
    # Who may do no act at all leaves nothing there.
    kinds = ("preview", "read_acts", "void") if scope == "scores:bonus" else ()
    recorded = [each[:2] for each in await trail(backends)]
    assert recorded == [(kind, "insufficient_scope") for kind in kinds]
    assert (await scoreboard.send("POST", PREVIEW)).code == "auth_required"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "void"}, ""),
        ({"kind": "void", "eventId": 1, "window": {}}, ""),
        ({"kind": "void", "eventId": 1, "confirm": 1}, "/confirm"),
        ({"kind": "void", "window": {}, "confirm": 0}, "/confirm"),
        ({"kind": "void", "window": {}, "confirm": "3"}, "/confirm"),
        ({"kind": "void", "window": {"kid": "a key"}}, "/window/kid"),
        ({"kind": "void", "window": {"action": "A!"}}, "/window/action"),
        ({"kind": "void", "window": {"userId": "x"}}, "/window/userId"),
        ({"kind": "void", "window": {"from": "2026-01-31T12:00:00"}}, "/window/from"),
        ({"kind": "void", "window": {"to": "tomorrow"}}, "/window/to"),
        (
            {
                "kind": "void",
                "window": {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
            },
            "/window/from",
        ),
        ({"kind": "void", "window": {"belowId": 0}}, "/window/belowId"),
        ({"kind": "void", "window": {"first": 1}}, "/window"),
        ({"kind": "void", "window": []}, "/window"),
        ({"kind": "restore", "actId": 0}, "/actId"),
        ({"kind": "restore", "actId": 1, "eventId": 1}, ""),
        ({"kind": "restore", "window": {}}, ""),
        ({"kind": "bonus", "window": {}}, ""),
    ],
)
async def test_what_is_not_as_described_is_refused_by_name(
    scoreboard: Scoreboard, backends: Backends, body: dict[str, Any], pointer: str
) -> None:
    answer = await begin(scoreboard, body)
    assert (answer.status, answer.code) == (400, "invalid_payload")
    assert answer.body["errors"][0].get("pointer") == pointer
    if not {"eventId", "confirm"} & body.keys():
        assert (await preview(scoreboard, body)).code == "invalid_payload"
    assert await query(backends.database_url, "SELECT FROM acts") == []


async def test_boards_have_windows_of_their_own(scoreboard: Scoreboard, arena: BoardId) -> None:
    alice = await play(scoreboard)
    await scoreboard.increment(alice, 7, board_id=arena)
    told = await preview(
        scoreboard, {"kind": "void", "window": {}}, path="/boards/arena/acts/preview"
    )
    assert (told.body["board"], told.body["events"]) == ("arena", 1)
    begun = await begin(scoreboard, {"kind": "void", "window": {}}, path=OF)
    assert (begun.status, begun.body["board"], begun.body["events"]) == (202, "arena", 1)
    nowhere = await act(scoreboard, {"kind": "void", "window": {}}, path="/boards/nowhere/acts")
    assert nowhere.code == "not_found"
    assert (await scoreboard.get(f"/scores/{alice}")).body["score"] == 30


async def test_the_read_of_an_act_is_recorded_unless_it_is_ones_own(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    await play(scoreboard)
    own = (await begin(scoreboard, {"kind": "void", "window": {}})).body["actId"]
    await finished(scoreboard, own)
    assert len(await trail(backends)) == 1
    other = await read(scoreboard, f"/acts/{own}")
    assert (other.status, other.body["actor"]) == (200, "moderator-1")
    (row,) = await query(backends.database_url, "SELECT * FROM acts WHERE kind = 'read_acts'")
    assert (row["actor"], row["parameters"]) == ("moderator-2", f'{{"act": {own}}}')
    missing = await read(scoreboard, "/acts/4711")
    assert (missing.status, missing.code) == (404, "not_found")
    for wrong in ("0", "x", "1" * 30):
        assert (await read(scoreboard, f"/acts/{wrong}")).code == "invalid_payload"
    single = await act(scoreboard, {"kind": "bonus", "userId": new_user(), "delta": 1})
    assert (await progress(scoreboard, single.body["actId"]))["run"] is None


async def test_a_preview_that_would_take_too_long_says_so(backends: Backends) -> None:
    async with (
        run_scoreboard(backends, preview_timeout_ms=200) as running,
        connect(backends.database_url) as owner,
        owner.transaction(),
    ):
        await owner.execute("LOCK TABLE score_events IN ACCESS EXCLUSIVE MODE")
        for answer in (
            await preview(running, {"kind": "void", "window": {}}),
            await begin(running, {"kind": "void", "window": {}}),
        ):
            assert (answer.status, answer.code) == (400, "window_too_large")
    assert [each[:2] for each in await trail(backends)] == [
        ("preview", "window_too_large"), ("void", "window_too_large"),
    ]  # fmt: skip


async def test_only_a_few_look_at_many_events_at_once(backends: Backends) -> None:
    body = {"kind": "void", "window": {}}
    async with run_scoreboard(backends, preview_timeout_ms=20_000) as running:
        async with connect(backends.database_url) as owner, owner.transaction():
            await owner.execute("LOCK TABLE score_events IN ACCESS EXCLUSIVE MODE")
            looking = [asyncio.create_task(preview(running, body)) for _ in range(3)]
            done, _ = await asyncio.wait(looking, return_when=asyncio.FIRST_COMPLETED)
            assert [each.result().code for each in done] == ["overloaded"]
        assert sorted([(await each).status for each in looking]) == [200, 200, 503]


async def test_a_short_act_does_not_wait_for_a_long_one(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    await fill(backends.database_url, 20_000, 100)
    alice = new_user()
    await scoreboard.increment(alice, 5)
    everything = {"kind": "void", "window": {"belowId": 20_001}, "confirm": 20_000}
    long = (await begin(scoreboard, everything)).body["actId"]
    short = (await begin(scoreboard, {"kind": "void", "window": {"userId": alice}})).body["actId"]
    await finished(scoreboard, short)
    run = (await progress(scoreboard, long))["run"]
    assert run["finishedAt"] is None
    assert run["done"] < 20_000
    assert (await finished(scoreboard, long))["run"]["done"] == 20_000
