"""Whether the stored tokens prove their events: judged slice by slice, in a process of its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from multiprocessing.connection import Connection

import asyncpg
from msgspec import Struct, field

from cli.events.judgement import TOKEN_REFUSED, Proven, judge_stored
from scoreboard.auth.keys import KeyRing, load_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.errors import ScoreboardError
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.findings import EXAMPLES, Finding
from scoreboard.ledger.replay import read_transaction
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.slices import Slice
from scoreboard.ledger.statements import load_query
from scoreboard.settings import Settings

ROWS = 1000
"""Events held in memory at once."""

KIDS_MAX = 1000
"""Keys that are missing, counted each by itself; those beyond are counted as one, `…`."""


class Work(Struct, frozen=True):
    """What a process needs to know; goes through a pipe, since it names passwords."""

    settings: Settings
    snapshot: str
    board_id: BoardId | None


class Tally(Struct):
    """What was found in some slices: wrong events by kind with examples, and kids without a key."""

    events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    missing_keys: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, event_id: int) -> None:
        """One event is wrong."""
        self.counts[kind] += 1
        self._keep(kind, [event_id])

    def note_missing_key(self, kid: str, event_id: int) -> None:
        """The key file does not hold the key of an event."""
        self.note("key_missing", event_id)
        self._count_kid(kid, 1)

    def add(self, other: Tally) -> None:
        """Takes over what another one holds."""
        self.events += other.events
        self.counts += other.counts
        for kind, event_ids in other.examples.items():
            self._keep(kind, event_ids)
        for kid, events in other.missing_keys.items():
            self._count_kid(kid, events)

    def findings(self) -> list[Finding]:
        """Each kind, as the audit tells its own."""
        return [Finding(kind, count, self.examples[kind]) for kind, count in self.counts.items()]

    def _count_kid(self, kid: str, events: int) -> None:
        is_known = kid in self.missing_keys or len(self.missing_keys) < KIDS_MAX
        self.missing_keys[kid if is_known else "…"] += events

    def _keep(self, kind: str, event_ids: list[int]) -> None:
        self.examples[kind] = sorted([*self.examples.get(kind, []), *event_ids])[:EXAMPLES]


class Judge:
    """Holds the keys of one file."""

    def __init__(self, keys: KeyRing, settings: Settings) -> None:
        self._keys = keys
        self._verifier = TokenVerifier(keys, settings.issuer, settings)

    def judge(self, row: asyncpg.Record, tally: Tally) -> None:
        """Notes what is wrong with the token of one row of `read_tokens`."""
        event_id, *proven, token, at_s = row
        tally.events += 1
        needed = Proven(*proven)
        doubt = judge_stored(needed, token, at_s, self._verifier)
        if doubt is None:
            return
        if doubt.kind == TOKEN_REFUSED and self._keys.find(needed.kid) is None:
            tally.note_missing_key(needed.kid, event_id)
        else:
            tally.note(doubt.kind, event_id)


def work(pipe: Connection, task: Work) -> None:
    """What a process does: takes slices from the pipe and answers each with a tally.

    Ends with the pipe. Answers with a sentence instead where it cannot go on.
    """
    with suppress(EOFError, OSError):  # whoever asked is gone
        try:
            asyncio.run(_work(pipe, task))
        except ScoreboardError as error:
            pipe.send(str(error))


async def _work(pipe: Connection, task: Work) -> None:
    judge = Judge(load_keys(task.settings.keys_file), task.settings)
    async with (
        open_session(task.settings.database_url, "verify-worker") as session,
        read_transaction(session),
    ):
        # The name is PostgreSQL's own, and the statement takes no parameters.
        await session.execute(f"SET TRANSACTION SNAPSHOT '{task.snapshot}'")
        while True:
            tally = Tally()
            await _judge_slice(session, judge, pipe.recv(), task.board_id, tally)
            pipe.send(tally)


async def _judge_slice(
    session: Session, judge: Judge, part: Slice, board_id: BoardId | None, tally: Tally
) -> None:
    query = load_query("audit/read_tokens")
    cursor = await session.cursor(query, part.start, part.end, board_id)
    while rows := await cursor.fetch(ROWS):
        for row in rows:
            judge.judge(row, tally)
