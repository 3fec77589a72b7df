"""A clicker that nobody can cheat: this server counts the clicks, and every ten earn ten points."""

import os
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
from aiohttp import ClientError, ClientSession, ClientTimeout, web

HERE = Path(__file__).parent
NEEDED, FASTEST_S = 10, 0.04
KEYS = jwt.PyJWKSet.from_json(Path(os.environ["SCOREBOARD_KEYS_FILE"]).read_text()).keys
KEY = next(key for key in reversed(KEYS) if key.key_id and key.key_id.startswith("bearer"))
SCOREBOARD = web.AppKey("scoreboard", ClientSession)
players: dict[str, "Player"] = {}  # by what their cookies say; your game has accounts


class Player:
    def __init__(self) -> None:
        self.user_id, self.clicks, self.clicked_s = str(uuid.uuid4()), 0, 0.0


def bearer(subject: str, scope: str) -> str:
    claims = {"iss": "scoreboard", "aud": "scoreboard-api", "sub": subject, "scope": scope}
    lasts = {"iat": int(time.time()), "exp": int(time.time()) + 600}
    headers = {"typ": "at+jwt", "kid": KEY.key_id}
    return jwt.encode(claims | lasts, KEY, headers=headers)


async def send_page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(HERE / "index.html")


async def start_session(request: web.Request) -> web.Response:
    cookie = request.cookies.get("player", "")
    if cookie not in players:
        players[cookie := secrets.token_urlsafe()] = Player()
    user_id = players[cookie].user_id
    response = web.json_response({"userId": user_id, "token": bearer(user_id, "scores:write")})
    response.set_cookie("player", cookie, httponly=True, samesite="Strict")
    return response


async def click(request: web.Request) -> web.Response:
    player = players.get(request.cookies.get("player", ""))
    if player is None or time.monotonic() - player.clicked_s < FASTEST_S:
        raise web.HTTPTooManyRequests(text="Nobody clicks that fast: this one does not count.")
    player.clicked_s, player.clicks = time.monotonic(), player.clicks + 1
    if player.clicks < NEEDED:
        return web.json_response({"clicks": player.clicks})
    player.clicks = 0
    action = {"userId": player.user_id, "action": "ten-clicks", "delta": NEEDED}
    headers = {"Authorization": f"Bearer {bearer('clicker', 'actions:grant')}"}
    try:
        async with request.app[SCOREBOARD].post("/actions", json=action, headers=headers) as answer:
            answer.raise_for_status()
            return web.json_response({"clicks": NEEDED, **await answer.json()})
    except ClientError as error:
        player.clicks = NEEDED - 1
        raise web.HTTPServiceUnavailable(text="No points just now: click once more.") from error


async def forward(request: web.Request) -> web.StreamResponse:
    """Puts the scoreboard under the page's origin; in production a reverse proxy does."""
    passed = {n: v for n, v in request.headers.items() if n not in {"Host", "Origin", "Cookie"}}
    ask, body = request.app[SCOREBOARD].request, await request.read()
    async with ask(request.method, request.path_qs, headers=passed, data=body) as answer:
        headers = {"Content-Type": answer.headers["Content-Type"]}
        response = web.StreamResponse(status=answer.status, headers=headers)
        await response.prepare(request)
        async for part in answer.content.iter_any():
            await response.write(part)
        return response


async def connect(app: web.Application) -> AsyncIterator[None]:
    url = os.environ.get("URL", "http://localhost:8080")
    async with ClientSession(url, timeout=ClientTimeout()) as app[SCOREBOARD]:
        yield


app = web.Application()
app.cleanup_ctx.append(connect)
app.router.add_get("/", send_page)
app.router.add_post("/session", start_session)
app.router.add_post("/click", click)
app.router.add_route("*", "/{path:scores/.*|sse}", forward)
app.router.add_static("/client", HERE.parents[1] / "sdk" / "typescript" / "dist")
web.run_app(app, host="localhost", port=int(os.environ.get("PORT", "3000")))
