"""What checks of the history found, as lines that fit 60 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from cli.output import print_line

if TYPE_CHECKING:
    from scoreboard.ledger.findings import Finding

MEANINGS = {
    "missing": "users with events, but without a total",
    "extra": "totals without any event",
    "score": "totals that are not their events' sum",
    "version": "totals that miscount their events",
    "reached": "totals that name the wrong event",
    "updated_at": "totals not dated as their last event",
    "version_order": "events out of order",
    "running_score": "events that add up wrongly",
    "nonce_reused": "events that share a nonce",
    "nonce_differs": "events with another nonce",
    "nonce_without_event": "nonces held for no event",
    "nonce_missing": "events without a nonce",
    "act_missing": "events without token or act",
    "act_differs": "events of another act",
    "compensation_differs": "events that undo another one wrongly",
    "compensation_missing": "events not listed as undoing one",
    "compensation_without_event": "events listed as undoing one, but gone",
    "key_missing": "events without a key",
    "token_refused": "tokens that were not valid then",
    "token_expired": "tokens that had expired before",
    "token_differs": "tokens of something else",
}


def to_json(differences: Iterable[Finding]) -> list[Any]:
    """For --json."""
    return [msgspec.to_builtins(each) for each in differences]


def print_findings(differences: Iterable[Finding]) -> None:
    """Each kind with its count, and its examples below it."""
    for each in differences:
        print_line(f"\n{each.kind}: {each.count:,} {MEANINGS[each.kind]}")
        for example in each.examples:
            if isinstance(example, int):
                print_line(f"  event {example}")
                continue
            print_line(f"  {example.board} {example.user_id}")
            print_line(f"    stored {_show(example.stored)}")
            print_line(f"    events {_show(example.replayed)}")


def _show(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or "none"
