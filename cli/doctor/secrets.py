"""Passwords stay out of the report, whatever an error of a driver repeats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, unquote

_USERINFO = re.compile(r"[a-z+]+://(?P<userinfo>.*)@", re.IGNORECASE | re.DOTALL)


def hiding(urls: Iterable[str]) -> Callable[[str], str]:
    """A function that puts `…` for each password of these URLs, as written or unescaped."""
    found: set[str] = set()
    for url in urls:
        match = _USERINFO.match(url)
        found.add(match["userinfo"].partition(":")[2] if match else "")
        query = parse_qsl(url.partition("?")[2])
        found.update(value for name, value in query if "password" in name)
    found |= {unquote(each) for each in found}
    passwords = sorted((each for each in found if each), key=len, reverse=True)

    def hide(text: str) -> str:
        for password in passwords:
            text = text.replace(password, "…")
        return text

    return hide
