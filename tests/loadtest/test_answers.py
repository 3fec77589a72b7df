"""HTTP answers, in whatever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.client import read_problem
from cli.loadtest.answers import Answer, AnswerReader, NotHttp

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = {
    "with a length": (OK + b"Content-Length: 5\r\n\r\nhello", Answer(200, b"hello", is_last=False)),
    "in chunks": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n",
        Answer(200, b"hello", is_last=False),
    ),
    "without a body": (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, b"", is_last=False)),
    "before the last": (
        OK + b"connection: close\r\ncontent-length: 0\r\n\r\n",
        Answer(200, b"", is_last=True),
    ),
    "of HTTP/1.0": (
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
        Answer(200, b"x", is_last=True),
    ),
    "after a 100": (
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx",
        Answer(200, b"x", is_last=False),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_answer_is_read_whatever_pieces_it_comes_in(name: str, data: st.DataObject) -> None:
    sent, expected = WHOLE[name]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sent) - 1), max_size=8)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    reader = AnswerReader()
    found = [answer for piece in pieces if (answer := reader.feed(piece)) is not None]
    assert found == [expected]


def test_an_answer_may_end_with_its_connection() -> None:
    reader = AnswerReader()
    assert reader.feed(OK + b"\r\nhello") is None
    assert reader.end() == Answer(200, b"hello", is_last=True)


def test_an_answer_that_was_cut_short_is_none() -> None:
    reader = AnswerReader()
    assert reader.feed(OK + b"Content-Length: 5\r\n\r\nhel") is None
    assert reader.end() is None


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        OK + b"Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 2_000_000,
    ],
    ids=["another protocol", "more than was asked for", "a chunk without size", "no end"],
)
def test_what_is_no_answer_is_refused(sent: bytes) -> None:
    with pytest.raises(NotHttp):
        AnswerReader().feed(sent)


def test_a_refusal_without_a_problem_is_told_by_its_status() -> None:
    assert read_problem(b"<html>", "http_502").code == "http_502"
    assert read_problem(b'{"detail": "no code"}', "http_502").code == "http_502"
    found = read_problem(b'{"code": "rate_limited", "policy": "ip", "detail": "slow down"}')
    assert (found.code, found.policy, found.detail) == ("rate_limited", "ip", "slow down")


def test_a_problem_moves_no_cursor() -> None:
    found = read_problem(b'{"code": "\\u001b[2J", "policy": "\\u0007", "detail": "a\\nb\\u009b"}')
    assert (found.code, found.policy, found.detail) == (r"\x1b[2J", r"\x07", r"a b\x9b")
