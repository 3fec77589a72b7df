"""Pieces of HTML; texts of the descriptions are CommonMark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape

from markdown_it import MarkdownIt

_COMMONMARK = MarkdownIt("commonmark", {"html": False})


def inline(text: str) -> str:
    """A sentence."""
    return str(_COMMONMARK.renderInline(text))


def blocks(text: str) -> str:
    """Paragraphs and lists."""
    return str(_COMMONMARK.render(text))


def code(text: str) -> str:
    """A literal within a sentence."""
    return f"<code>{escape(text)}</code>"


def example(title: str, text: str) -> str:
    """A block to read or copy. It can be scrolled by keyboard too."""
    label = escape(title, quote=True)
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><pre tabindex="0" role="group" '
        f'aria-label="{label}"><code>{escape(text)}</code></pre></figure>'
    )


def json_example(title: str, value: object) -> str:
    """The same for JSON: in one line where that is short."""
    text = json.dumps(value, ensure_ascii=False)
    return example(title, text if len(text) < 72 else json.dumps(value, indent=2))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of ready cells; the first of each is its heading. Empty where there are none."""
    lines = [
        "<tr>" + f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)
        for first, *rest in rows
    ]
    if not lines:
        return ""
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    label = escape(caption, quote=True)
    return (
        f'<div class="table" tabindex="0" role="group" aria-label="{label}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def link(anchor: str, text: str) -> str:
    """To a place on this page; `text` is ready."""
    return f'<a href="#{escape(anchor, quote=True)}">{text}</a>'
