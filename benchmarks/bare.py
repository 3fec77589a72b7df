"""The floor: an aiohttp handler that reads the body and answers with a constant.

    python -m benchmarks.bare PORT [own|pyjwt]

With a second word it also verifies both tokens of an increment, with the product's own verifier or
with PyJWT twice, against the keys of SCOREBOARD_KEYS_FILE; still it stores nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import jwt
import msgspec
from aiohttp import web

from benchmarks.pyjwt import PyJwtVerifier
from scoreboard.auth.keys import load_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.errors import Refusal
from scoreboard.settings import Settings

ANSWER = b'{"score":1000,"rank":10}'
USER = "7d3f9a52-6c1e-4b8f-9a70-2f5b8e1c4d63"
ENTRIES = [{"userId": USER, "score": 1000 - each, "rank": each + 1} for each in range(10)]
TOP = msgspec.json.encode({"entries": ENTRIES, "generatedAt": "2026-01-01T00:00:00.000Z"})
STANDING = msgspec.json.encode(
    {"userId": USER, "score": 1000, "rank": 10, "lastUpdated": "2026-01-01T00:00:00.000Z"}
)
"""As long as the service's own answers."""

READY = b'{"status":"ready"}'

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Verify = Callable[[str, str], object]
"""Raises unless both the Bearer and the action token are true."""


def main() -> None:
    """Serves on the port named first in argv until killed."""
    app = make_app(*sys.argv[2:3])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


def make_app(verify: str = "") -> web.Application:
    """The handlers; `verify` is empty, `own` or `pyjwt`."""
    app = web.Application()
    increment = _handler(verify)
    for board in ("", "/boards/{board_id}"):
        app.router.add_post(f"{board}/scores/increment", increment)
        app.router.add_get(f"{board}/scores/top", _constant(TOP))
        app.router.add_get(f"{board}/scores/{{user_id}}", _constant(STANDING))
    app.router.add_get("/readyz", _constant(READY))
    return app


def _handler(verify_with: str) -> Handler:
    if not verify_with:
        return _constant(ANSWER)
    keys = load_keys(Path(os.environ["SCOREBOARD_KEYS_FILE"]))
    if verify_with == "pyjwt":
        return _verifying(PyJwtVerifier(keys, "scoreboard").verify_both, json.loads)
    verifier = TokenVerifier(keys, "scoreboard", Settings())

    def verify(bearer: str, action: str) -> object:
        now_s = time.time()
        return verifier.verify_bearer(bearer, now_s), verifier.verify_action(action, now_s)

    return _verifying(verify, msgspec.json.decode)


def _constant(answer: bytes) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=answer, content_type="application/json")

    return handle


def _verifying(verify: Verify, decode: Callable[[bytes], object]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        body = decode(await request.read())
        assert isinstance(body, dict)
        try:
            verify(request.headers["Authorization"].removeprefix("Bearer "), body["actionToken"])
        except (Refusal, jwt.PyJWTError):
            return web.Response(status=401)
        return web.Response(body=ANSWER, content_type="application/json")

    return handle


if __name__ == "__main__":
    main()
