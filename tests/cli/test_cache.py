"""`scoreboard cache`: the ranks in Redis rebuilt from PostgreSQL, and compared with it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from scoreboard.domain.identifiers import UserId
from scoreboard.standings.store import ABANDONED_S
from tests.checker import Connection, connect, until
from tests.cli.program import Result, ending, run, run_apart, started
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.standings.boards import user
from tests.standings.service import Load, check_settled, is_live
from tests.standings.test_healing import MANY

FILL = """
    INSERT INTO user_scores
    SELECT 'main', ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
           n % 1000, 5, n, now()
    FROM generate_series($1::int, $2::int) AS n"""
USERS = 1200
HALF_WAY_USERS = 30_000
"""More than are read at once: the last of them is in the second slice."""
PATIENCE_S = 20.0


class Cache:
    """The commands on a test's stores, and the means to damage what they look after."""

    def __init__(self, backends: Backends, folder: Path, client: redis.Redis) -> None:
        self._folder = folder
        self._database_url = backends.database_url
        self._board = f"{backends.redis_prefix}:{{main}}"
        self.meta = f"{self._board}:meta"
        self.client: Any = client  # whose types say that every reply may be awaited
        self.variables = {
            "SCOREBOARD_DATABASE_URL": backends.database_url,
            "SCOREBOARD_REDIS_URL": backends.redis_url,
            "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        }

    def live_key(self, kind: str) -> str:
        """The `order` or `users` of the live epoch."""
        return f"{self._board}:{self.client.hget(self.meta, 'live').decode()}:{kind}"

    def is_building(self) -> bool:
        """Whether an epoch is being filled."""
        return bool(self.client.hexists(self.meta, "building"))

    def count_keys(self) -> int:
        """How many keys the board has."""
        return len(self.client.keys(f"{self._board}:*"))

    def fill(self, first: int, last: int) -> None:
        """Gives the ledger these users, whom no event stands behind."""
        self.execute(FILL, first, last)

    def execute(self, statement: str, *arguments: object) -> None:
        """Runs a statement as the schema's owner."""

        async def work() -> None:
            async with connect(self._database_url) as owner:
                await owner.execute(statement, *arguments)

        asyncio.run(work())

    def change(self, number: int, change: str) -> None:
        """Changes a user behind the service's back."""
        self.execute(f"UPDATE user_scores SET {change} WHERE user_id = $1", user(number))  # noqa: S608 - a test's own text

    def run(self, *arguments: str, **variables: str) -> Result:
        """Runs `scoreboard cache …` in this process."""
        return run("cache", *arguments, cwd=self._folder, env={**self.variables, **variables})

    def run_apart(self, *arguments: str) -> Result:
        """Runs `scoreboard cache …` in a process of its own."""
        return run_apart("cache", *arguments, cwd=self._folder, env=self.variables)

    def verify(self, *arguments: str) -> tuple[int, Any]:
        """Exit code of `scoreboard cache verify`, and what it says of the only board."""
        result = self.run("verify", "--json", *arguments)
        (board,) = result.document["boards"]
        return result.code, board

    @contextlib.contextmanager
    def rebuild_half_way(self) -> Iterator[subprocess.Popen[str]]:
        """A rebuild in a process of its own, stopped once it has filled the first slice."""
        with (
            gated_at(self._database_url, user(HALF_WAY_USERS)) as gate,
            started("cache", "rebuild", cwd=self._folder, env=self.variables) as process,
        ):
            gate.wait_until_asked()
            process.send_signal(signal.SIGSTOP)
            gate.open()
            try:
                assert self.is_building()
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)


class Gate:
    """Holds whoever reads one user's total as the service's role."""

    def __init__(self, connection: Connection, runner: asyncio.Runner) -> None:
        self._connection = connection
        self._runner = runner

    def wait_until_asked(self) -> None:
        """Returns once somebody waits."""

        async def is_asked() -> bool:
            return bool(await self._connection.fetchval(WAITING_AT_GATE))

        self._runner.run(until(is_asked))

    def open(self) -> None:
        """Lets everybody pass from now on."""
        self._runner.run(self._connection.execute("SELECT pg_advisory_unlock_all()"))


WAITING_AT_GATE = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
GATE = """
    CREATE FUNCTION pass() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(1);
        RETURN true;
    END $$;
    ALTER TABLE user_scores ENABLE ROW LEVEL SECURITY;
    CREATE POLICY gate ON user_scores USING (CASE WHEN user_id = '{user}' THEN pass() ELSE true END)
"""


@contextlib.contextmanager
def gated_at(database_url: str, user_id: UserId) -> Iterator[Gate]:
    """A gate that is closed; it stays in the database, opened."""
    with asyncio.Runner() as runner:
        connection: Connection = runner.run(asyncpg.connect(database_url))
        try:
            runner.run(connection.execute(GATE.format(user=user_id)))
            runner.run(connection.execute("SELECT pg_advisory_lock(1)"))
            yield Gate(connection, runner)
        finally:
            runner.run(connection.close())


@pytest.fixture
def cache(backends: Backends, tmp_path: Path) -> Iterator[Cache]:
    """Return the commands on stores that hold no user."""
    with contextlib.closing(redis.Redis.from_url(backends.redis_url)) as client:
        yield Cache(backends, tmp_path, client)


@pytest.fixture
def filled(cache: Cache) -> Cache:
    """Return the commands on a board whose ranks are live."""
    cache.fill(1, USERS)
    assert cache.run("rebuild").code == 0
    return cache


def test_a_rebuild_fills_an_empty_redis_and_tells_its_rate(cache: Cache) -> None:
    cache.fill(1, USERS)
    (done,) = cache.run("rebuild", "--json").document["boards"]
    assert (done["board"], done["users"]) == ("main", USERS)
    assert done["seconds"] > 0
    assert done["usersPerS"] > 0
    assert cache.verify() == (
        0,
        {
            "board": "main",
            "equal": True,
            "index": "live",
            "users": USERS,
            "usersInRedis": USERS,
            "whole": True,
            "differences": {},
            "repair": None,
        },
    )


def test_people_are_told_what_was_done_in_a_line(filled: Cache) -> None:
    rebuilt = filled.run("rebuild")
    assert (rebuilt.code, rebuilt.err) == (0, "")
    assert rebuilt.out.startswith("main: 1,200 users in ")
    assert filled.run("verify").out == "main: equal, 1,200 users.\n"
    assert filled.count_keys() == 3


def test_all_boards_are_rebuilt_and_verified(cache: Cache) -> None:
    cache.execute("INSERT INTO boards (board_id) VALUES ('empty')")
    cache.fill(1, 10)
    rebuilt = cache.run("rebuild", "--all", "--json").document["boards"]
    assert [(each["board"], each["users"]) for each in rebuilt] == [("empty", 0), ("main", 10)]
    verified = cache.run("verify", "--all", "--json")
    assert verified.code == 0
    assert [each["board"] for each in verified.document["boards"]] == ["empty", "main"]


def test_every_kind_of_difference_is_told_within_60_columns_and_repaired(filled: Cache) -> None:
    filled.change(1, "version = 6")
    filled.change(2, "version = 4")
    filled.change(3, "score = -5")
    filled.execute("DELETE FROM user_scores WHERE user_id = ANY ($1)", [user(4), user(5)])
    filled.fill(USERS + 1, USERS + 1)
    shown = filled.run("verify", "--examples", "1", COLUMNS="60")
    summary, *table, hint = shown.out.splitlines()
    assert shown.code == 1
    assert summary == "main: differs. 1,199 users were compared with 1,200 in Redis."
    assert hint == "Mend it: scoreboard cache verify --board main --repair"
    assert all(len(line) <= 60 for line in table)
    rows = dict(line.split(maxsplit=1) for line in table if "-4000-" in line)
    assert rows.pop("extra").split() in (["2", user(4)], ["2", user(5)])
    assert {kind: row.split() for kind, row in rows.items()} == {
        "older": ["1", user(1)],
        "newer": ["1", user(2)],
        "other": ["1", user(3)],
        "missing": ["1", user(USERS + 1)],
    }
    code, repaired = filled.verify("--repair")
    assert (code, repaired["equal"], repaired["repair"]) == (0, True, "rebuilt")


def test_what_is_only_behind_is_repaired_by_writing_it(filled: Cache) -> None:
    filled.change(1, "version = 6, score = 77")
    filled.fill(USERS + 1, USERS + 2)
    epoch = filled.client.hget(filled.meta, "live")
    repaired = filled.run("verify", "--repair")
    assert (repaired.code, repaired.out) == (0, "main: wrote 3 users; equal, 1,202 users.\n")
    assert filled.client.hget(filled.meta, "live") == epoch


def _miscount(cache: Cache) -> None:
    live = cache.client.hget(cache.meta, "live").decode()
    cache.client.hincrby(cache.meta, f"count:{live}", 1)


def _come_from_elsewhere(cache: Cache) -> None:
    cache.client.hset(cache.meta, "run_id", "another")


def _lose_everything(cache: Cache) -> None:
    cache.client.delete(cache.meta, cache.live_key("order"), cache.live_key("users"))


def _build(cache: Cache) -> None:
    _lose_everything(cache)
    cache.client.hset(cache.meta, mapping={"building": "b", "count:b": 0})


@pytest.mark.parametrize(
    ("damage", "index"),
    [
        pytest.param(_miscount, "incomplete", id="miscounted"),
        pytest.param(_come_from_elsewhere, "of another start of Redis", id="restarted"),
        pytest.param(_lose_everything, "absent", id="absent"),
        pytest.param(_build, "being built", id="building"),
    ],
)
def test_ranks_that_cannot_be_trusted_differ_until_they_are_repaired(
    filled: Cache, damage: Callable[[Cache], None], index: str
) -> None:
    damage(filled)
    code, found = filled.verify()
    assert (code, found["equal"], found["index"], found["differences"]) == (1, False, index, {})
    assert index in filled.run("verify").out
    code, repaired = filled.verify("--repair")
    assert (code, repaired["equal"], repaired["repair"]) == (0, True, "rebuilt")


def test_where_too_many_differ_the_search_ends_early(filled: Cache) -> None:
    filled.fill(USERS + 1, USERS + 11_000)
    code, found = filled.verify()
    assert (code, found["whole"]) == (1, False)
    assert found["differences"]["missing"]["users"] > 10_000
    assert len(found["differences"]["missing"]["examples"]) == 3


def test_a_rebuild_killed_half_way_harms_nothing_and_is_run_again(filled: Cache) -> None:
    filled.fill(USERS + 1, HALF_WAY_USERS)
    with filled.rebuild_half_way() as process:
        process.kill()
        process.wait(PATIENCE_S)
    assert filled.is_building()
    filled.client.hincrby(filled.meta, "progressed_at", -ABANDONED_S)  # as time would
    rebuilt = filled.run("rebuild", "--json")
    assert rebuilt.document["boards"][0]["users"] == HALF_WAY_USERS
    assert filled.count_keys() == 3
    assert filled.verify()[0] == 0


def test_a_rebuild_interrupted_half_way_removes_what_it_began(filled: Cache) -> None:
    filled.fill(USERS + 1, HALF_WAY_USERS)
    epoch = filled.client.hget(filled.meta, "live")
    with filled.rebuild_half_way() as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        ended = ending(process)
    assert (ended.code, ended.out, ended.err) == (130, "", "Interrupted.\n")
    assert (filled.count_keys(), filled.is_building()) == (3, False)
    assert filled.client.hget(filled.meta, "live") == epoch


def test_of_two_rebuilds_at_once_the_second_says_so_and_the_first_wins(cache: Cache) -> None:
    cache.fill(1, HALF_WAY_USERS)
    with cache.rebuild_half_way() as first:
        second = cache.run("rebuild")
        assert (second.code, second.out) == (1, "")
        assert second.err.startswith("Another rebuild of main is under way")
        assert len(second.err.splitlines()) == 1
        first.send_signal(signal.SIGCONT)
        assert ending(first).code == 0
    assert cache.count_keys() == 3


def test_a_rebuild_that_another_one_replaced_says_so(cache: Cache) -> None:
    cache.fill(1, HALF_WAY_USERS)
    with cache.rebuild_half_way() as first:
        cache.client.hincrby(cache.meta, "progressed_at", -ABANDONED_S)
        assert cache.run("rebuild").code == 0
        first.send_signal(signal.SIGCONT)
        ended = ending(first)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert ended.err.startswith("This rebuild of main was removed")
    assert cache.verify()[0] == 0


class Readers:
    """Read on while players play; every score must be one that was true when it was read."""

    def __init__(self, scoreboard: Scoreboard, still: list[UserId]) -> None:
        self._scoreboard = scoreboard
        self._still = still
        self._tops: dict[str, int] = {}
        self._is_over = False
        self.answers = 0

    async def read_still(self) -> None:
        """Users whose scores never move keep score and version."""
        expected: dict[UserId, tuple[int, str]] = {}
        while not self._is_over:
            for user_id in self._still:
                answer = await self._scoreboard.get(f"/scores/{user_id}")
                assert answer.status == 200, answer
                found = (answer.body["score"], answer.headers["ETag"])
                assert expected.setdefault(user_id, found) == found
                self.answers += 1

    async def read_moving(self, user_id: UserId) -> None:
        """A player of his own reads his score after each answer: it is the one just reached."""
        score = 0
        while not self._is_over:
            assert (await self._scoreboard.increment(user_id, 1)).status == 200
            score += 1
            answer = await self._scoreboard.get(f"/scores/{user_id}")
            assert (answer.status, answer.body["score"]) == (200, score)
            self.answers += 1

    async def read_top(self) -> None:
        """The top is full, in order, and no score in it goes back."""
        while not self._is_over:
            entries = (await self._scoreboard.get("/scores/top?limit=50")).body["entries"]
            scores = [entry["score"] for entry in entries]
            assert len(entries) == 50
            assert scores == sorted(scores, reverse=True)
            for entry in entries:
                assert entry["score"] >= self._tops.get(entry["userId"], 0), entry
                self._tops[entry["userId"]] = entry["score"]
            self.answers += 1

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """They read inside."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.read_still())
            tasks.create_task(self.read_moving(new_user()))
            tasks.create_task(self.read_top())
            yield
            self._is_over = True


async def test_reads_and_writes_go_on_truly_while_a_board_is_rebuilt_and_verified(
    backends: Backends, tmp_path: Path
) -> None:
    async with connect(backends.database_url) as owner:
        await owner.execute(MANY, 2000)
        rows = await owner.fetch("SELECT user_id FROM user_scores ORDER BY user_id LIMIT 20")
    still = [UserId(str(row["user_id"])) for row in rows]
    with contextlib.closing(redis.Redis.from_url(backends.redis_url)) as client:
        cache = Cache(backends, tmp_path, client)
        async with run_scoreboard(backends) as scoreboard:
            await until(lambda: is_live(backends))
            epoch = client.hget(cache.meta, "live")
            readers = Readers(scoreboard, still)
            async with Load(scoreboard).playing(), readers.reading():
                for command in ("rebuild", "verify"):
                    before = readers.answers
                    done = await asyncio.to_thread(cache.run_apart, command)
                    assert (done.code, done.err) == (0, ""), done
                    assert readers.answers > before
            assert client.hget(cache.meta, "live") != epoch
            await check_settled(backends)
            # All of that was answered from Redis: readers kept the ranks they had.
            assert 'scoreboard_cache_misses_total{read="standing"} 0.0' in (
                await scoreboard.metrics()
            )


def test_an_unknown_board_is_told_with_the_way_to_those_there_are(cache: Cache) -> None:
    for command in ("rebuild", "verify"):
        shown = cache.run(command, "--board", "nobody")
        assert (shown.code, shown.out) == (1, "")
        assert shown.err == (
            "There is no board nobody. `scoreboard boards list` shows those there are.\n"
        )


@pytest.mark.parametrize("command", ["rebuild", "verify"])
def test_one_board_and_all_are_not_asked_for_together(cache: Cache, command: str) -> None:
    assert cache.run(command, "--board", "season-1", "--all").code == 2


@pytest.mark.parametrize("command", ["rebuild", "verify"])
@pytest.mark.parametrize(
    ("variable", "address", "server"),
    [
        pytest.param(
            "SCOREBOARD_REDIS_URL", "redis://u:canary@127.0.0.1:1", "Redis", id="Redis away"
        ),
        pytest.param(
            "SCOREBOARD_DATABASE_URL",
            "postgresql://u:canary@127.0.0.1:1/x",
            "PostgreSQL",
            id="PostgreSQL away",
        ),
    ],
)
def test_a_server_that_is_away_is_a_failure_told_in_a_sentence(
    cache: Cache, command: str, variable: str, address: str, server: str
) -> None:
    shown = cache.run(command, **{variable: address})
    assert (shown.code, shown.out, len(shown.err.splitlines())) == (1, "", 1)
    assert shown.err.startswith(server)
    assert "canary" not in shown.err


@pytest.mark.parametrize("command", ["rebuild", "verify"])
def test_a_database_without_the_schema_is_a_misconfiguration(
    cache: Cache, empty_database_url: str, command: str
) -> None:
    shown = cache.run(command, SCOREBOARD_DATABASE_URL=empty_database_url)
    assert (shown.code, len(shown.err.splitlines())) == (2, 1)
    assert "scoreboard db migrate" in shown.err
