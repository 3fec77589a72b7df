"""What is made from the code or from another file: `python -m tests.reference` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from scoreboard.domain.errors import Refusal
from scoreboard.settings import PREFIX, Settings
from scoreboard.web.problems import STATUS_BY_CODE
from tests.api_reference.page import render_page
from tests.cli_reference import render_cli

ROOT = Path(__file__).parent.parent


def render_settings() -> str:
    """docs/reference/settings.md."""
    rows = "\n".join(
        f"| `{PREFIX}{each.name.upper()}` | {_default(each.default)} | {each.metadata['help']} |"
        for each in fields(Settings)
    )
    return (
        "# Settings\n\n"
        "Read once from the environment when a command starts. A bad, missing or unknown one stops "
        "the start\nwith one sentence that names it. `_S` are seconds, `_MS` milliseconds.\n\n"
        f"| setting | default | what it is |\n|---|---|---|\n{rows}\n"
    )


def render_errors() -> str:
    """docs/reference/errors.md."""
    docs = {each.code: each.__doc__ or "" for each in _refusals(Refusal)}
    rows = "\n".join(
        f"| {status} | `{code}` | {docs[code].splitlines()[0]} |"
        for code, status in STATUS_BY_CODE.items()
    )
    return (
        "# Errors\n\n"
        "`application/problem+json` (RFC 9457) with `code`, which is stable, `detail`, for a "
        "person, and `requestId`,\nwhich finds the request in the logs. Where a request has "
        "several faults the earlier row answers, but that a\nwrong address or method is told "
        "at once.\n\n"
        f"| status | code | what it means |\n|---|---|---|\n{rows}\n\n"
        "`nonce_reused` adds `applied`, and where it is true `score`, `version` and `eventId` as "
        "they were stored, and the\npresent `rank`: a client that lost its answer sends the same "
        "request again and knows. `version_conflict` adds the\npresent `version`; `rate_limited` "
        "its `policy`; `invalid_payload` a list of `errors`; `confirmation_required` the number of "
        "`events`, and `belowId`.\n\n"
        "Whatever is refused before the ledger, and `version_conflict` and `score_limit`, leave "
        "the nonce usable.\n`503 outcome_unknown` means that the connection to the ledger broke "
        "while it wrote: send the same request again.\n"
    )


def render_asyncapi() -> str:
    """scoreboard/web/asyncapi.json, which is served: YAML cannot be read at run time."""
    source = ROOT / "scoreboard" / "gateway" / "asyncapi.yaml"
    document = yaml.safe_load(source.read_text("utf-8"))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


PAGES = {
    "docs/reference/settings.md": render_settings,
    "docs/reference/errors.md": render_errors,
    "docs/reference/cli.md": render_cli,
    "scoreboard/web/asyncapi.json": render_asyncapi,
    "scoreboard/web/static/docs.html": render_page,
}


def _refusals(parent: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in parent.__subclasses__():
        yield child
        yield from _refusals(child)


def _default(value: Any) -> str:  # noqa: ANN401 - any setting's
    if value in ("", None, ()):
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    for name, render in PAGES.items():
        (ROOT / name).write_text(render(), "utf-8")
