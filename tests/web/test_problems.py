"""What every refusal looks like."""

from __future__ import annotations

import pytest

from scoreboard.domain.identifiers import UserId
from tests.harness import Scoreboard, new_user
from tests.web.support import ABSENT, Draft, connected


async def test_a_problem_has_the_members_of_rfc_9457_and_a_code(scoreboard: Scoreboard) -> None:
    answer = await Draft(scoreboard, headers={"X-Action-Nonce": ABSENT}).send()
    request_id = answer.headers["X-Request-ID"]
    assert answer.body == {
        "type": "urn:scoreboard:problem:nonce_missing",
        "title": "Nonce missing",
        "status": 400,
        "detail": "Send the nonce of the action token as exactly one `X-Action-Nonce` header.",
        "code": "nonce_missing",
        "requestId": request_id,
    }
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_problem_is_kept_by_no_cache(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get(f"/scores/{new_user()}")
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize(
    ("sent", "challenge"),
    [
        (ABSENT, 'Bearer realm="scoreboard"'),
        ("Bearer x.y.z", 'Bearer realm="scoreboard", error="invalid_token"'),
    ],
)
async def test_a_missing_or_bad_token_is_answered_with_a_challenge(
    scoreboard: Scoreboard, sent: object, challenge: str
) -> None:
    answer = await Draft(scoreboard, headers={"Authorization": sent}).send()
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, challenge)


@pytest.mark.parametrize("given", ["a", "Req_1.2:3-4", "x" * 128])
async def test_a_clients_request_id_comes_back(scoreboard: Scoreboard, given: str) -> None:
    applied = await scoreboard.increment(new_user(), headers={"X-Request-ID": given})
    assert applied.headers["X-Request-ID"] == given
    refused = await scoreboard.get("/nowhere", headers={"X-Request-ID": given})
    assert refused.headers["X-Request-ID"] == refused.body["requestId"] == given


@pytest.mark.parametrize("given", ["", "a b", 'a"b', "x" * 129, "{}", "ü"])
async def test_a_request_id_of_another_form_is_replaced(scoreboard: Scoreboard, given: str) -> None:
    answer = await scoreboard.get("/scores/top", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"].startswith("test-")


async def test_every_request_gets_an_id_of_its_own(scoreboard: Scoreboard) -> None:
    answers = [await scoreboard.get("/healthz") for _ in range(3)]
    assert len({each.headers["X-Request-ID"] for each in answers}) == 3


@pytest.mark.parametrize("path", ["/nowhere", "/dev/names", "/metrics", "/scores", "/scores/a/b"])
async def test_an_unknown_address_is_not_found(scoreboard: Scoreboard, path: str) -> None:
    answer = await scoreboard.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/scores/increment", "POST"),
        ("GET", "/boards/main/scores/increment", "POST"),
        ("PUT", "/scores/increment", "POST"),
        ("OPTIONS", "/scores/increment", "POST"),
        ("POST", "/scores/top", "GET,HEAD"),
        ("DELETE", f"/scores/{UserId('0b0f6d7e-5b1c-4a3e-9d61-0123456789ab')}", "GET,HEAD"),
        ("GET", "/actions", "POST"),
        ("POST", "/healthz", "GET,HEAD"),
        ("POST", "/openapi.json", "GET,HEAD"),
    ],
)
async def test_another_method_is_told_which_are_allowed(
    scoreboard: Scoreboard, method: str, path: str, allowed: str
) -> None:
    answer = await scoreboard.send(method, path)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


async def test_errors_name_the_parameter_or_header_that_is_wrong(scoreboard: Scoreboard) -> None:
    limit = await scoreboard.get("/scores/top?limit=0")
    assert [each["parameter"] for each in limit.body["errors"]] == ["limit"]
    user = await scoreboard.get("/scores/alice")
    assert [each["parameter"] for each in user.body["errors"]] == ["userId"]
    board = await scoreboard.get("/boards/NO/scores/top")
    assert [each["parameter"] for each in board.body["errors"]] == ["boardId"]
    version = await Draft(scoreboard, headers={"If-Match": "7"}).send()
    assert [each["header"] for each in version.body["errors"]] == ["If-Match"]
    typed = await Draft(scoreboard, headers={"Content-Type": "text/plain"}).send()
    assert [each["header"] for each in typed.body["errors"]] == ["Content-Type"]


async def test_a_refused_body_does_not_spoil_the_next_request_of_a_connection(
    scoreboard: Scoreboard,
) -> None:
    draft = Draft(scoreboard)
    request = draft.text().replace(b"Connection: close\r\n", b"", 1)
    refused = draft.text("Content-Encoding: gzip").replace(b"Connection: close\r\n", b"", 1)
    async with connected(scoreboard) as (reader, writer):
        for text, status in ((refused, b"400"), (request, b"200")):
            writer.write(text)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.split(b" ")[1] == status
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
