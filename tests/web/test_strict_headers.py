"""Headers that are not exactly as documented, and what is no HTTP, are refused."""

from __future__ import annotations

from tests.harness import Backends, Scoreboard
from tests.web.support import EMPTY, Draft, connected, exchange, rows


async def test_each_header_is_sent_once_and_in_its_form(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    bearer, nonce = draft.fields()["Authorization"], draft.granted.nonce
    typed = ("Content-Type",)
    requests = {
        "two tokens": (draft.text(f"Authorization: {bearer}"), (401, "token_invalid")),
        "two nonces": (draft.text(f"X-Action-Nonce: {nonce}"), (400, "nonce_invalid")),
        "two versions": (
            draft.text('If-Match: "0"', 'If-Match: "0"'),
            (400, "invalid_payload"),
        ),
        "any version": (draft.text("If-Match: *"), (400, "invalid_payload")),
        "a weak version": (draft.text('If-Match: W/"0"'), (400, "invalid_payload")),
        "a list of versions": (draft.text('If-Match: "0", "1"'), (400, "invalid_payload")),
        "a version of letters": (draft.text('If-Match: "x"'), (400, "invalid_payload")),
        "an empty version": (draft.text("If-Match:"), (400, "invalid_payload")),
        "an empty encoding": (draft.text("Content-Encoding:"), (400, "unsupported_encoding")),
        "two encodings": (
            draft.text("Content-Encoding: gzip", "Content-Encoding: br"),
            (400, "unsupported_encoding"),
        ),
        "no type": (draft.text(without=typed), (400, "invalid_payload")),
        "a form": (
            draft.text("Content-Type: application/x-www-form-urlencoded", without=typed),
            (400, "invalid_payload"),
        ),
        "plain text": (
            draft.text("Content-Type: text/plain", without=typed),
            (400, "invalid_payload"),
        ),
        "a charset": (
            draft.text("Content-Type: application/json; charset=utf-16", without=typed),
            (400, "invalid_payload"),
        ),
    }
    answered = {name: await exchange(scoreboard, text) for name, (text, _) in requests.items()}
    assert answered == {name: expected for name, (_, expected) in requests.items()}
    assert await rows(backends.database_url) == EMPTY


async def test_what_is_no_proper_http_is_refused_before_any_handler(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    size = len(draft.content())
    requests = {
        "two types": draft.text("Content-Type: application/json"),
        "conflicting lengths": draft.text("Content-Length: 3"),
        "equal lengths": draft.text(f"Content-Length: {size}"),
        "length and chunks": draft.text("Transfer-Encoding: chunked"),
        "a negative length": draft.text(f"Content-Length: -{size}", length=False),
        "a length of letters": draft.text("Content-Length: many", length=False),
        "an unknown coding": draft.text("Transfer-Encoding: gzip", length=False),
        "chunks without sizes": draft.text("Transfer-Encoding: chunked", length=False),
        "5,000 headers": draft.text(*(f"X-{number}: 1" for number in range(5000))),
        "a header of 20 KB": draft.text("X-Long: " + "x" * 20_000),
        "a folded header": draft.text("X-Folded: a", " b"),
        "a blank before the colon": draft.text("X-Blank : a"),
        "an unknown method": draft.text().replace(b"POST", b"BREW", 1),
        "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    }
    answered = {name: (await exchange(scoreboard, text))[0] for name, text in requests.items()}
    assert answered == dict.fromkeys(requests, 400)
    assert await rows(backends.database_url) == EMPTY


async def test_a_body_that_breaks_off_is_an_invalid_payload(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    async with connected(scoreboard) as (reader, writer):
        # The server says 100 when its handler begins, so the body breaks off while it is read.
        writer.write(draft.text("Expect: 100-continue")[: -len(draft.content())])
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(draft.content()[:20])
    while 'failures_total{code="' not in (metrics := await scoreboard.metrics()):
        continue  # each round is a request, answered by the same loop
    assert 'score_increment_failures_total{code="invalid_payload"} 1.0' in metrics
    assert await rows(backends.database_url) == EMPTY
