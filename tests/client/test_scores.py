"""Scores over HTTP: what is sent again, what is told, and that an increment counts once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web

from scoreboard.client import NotAScoreboard, Problem, Receipt, ScoreboardClient, Unanswered
from scoreboard.client.problems import (
    NonceReused,
    NotFound,
    TokenExpired,
)
from scoreboard.client.tokens import nonce_of
from tests.client.scripted import Json, answering

RECEIPT = {"score": 5, "rank": 1}


class Requests:
    """Answers by a script, the last one again and again; keeps what was asked."""

    def __init__(self, *answers: web.Response | None) -> None:
        """None: the connection is cut without an answer."""
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self._answers = list(answers)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answers the next request."""
        headers = {name: text for name, text in request.headers.items() if name in KEPT}
        self.asked.append((request.method, request.path_qs, headers, await request.read()))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


KEPT = {"Authorization", "X-Action-Nonce", "If-Match", "Content-Type"}


def ok(document: Json, version: int = 3) -> web.Response:
    """A success with an entity tag."""
    return web.json_response(document, headers={"ETag": f'"{version}"'})


def problem(status: int, code: str, retry_after: str = "", **members: Any) -> web.Response:
    """A refusal."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    document = {"code": code, "detail": "So it is.", "requestId": "r-1", **members}
    return web.json_response(document, status=status, headers=headers)


@asynccontextmanager
async def client(requests: Requests, **options: Any) -> AsyncIterator[ScoreboardClient]:
    """A client of a scripted service."""
    options = {"token": "bearer", **options}
    async with answering(requests.answer) as url, ScoreboardClient(url, **options) as made:
        yield made


async def redeem(made: ScoreboardClient) -> Receipt:
    """An increment whose nonce is given."""
    return await made.increment("u", 5, "a.b.c", "nonce")


AGAIN = {
    "lost": None,
    "outcome_unknown": problem(503, "outcome_unknown"),
    "storage_unavailable": problem(503, "storage_unavailable"),
    "overloaded": problem(503, "overloaded"),
    "rate_limited": problem(429, "rate_limited", policy="user"),
    "gateway": web.Response(status=502, text="<html>"),
}


@pytest.mark.parametrize("first", AGAIN.values(), ids=AGAIN)
async def test_what_passes_is_answered_by_the_same_request_once_more(
    first: web.Response | None,
) -> None:
    requests = Requests(first, ok(RECEIPT))
    async with client(requests) as made:
        receipt = await redeem(made)
    assert (receipt.score, receipt.rank, receipt.version) == (5, 1, 3)
    assert len(requests.asked) == 2
    assert requests.asked[0] == requests.asked[1]
    method, path, headers, body = requests.asked[0]
    assert (method, path) == ("POST", "/scores/increment")
    assert headers == {
        "Authorization": "Bearer bearer",
        "X-Action-Nonce": "nonce",
        "Content-Type": "application/json",
    }
    assert json.loads(body) == {"userId": "u", "delta": 5, "actionToken": "a.b.c"}


REUSED = problem(400, "nonce_reused", applied=True, score=5, version=3, eventId=9, rank=2)


@pytest.mark.parametrize("first", ["lost", "outcome_unknown", "gateway"])
async def test_an_action_that_a_lost_answer_had_redeemed_is_a_success(first: str) -> None:
    async with client(Requests(AGAIN[first], REUSED)) as made:
        receipt = await redeem(made)
    assert (receipt.score, receipt.rank, receipt.version) == (5, 2, 3)
    assert receipt.is_repeated


@pytest.mark.parametrize("first", ["storage_unavailable", "overloaded", "rate_limited"])
async def test_where_no_answer_was_lost_somebody_else_has_redeemed_the_action(first: str) -> None:
    async with client(Requests(AGAIN[first], REUSED)) as made:
        with pytest.raises(NonceReused) as refused:
            await redeem(made)
    assert refused.value.is_applied
    assert refused.value.members["score"] == 5


async def test_an_action_that_another_token_redeemed_is_no_success() -> None:
    requests = Requests(None, problem(400, "nonce_reused", applied=False))
    async with client(requests) as made:
        with pytest.raises(NonceReused) as refused:
            await redeem(made)
    assert not refused.value.is_applied


async def test_retry_after_is_waited_for() -> None:
    requests = Requests(problem(503, "overloaded", "1"), ok(RECEIPT))
    loop = asyncio.get_running_loop()
    async with client(requests) as made:
        begun_s = loop.time()
        await redeem(made)
    assert loop.time() - begun_s >= 1.0


async def test_patience_ends() -> None:
    requests = Requests(problem(503, "storage_unavailable", "60"))
    async with client(requests) as made:
        with pytest.raises(Problem) as refused:
            await redeem(made)
    assert (refused.value.code, refused.value.retry_after_s) == ("storage_unavailable", 60)
    assert len(requests.asked) == 1


async def test_who_never_answers_is_told_apart_from_who_refuses() -> None:
    async with client(Requests(None), patience_s=0.01) as made:
        with pytest.raises(Unanswered) as lost:
            await redeem(made)
    assert lost.value.was_lost
    async with ScoreboardClient("http://127.0.0.1:1", "t", patience_s=0.01) as nobody:
        with pytest.raises(Unanswered) as unsent:
            await redeem(nobody)
    assert not unsent.value.was_lost


async def test_an_answer_that_takes_too_long_is_lost() -> None:
    async def hesitate(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async with (
        answering(hesitate) as url,
        ScoreboardClient(url, "t", timeout_s=0.05, patience_s=0.01) as made,
    ):
        with pytest.raises(Unanswered) as lost:
            await redeem(made)
    assert lost.value.was_lost


async def test_an_expired_token_is_replaced_once() -> None:
    tokens = iter(["old", "new"])

    async def give() -> str:
        return next(tokens)

    requests = Requests(problem(401, "token_expired"), ok(RECEIPT))
    async with client(requests, token=give) as made:
        await redeem(made)
    sent = [headers["Authorization"] for _, _, headers, _ in requests.asked]
    assert sent == ["Bearer old", "Bearer new"]


async def test_a_lost_answer_is_remembered_when_the_token_expires_meanwhile() -> None:
    tokens = iter(["old", "new"])

    async def give() -> str:
        return next(tokens)

    requests = Requests(None, problem(401, "token_expired"), REUSED)
    async with client(requests, token=give) as made:
        assert (await redeem(made)).is_repeated


async def test_an_expired_token_without_a_newer_one_is_told() -> None:
    requests = Requests(problem(401, "token_expired"))
    async with client(requests) as made:
        with pytest.raises(TokenExpired):
            await redeem(made)
    assert len(requests.asked) == 1


async def test_a_code_that_is_new_is_told_as_it_is() -> None:
    async with client(Requests(problem(418, "teapot", more=1))) as made:
        with pytest.raises(Problem) as refused:
            await redeem(made)
    told = refused.value
    assert type(told) is Problem
    assert (told.status, told.code, told.detail) == (418, "teapot", "So it is.")
    assert (told.request_id, told.members["more"]) == ("r-1", 1)


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="hello"),
        web.Response(status=302, headers={"Location": "/elsewhere"}),
        web.json_response([]),
    ],
)
async def test_what_is_no_scoreboard_is_told(answer: web.Response) -> None:
    requests = Requests(answer)
    async with client(requests) as made:
        with pytest.raises(NotAScoreboard):
            await made.top()
    assert len(requests.asked) == 1


async def test_a_receipt_counts_also_where_its_version_got_lost() -> None:
    async with client(Requests(web.json_response(RECEIPT))) as made:
        receipt = await redeem(made)
    assert (receipt.score, receipt.version) == (5, None)


async def test_names_cannot_leave_their_place_in_the_address() -> None:
    requests = Requests(problem(404, "not_found"))
    async with client(requests) as made:
        with pytest.raises(NotFound):
            await made.user("../top?limit=1", board="a/b")
    assert requests.asked[0][1] == "/boards/a%2Fb/scores/..%2Ftop%3Flimit=1"


@pytest.mark.parametrize("token", ["", "a.b", "a.!.c", "a.e30.c"])
def test_an_action_token_without_a_nonce_is_told(token: str) -> None:
    with pytest.raises(ValueError, match="carries no nonce"):
        nonce_of(token)


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="http://"):
        ScoreboardClient(url)


async def test_reads_carry_no_token() -> None:
    requests = Requests(ok({"entries": [], "generatedAt": "now"}))
    async with client(requests) as made:
        await made.top()
    assert "Authorization" not in requests.asked[0][2]


async def test_a_session_that_is_given_stays_open() -> None:
    async with ClientSession() as session, answering(Requests(ok({"entries": []})).answer) as url:
        async with ScoreboardClient(url, session=session):
            pass
        assert not session.closed
