"""`scoreboard acts` and `scoreboard audit`, and how the commands of `events` understand acts."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from scoreboard.domain.acts import ActKind
from scoreboard.domain.identifiers import UserId
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.session import open_session
from tests.checker import check_invariants, connect
from tests.cli.exports import FORMATS
from tests.cli.histories import read_history
from tests.cli.program import Result, read_json, run, started
from tests.harness import Backends, new_user, run_scoreboard
from tests.ledger.acts import add, undo

ACTS = ("SELECT * FROM acts WHERE outcome = 'applied' AND event_id IS NOT NULL ORDER BY act_id",)
READS = "SELECT kind, user_id, parameters FROM acts WHERE kind LIKE 'read_%' ORDER BY act_id"
COMPENSATIONS = "SELECT * FROM compensations ORDER BY event_id"
REASON = ("--reason", "a [bold]reason[/bold] \u202e")


def scoreboard_(backends: Backends, cwd: Path, *arguments: str) -> Result:
    """Runs a command in this process."""
    env = {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
    }
    return run(*arguments, cwd=cwd, env=env)


def play(backends: Backends) -> UserId:
    """A user with a history of two increments, events 1 and 2, 30 points in all."""
    alice = new_user()

    async def play_() -> None:
        async with run_scoreboard(backends) as scoreboard:
            await scoreboard.increment(alice, 10)
            await scoreboard.increment(alice, 20)

    asyncio.run(play_())
    return alice


def moderate(backends: Backends, alice: UserId) -> None:
    """A bonus (event 3), a void (4), its restore (5) and a correction (6): 33 points."""

    async def moderate_() -> None:
        async with open_session(backends.database_url, "test") as session:
            ledger = ActLedger(session.fetch)
            await add(ledger, alice, 5)
            await undo(ledger, ActKind.VOID, 2)
            await undo(ledger, ActKind.RESTORE, 2)
            await add(ledger, alice, -2, ActKind.CORRECTION)

    asyncio.run(moderate_())


def test_acts_are_told_in_a_line_and_recorded_with_who_ran_the_command(
    backends: Backends, tmp_path: Path
) -> None:
    alice = play(backends)
    given = scoreboard_(backends, tmp_path, "acts", "bonus", alice, "5", *REASON)
    assert (given.code, given.err) == (0, "")
    assert given.out == f"bonus +5 as event 3: user {alice} has 35 on main.\n"
    void = scoreboard_(backends, tmp_path, "acts", "void", "2", *REASON, "--json")
    assert (void.document["delta"], void.document["score"]) == (-20, 15)
    again = scoreboard_(backends, tmp_path, "acts", "void", "2", *REASON)
    assert (again.code, again.out) == (1, "")
    assert again.err.startswith("The event is void already.")
    back = scoreboard_(backends, tmp_path, "acts", "restore", "2", *REASON, "--key", "k")
    assert back.code == 0
    repeated = scoreboard_(backends, tmp_path, "acts", "restore", "2", *REASON, "--key", "k")
    assert ", as before:" in repeated.out
    taken = scoreboard_(backends, tmp_path, "acts", "correct", alice, "--by", "-2", *REASON)
    assert taken.code == 0
    asyncio.run(check_invariants(backends.database_url))
    trail = scoreboard_(backends, tmp_path, "audit", "tail")
    lines = trail.out.splitlines()
    assert len(lines) == 5
    assert all(getpass.getuser() in line for line in lines)
    assert all(line.endswith("a [bold]reason[/bold] \\u202e") for line in lines)
    found = scoreboard_(
        backends, tmp_path, "audit", "search", "--user", alice, "--kind", "void",
        "--outcome", "already_voided", "--json",
    )  # fmt: skip
    assert (found.document["origin"], found.document["scopes"]) == ("cli", [])
    about = [(row["kind"], row["user_id"]) for row in rows_of(backends.database_url, READS)]
    assert about == [("read_acts", None), ("read_acts", UUID(alice))]
    later = scoreboard_(backends, tmp_path, "audit", "search", "--from", "2999-01-01T00:00:00Z")
    assert (later.code, later.out) == (0, "")
    assert len(rows_of(backends.database_url, READS)) == 2  # nothing was read


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("acts", "bonus", "alice", "5", *REASON), 2),
        (("acts", "bonus", str(new_user()), "0", *REASON), 2),
        (("acts", "bonus", str(new_user()), "5"), 2),
        (("acts", "bonus", str(new_user()), "5", "--reason", " "), 2),
        (("acts", "bonus", str(new_user()), "5", "--reason", "x" * 501), 2),
        (("acts", "bonus", str(new_user()), "5", *REASON, "--key", "a key"), 2),
        (("acts", "bonus", str(new_user()), "1000001", *REASON), 1),
        (("acts", "bonus", str(new_user()), "5", *REASON, "--board", "nowhere"), 1),
        (("acts", "correct", str(new_user()), "--by", "0", *REASON), 2),
        (("acts", "correct", str(new_user()), "--by", "5", *REASON), 1),
        (("acts", "void", "4711", *REASON), 1),
        (("audit", "search", "--from", "2026-01-31"), 2),
        (("audit", "search", "--kind", "nonsense"), 2),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    backends: Backends, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    told = scoreboard_(backends, tmp_path, *arguments)
    assert (told.code, told.out) == (code, "")
    assert told.err


def test_verify_and_replay_understand_acts(backends: Backends, tmp_path: Path) -> None:
    moderate(backends, play(backends))
    verified = scoreboard_(backends, tmp_path, "events", "verify")
    assert (verified.code, verified.out) == (0, "6 events, 1 totals, 2 tokens: all is well.\n")
    replayed = scoreboard_(backends, tmp_path, "events", "replay", "--json")
    assert (replayed.code, replayed.document["differing"]) == (0, 0)
    then = scoreboard_(backends, tmp_path, "events", "replay", "--until", "4", "--json")
    assert then.document["entries"][0]["score"] == 15


FALSIFICATIONS = (
    ("UPDATE score_events SET act_id = 99 WHERE event_id = 3", "act_missing"),
    ("UPDATE acts SET outcome = 'score_limit' WHERE event_id = 3", "act_missing"),
    ("UPDATE acts SET parameters = '{\"delta\": 6}' WHERE event_id = 3", "act_differs"),
    ("UPDATE score_events SET actor = 'somebody' WHERE event_id = 6", "act_differs"),
    ("UPDATE acts SET user_id = gen_random_uuid() WHERE event_id = 4", "act_differs"),
    ("UPDATE score_events SET refers_to = 1 WHERE event_id = 4", "compensation_differs"),
    ("UPDATE score_events SET refers_to = NULL WHERE event_id = 4", "compensation_differs"),
    ("DELETE FROM compensations WHERE event_id = 5", "compensation_missing"),
    ("INSERT INTO compensations VALUES (1, 77, 1)", "compensation_without_event"),
)


@pytest.mark.parametrize(("statement", "kind"), FALSIFICATIONS)
def test_falsified_acts_are_found_out(
    backends: Backends, tmp_path: Path, statement: str, kind: str
) -> None:
    moderate(backends, play(backends))

    async def falsify() -> None:
        async with connect(backends.database_url) as owner:
            for table in ("score_events", "acts", "compensations"):
                await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            await owner.execute(statement)

    asyncio.run(falsify())
    told = scoreboard_(backends, tmp_path, "events", "verify", "--no-signatures", "--json")
    assert told.code == 1
    assert kind in {each["kind"] for each in told.document["differences"]}


def rows_of(database_url: str, query: str) -> list[Any]:
    """Rows."""

    async def read() -> list[Any]:
        async with connect(database_url) as connection:
            return list(await connection.fetch(query))

    return asyncio.run(read())


@pytest.mark.parametrize("form", FORMATS)
def test_acts_come_along_with_their_events(
    backends: Backends, other_url: str, tmp_path: Path, form: str
) -> None:
    alice = play(backends)
    moderate(backends, alice)
    source = backends.database_url
    file = f"events.{form}"
    assert scoreboard_(backends, tmp_path, "events", "export", file).code == 0
    backends.database_url = other_url
    for expected in ({"events": 6, "known": 0}, {"events": 0, "known": 6}):
        done = scoreboard_(backends, tmp_path, "events", "import", file, "--json")
        assert (done.code, done.err) == (0, "")
        assert done.document == {**expected, "boards": ["main"]}
    assert asyncio.run(read_history(other_url)) == asyncio.run(read_history(source))
    for query in (*ACTS, COMPENSATIONS):
        assert rows_of(other_url, query) == rows_of(source, query)
    assert scoreboard_(backends, tmp_path, "events", "verify").code == 0
    void = scoreboard_(backends, tmp_path, "acts", "void", "2", *REASON, "--json")
    assert void.document["eventId"] == 7
    assert void.document["actId"] == 10


def test_a_refusal_stops_no_import_and_another_act_of_the_same_number_does(
    backends: Backends, other_url: str, tmp_path: Path
) -> None:
    moderate(backends, play(backends))
    scoreboard_(backends, tmp_path, "events", "export", "events.ndjson")
    backends.database_url = other_url
    for _ in range(3):
        refused = scoreboard_(backends, tmp_path, "acts", "void", "1", *REASON)
        assert refused.code == 1
    fits = scoreboard_(backends, tmp_path, "events", "import", "events.ndjson", "--dry-run")
    assert (fits.code, fits.err) == (0, "")

    async def act_otherwise() -> None:
        async with connect(other_url) as owner:
            await owner.execute(
                "INSERT INTO acts (act_id, kind, outcome, parameters, actor, scopes, origin, "
                "created_at) VALUES (2, 'bonus', 'applied', '{}', 'somebody', '{}', 'cli', now())"
            )

    asyncio.run(act_otherwise())
    told = scoreboard_(backends, tmp_path, "events", "import", "events.ndjson")
    assert (told.code, told.out) == (1, "")
    assert "Event 3 belongs to an act that is stored already with other content." in told.err
    assert asyncio.run(read_history(other_url)) == [[], []]


def test_one_event_of_an_act_is_shown_with_its_reason(backends: Backends, tmp_path: Path) -> None:
    alice = play(backends)
    moderate(backends, alice)
    shown = scoreboard_(backends, tmp_path, "events", "show", "4")
    assert "action   void\n" in shown.out
    assert "undoes   event 2\n" in shown.out
    assert "reason   because <b>it</b> was so\n" in shown.out
    document = scoreboard_(backends, tmp_path, "events", "show", "4", "--json").document
    assert (document["action"], document["act"]["kind"], document["refersTo"]) == (None, "void", 2)
    tailed = scoreboard_(backends, tmp_path, "events", "tail", "--json", "--limit", "1").out
    assert '"source":"correction"' in tailed
    scoreboard_(backends, tmp_path, "events", "tail", "--user", alice)
    scoreboard_(backends, tmp_path, "events", "export", "read.ndjson")
    reads = [(row["user_id"], row["parameters"]) for row in rows_of(backends.database_url, READS)]
    assert reads == [
        *[(UUID(alice), '{"event": 4}')] * 2, (None, "{}"), (UUID(alice), "{}"), (None, "{}"),
    ]  # fmt: skip


def test_the_trail_is_followed(backends: Backends, tmp_path: Path) -> None:
    alice = play(backends)
    env = {"SCOREBOARD_DATABASE_URL": backends.database_url}
    moderate(backends, alice)
    with started("audit", "tail", "--follow", "--limit", "1", "--json", cwd=tmp_path, env=env) as p:
        assert read_json(p)["kind"] == "correction"
        given = scoreboard_(backends, tmp_path, "acts", "bonus", alice, "5", *REASON)
        assert given.code == 0
        assert (read_json(p)["kind"], p.poll()) == ("bonus", None)


def test_a_bonus_beyond_the_largest_is_refused_and_recorded(
    backends: Backends, tmp_path: Path
) -> None:
    alice = play(backends)
    assert scoreboard_(backends, tmp_path, "acts", "bonus", alice, "1000001", *REASON).code == 1
    (row,) = rows_of(backends.database_url, "SELECT * FROM acts")
    assert (row["kind"], row["outcome"], row["origin"]) == ("bonus", "policy_denied", "cli")
    assert (str(row["user_id"]), row["event_id"]) == (alice, None)


def test_a_user_is_suspended_and_brought_back_and_a_copy_knows(
    backends: Backends, other_url: str, tmp_path: Path
) -> None:
    alice = play(backends)
    past = ("--until", "2026-01-31T12:00:00Z")
    refused = scoreboard_(backends, tmp_path, "users", "suspend", alice, *REASON, *past)
    assert (refused.code, "must lie in the future" in refused.err) == (2, True)
    end = ("--until", "2999-01-01T00:00:00Z")
    told = scoreboard_(backends, tmp_path, "users", "suspend", alice, *REASON, *end)
    assert (told.code, told.out) == (
        0,
        f"user {alice} is off main until 2999-01-01T00:00:00.000000Z.\n",
    )
    verified = scoreboard_(backends, tmp_path, "events", "verify")
    assert (verified.code, verified.out) == (0, "3 events, 1 totals, 2 tokens: all is well.\n")
    then = scoreboard_(backends, tmp_path, "events", "replay", "--until", "2", "--json")
    now = scoreboard_(backends, tmp_path, "events", "replay", "--until", "3", "--json")
    assert [len(each.document["entries"]) for each in (then, now)] == [1, 0]
    scoreboard_(backends, tmp_path, "events", "export", "events.ndjson")
    source, backends.database_url = backends.database_url, other_url
    assert scoreboard_(backends, tmp_path, "events", "import", "events.ndjson").code == 0
    ends = "SELECT suspended_until FROM user_scores"
    assert rows_of(other_url, ends) == rows_of(source, ends)
    back = scoreboard_(backends, tmp_path, "users", "lift", alice, *REASON)
    assert (back.code, back.out) == (0, f"user {alice} is back on main with 30.\n")
    again = scoreboard_(backends, tmp_path, "users", "lift", alice, *REASON)
    assert (again.code, again.err.startswith("The user is not suspended")) == (1, True)
    stranger = scoreboard_(backends, tmp_path, "users", "suspend", str(new_user()), *REASON)
    assert stranger.code == 1
