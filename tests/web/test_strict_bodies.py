"""Bodies that are not exactly as documented are refused and leave nothing behind."""

from __future__ import annotations

import json

from tests.harness import Backends, Scoreboard
from tests.web.support import EMPTY, Draft, exchange, rows

NUMBERS = {
    "a fraction": "5.0",
    "an exponent": "5e0",
    "a text": '"5"',
    "true": "true",
    "null": "null",
    "an array": "[5]",
    "zero": "0",
    "minus zero": "-0",
    "minus zero as a fraction": "-0.0",
    "2^53": str(2**53),
    "-2^53": str(-(2**53)),
    "2^64 + 5": str(2**64 + 5),
    "3,500 digits": "5" * 3500,
    "NaN": "NaN",
    "Infinity": "Infinity",
    "1e400": "1e400",
    "a leading zero": "05",
    "a plus": "+5",
    "hexadecimal": "0x5",
    "an Arabic digit": "٥",
    "a full-width digit": "５",
}


async def test_a_delta_is_a_whole_number_in_plain_digits(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    answered = {}
    for name, number in NUMBERS.items():
        draft = Draft(scoreboard)
        # The token goes last and is short where the digits need its room.
        token = draft.granted.token if len(number) < 100 else "x"
        draft.raw = (
            f'{{"userId":"{draft.user_id}","delta":{number},"actionToken":"{token}"}}'
        ).encode()
        answered[name] = (await draft.send()).code
    assert answered == dict.fromkeys(NUMBERS, "invalid_payload")
    assert await rows(backends.database_url) == EMPTY


def _bodies(draft: Draft) -> dict[str, bytes]:
    good = draft.content()
    inner = good[1:-1]
    return {
        "nothing": b"",
        "an array": b"[%b]" % good,
        "a text": json.dumps(good.decode()).encode(),
        "null": b"null",
        "two documents": good + good,
        "a NUL behind it": good + b"\x00",
        "cut short": good[:-1],
        "a comment": good + b"//",
        "a trailing comma": b"{%b,}" % inner,
        "single quotes": good.replace(b'"', b"'"),
        "no userId": b'{"delta":5,"actionToken":"x"}',
        "no delta": b'{"userId":"%b","actionToken":"x"}' % draft.user_id.encode(),
        "delta twice": b'{"delta":4,%b}' % inner,
        "delta twice, once escaped": b'{"delt\\u0061":5,%b}' % inner,
        "delta twice, no token": b'{"userId":"%b","delta":4,"delta":5}' % draft.user_id.encode(),
        "token twice": b'{%b,"actionToken":"x"}' % inner,
        "an unknown member": b'{%b,"isAdmin":true}' % inner,
        "a member in another case": good.replace(b"userId", b"userid"),
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "UTF-16": good.decode().encode("utf-16"),
        "UTF-32": good.decode().encode("utf-32-le"),
        "bad UTF-8 in a value": b'{"delta":5,"userId":"\xff"}',
        "bad UTF-8 in a name": b'{"delta":5,"\xc3\x28":1}',
        "an overlong slash": b'{"delta":5,"userId":"\xc0\xaf"}',
        "a lone surrogate": b'{"delta":5,"userId":"x","actionToken":"\\ud800"}',
        "a bare control character": good.replace(b"userId", b"user\nId"),
        "4,000 arrays": b"[" * 4000,
        "4,000 objects": b'{"userId":' * 400,
        "arrays in a member": b'{"userId":' + b"[" * 4000,
        "a UUID in braces": good.replace(draft.user_id.encode(), b"{%b}" % draft.user_id.encode()),
        "a UUID without hyphens": good.replace(
            draft.user_id.encode(), draft.user_id.replace("-", "").encode()
        ),
        "a UUID in look-alike digits": good.replace(
            draft.user_id.encode(), ("０" + draft.user_id[1:]).encode()
        ),
    }


async def test_a_body_is_one_json_object_of_known_members_in_utf_8(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    answered = {}
    for name, body in _bodies(draft).items():
        draft.raw = body
        answered[name] = (await draft.send()).code
    assert answered == dict.fromkeys(answered, "invalid_payload")
    assert await rows(backends.database_url) == EMPTY


async def test_the_error_points_at_the_member(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard, body={"delta": "5"})
    errors = (await draft.send()).body["errors"]
    assert errors == [{"pointer": "/delta", "detail": "Expected `int`, got `str`"}]


async def test_a_body_of_4_kib_is_read_and_one_more_byte_is_too_many(
    scoreboard: Scoreboard,
) -> None:
    draft = Draft(scoreboard)
    whole = draft.content()
    draft.raw = whole + b" " * (4097 - len(whole))
    assert (await draft.send()).code == "payload_too_large"
    draft.raw = draft.raw[:-1]
    assert (await draft.send()).status == 200


async def test_a_body_that_grows_in_chunks_is_cut_at_the_limit(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    request = Draft(scoreboard, raw=b"").text("Transfer-Encoding: chunked", length=False)
    answer = await exchange(scoreboard, request + b"2000\r\n" + b" " * 0x2000 + b"\r\n0\r\n\r\n")
    assert answer == (400, "payload_too_large")
    assert await rows(backends.database_url) == EMPTY
