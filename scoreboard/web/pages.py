"""GET /, GET /docs and GET /console, the pages for people, and the files that these load.

Everything is read and packed once, at the start. Nothing on a page comes from elsewhere, and
nothing on it is executed but its own files: the policy allows no more.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from importlib.resources import files
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct

from scoreboard.domain.errors import NotFound
from scoreboard.web.parsing import accepts_gzip, has_current

Mode = Literal["live", "dev"]
"""`dev` makes the live page offer points, from routes that only `scoreboard dev` has."""

PAGES = {"/": "index.html", "/docs": "docs.html"}
CONSOLE = {"/console": "console.html"}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        # Of this host, WebSockets too (CSP 3). Safari before 15.4 takes the stream of /sse instead.
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
}
FILE_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin", "Vary": "Accept-Encoding"}

FOR_GOOD = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
DIGEST_CHARACTERS = 16

_ASSET = re.compile(r"([a-z]+)-[0-9a-f]{16}(\.[a-z]+)", re.ASCII)


class Page(Struct, frozen=True):
    """A file as it is sent; `packed` to whoever accepts gzip."""

    content_type: str
    plain: bytes
    packed: bytes
    digest: str


class PageRoutes:
    """Serves the pages, and the files of `static/` under names that change with their content."""

    def __init__(self, mode: Mode = "live", *, has_console: bool = True) -> None:
        """`has_console` where the requests that the console makes are answered."""
        loaded = {
            each.name: each.read_bytes()
            for each in files("scoreboard.web").joinpath("static").iterdir()
        }
        self._assets = {
            name: _page(name, text) for name, text in loaded.items() if not name.endswith(".html")
        }
        served = {**PAGES, **(CONSOLE if has_console else {})}
        self._pages = {
            path: _page(name, self._compose(loaded[name], mode)) for path, name in served.items()
        }

    def add_to(self, app: web.Application) -> None:
        """Serves them, to GET and HEAD."""
        for path, page in self._pages.items():
            app.router.add_get(path, _serving(page))
        app.router.add_get("/assets/{name}", self.read_asset)

    async def read_asset(self, request: web.Request) -> web.Response:
        """A file. Of another release's the present one, which caches ask for again.

        While a release replaces another, a page may come from one and its files from the other.
        """
        name = request.match_info["name"]
        parts = _ASSET.fullmatch(name)
        asset = self._assets.get(f"{parts[1]}{parts[2]}") if parts else None
        if parts is None or asset is None:
            raise NotFound
        is_its_own = name == _hashed(f"{parts[1]}{parts[2]}", asset)
        return _answer(request, asset, {"Cache-Control": FOR_GOOD if is_its_own else ASK_EACH_TIME})

    def _compose(self, text: bytes, mode: Mode) -> bytes:
        """The page's text with the names of the files as they are now."""
        for name, asset in self._assets.items():
            text = text.replace(
                f'"/assets/{name}"'.encode(), f'"/assets/{_hashed(name, asset)}"'.encode()
            )
        return text.replace(b'"{mode}"', f'"{mode}"'.encode())


def _page(name: str, text: bytes) -> Page:
    return Page(
        content_type=TYPES[name[name.rindex(".") :]],
        plain=text,
        packed=gzip.compress(text, mtime=0),
        digest=hashlib.sha256(text).hexdigest()[:DIGEST_CHARACTERS],
    )


def _hashed(name: str, asset: Page) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{asset.digest}{dot}{suffix}"


def _serving(page: Page) -> Handler:
    headers = {**PAGE_HEADERS, "Cache-Control": ASK_EACH_TIME}

    async def read(request: web.Request) -> web.StreamResponse:
        return _answer(request, page, headers)

    return read


def _answer(request: web.Request, page: Page, headers: dict[str, str]) -> web.Response:
    # Weak: the same page packed or not.
    headers = {**FILE_HEADERS, **headers, "ETag": f'W/"{page.digest}"'}
    if has_current(request, page.digest):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = page.content_type
    if not accepts_gzip(request):
        return web.Response(body=page.plain, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return web.Response(body=page.packed, headers=headers)
