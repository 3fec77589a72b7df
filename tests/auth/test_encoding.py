"""One text for the same bytes, one reading of the same text."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard.auth.encoding import decode_base64url, encode_base64url, parse_object

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.binary())
def test_base64url_is_that_of_the_standard_library_without_padding(raw: bytes) -> None:
    text = encode_base64url(raw)
    assert text == base64.urlsafe_b64encode(raw).rstrip(b"=")
    assert decode_base64url(text) == raw


@settings(deadline=None)
@given(st.binary(max_size=8) | st.from_regex(rb"[A-Za-z0-9_=+/.-]{0,8}", fullmatch=True))
def test_no_bytes_have_a_second_text(text: bytes) -> None:
    try:
        raw = decode_base64url(text)
    except ValueError:
        return
    assert encode_base64url(raw) == text


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(TEXTS, VALUES), st.booleans())
def test_an_object_is_read_as_json_reads_it(value: dict[str, object], ascii_only: bool) -> None:  # noqa: FBT001
    assert parse_object(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"x":{"a":1,"a":2}}',
        b'{"x":[{"a":1,"\\u0061":2}]}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xed\xa0\x80"}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-16-le"),
        b'{"a":"\x00"}',
        b'{"a":1}{}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":' * 100_000,
        b"[]",
        b"",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_a_text_with_two_readings_or_none_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(not|nested) "):
        parse_object(raw)
