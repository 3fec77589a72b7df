"""What a check of the ledger finds, by kind, with examples."""

from __future__ import annotations

from itertools import groupby

from msgspec import Struct

from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.ledger.session import Session
from scoreboard.ledger.statements import load_query

EXAMPLES = 5
INFINITY_US = 2**63 - 1

Value = int | str | None


class TotalExample(Struct, frozen=True, rename="camel"):
    """One total: what is stored, and what its events make; None where there is none."""

    board: str
    user_id: str
    stored: Value
    replayed: Value


class Finding(Struct, frozen=True):
    """One kind of difference: how often it is there, and a few places (totals, or event ids)."""

    kind: str
    count: int
    examples: list[TotalExample] | list[int]


async def read_total_differences(session: Session) -> list[Finding]:
    """What the temporary table `differences` holds, by kind."""
    rows = await session.fetch(load_query("replay/read_differences"), EXAMPLES)
    return [
        Finding(
            kind,
            count,
            [
                TotalExample(
                    row["board_id"],
                    row["user_id"],
                    _value(kind, row["stored"]),
                    _value(kind, row["replayed"]),
                )
                for row in group
            ],
        )
        for (kind, count), group in groupby(rows, key=lambda row: (row["kind"], row["count"]))
    ]


def _value(kind: str, number: int | None) -> Value:
    if number is None:
        return None
    if number == INFINITY_US:
        return "infinity"
    is_time = kind in {"updated_at", "suspended_until"}
    return iso_utc(from_unix_us(int(number))) if is_time else int(number)
