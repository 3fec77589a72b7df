"""The whole page: contents beside everything that the two documents say."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from tests.api_reference.markup import blocks, code, link
from tests.api_reference.messages import MessageTexts
from tests.api_reference.operations import Operation, OperationTexts, operations
from tests.api_reference.schemas import Schemas

WEB = Path(__file__).parent.parent.parent / "scoreboard" / "web"

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference · Scoreboard</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/docs.css">
<script src="/assets/theme.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
"""


def render_page() -> str:
    """scoreboard/web/static/docs.html."""
    rest, live = _read("openapi.json"), _read("asyncapi.json")
    rest_schemas, live_schemas = Schemas(rest, "schema"), Schemas(live, "frame")
    texts, messages = OperationTexts(rest, rest_schemas), MessageTexts(live, live_schemas)
    found = list(operations(rest))
    body = (
        _header(rest),
        f'<div class="columns">{_contents(rest, live, found)}<main id="content">',
        *(_group(tag, found, texts) for tag in rest["tags"]),
        _part("live", "Live", blocks(live["info"]["description"]) + messages.channels()),
        _part("frames", "Frames", messages.messages()),
        _part("errors", "Errors", blocks(rest["info"]["description"]) + texts.errors()),
        _part("schemas", "Schemas of requests and answers", rest_schemas.render()),
        _part("frame-schemas", "Schemas of frames", live_schemas.render()),
        "</main></div>",
        _FOOT,
    )
    return _HEAD + "\n".join(body)


_FOOT = """<footer class="foot">
  <a href="/">The board</a>
  <button class="quiet" type="button" data-theme-switch>Theme</button>
</footer>
</body>
</html>
"""


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((WEB / name).read_text("utf-8"))
    return document


def _header(rest: dict[str, Any]) -> str:
    return (
        '<header class="head"><h1>API reference</h1><p>'
        f"scoreboard {escape(rest['info']['version'])} · "
        '<a href="/openapi.json">openapi.json</a> · <a href="/asyncapi.json">asyncapi.json</a>'
        "</p></header>"
    )


def _contents(rest: dict[str, Any], live: dict[str, Any], found: list[Operation]) -> str:
    groups = [
        _list(
            f"group-{tag['name']}",
            tag["name"].capitalize(),
            [(each.anchor, each.title) for each in found if tag["name"] in each.content["tags"]],
        )
        for tag in rest["tags"]
    ]
    groups += [
        _list(
            "live",
            "Live",
            [
                (f"channel-{name}", escape(f"{each['title']}"))
                for name, each in live["channels"].items()
            ],
        ),
        _list(
            "frames",
            "Frames",
            [(f"message-{name}", code(name)) for name in live["components"]["messages"]],
        ),
        _list("errors", "Errors", []),
        _list("schemas", "Schemas of requests and answers", []),
        _list("frame-schemas", "Schemas of frames", []),
    ]
    return f'<nav class="contents" aria-label="Contents"><ul>{"".join(groups)}</ul></nav>'


def _list(anchor: str, title: str, entries: list[tuple[str, str]]) -> str:
    inner = "".join(f"<li>{link(each, text)}</li>" for each, text in entries)
    return f"<li>{link(anchor, escape(title))}{f'<ul>{inner}</ul>' if inner else ''}</li>"


def _group(tag: dict[str, Any], found: list[Operation], texts: OperationTexts) -> str:
    told = blocks(tag["description"]) if "description" in tag else ""
    inner = "".join(texts.render(each) for each in found if tag["name"] in each.content["tags"])
    return _part(f"group-{tag['name']}", tag["name"].capitalize(), told + inner)


def _part(anchor: str, title: str, inner: str) -> str:
    return f'<section class="part" id="{anchor}"><h2>{escape(title)}</h2>{inner}</section>'
