"""The parts of the playground that need no server."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console, RenderableType

from cli.playground.hints import commands, friendly, reachable, winning_delta
from cli.playground.log import BoundedLog
from cli.playground.names import COMBINATIONS, invent_players, invent_visitor, naming
from cli.playground.players import Tally
from cli.playground.presentation import Board, Scene, describe
from cli.screen import DOWN, UP, Movements, TopList
from scoreboard.client import Entry, LiveState, Shown
from scoreboard.client.views import NOTHING
from scoreboard.settings import DEFAULT_KEYS_FILE

URL = "http://localhost:8080"


def entries(*ranks: tuple[str, int]) -> tuple[Entry, ...]:
    return tuple(Entry(user, 100 - rank, rank) for user, rank in ranks)


def state(entries: tuple[Entry, ...], *, is_stale: bool = False) -> LiveState:
    """A list as it comes from the service."""
    shown = Shown(entries=entries, epoch="epoch", version=1)
    return LiveState("top:10", "main", shown, "open", is_stale)


def rendered(view: RenderableType) -> list[str]:
    """The lines on a terminal of 80 columns."""
    file = io.StringIO()
    Console(file=file, width=80, height=24, force_terminal=True, color_system=None).print(view)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_players_are_the_same_at_every_start() -> None:
    assert invent_players(5) == invent_players(200)[:5]


def test_players_have_names_and_ids_of_their_own() -> None:
    players = invent_players(2 * COMBINATIONS)
    assert len({each.name for each in players}) == len(players)
    assert len({each.user_id for each in players}) == len(players)
    assert COMBINATIONS >= 200


def test_whoever_holds_a_seed_is_the_same_visitor_each_time_and_called_like_no_player() -> None:
    visitor, name_of = invent_visitor("a seed"), naming(2 * COMBINATIONS)
    assert visitor == invent_visitor("a seed") != invent_visitor("another")
    assert name_of(visitor.user_id) == visitor.name
    assert visitor.name not in {each.name for each in invent_players(2 * COMBINATIONS)}


def test_an_arrow_shows_who_rose_and_who_fell_and_then_vanishes() -> None:
    movements = Movements()
    movements.note(entries(("a", 1), ("b", 2)), now_s=0)
    assert not movements.arrow("a", now_s=0)
    movements.note(entries(("b", 1), ("a", 2)), now_s=1)
    assert movements.arrow("b", now_s=2) == UP
    assert movements.arrow("a", now_s=2) == DOWN
    assert not movements.arrow("a", now_s=60)


def test_whoever_enters_the_list_has_risen() -> None:
    movements = Movements()
    movements.note(entries(("a", 1)), now_s=0)
    movements.note(entries(("a", 1), ("b", 2)), now_s=1)
    assert movements.arrow("b", now_s=1) == UP
    assert not movements.arrow("a", now_s=1)


def test_the_board_fits_a_small_terminal_and_never_changes_its_height() -> None:
    lines = commands(URL, DEFAULT_KEYS_FILE, 123_000)
    tally = Tally(applied=1_234_567)
    tally.refused.update(rate_limited=1_000, storage_unavailable=20, overloaded=1)
    top = TopList(10, naming(200))
    board = Board(Scene(URL, 200, {}, lines, tally), top)
    empty = rendered(board)
    found = tuple(Entry(each.user_id, 9_876_543, 1) for each in invent_players(10))
    top.show(state(found))
    full = rendered(board)
    assert len(empty) == len(full) <= 24
    assert all(line in full for line in lines)
    assert any("Amber Badger" in line and "9,876,543" in line for line in full)


def test_an_interruption_is_shown_beside_the_last_list() -> None:
    top = TopList(1)
    top.show(state(entries(("a", 1))))
    top.interrupt("The service is away", 2.0)
    shown = "\n".join(rendered(top))
    assert "99" in shown
    assert "The service is away; trying again in 2 s." in shown


def test_before_the_first_list_nothing_is_said_of_it() -> None:
    top = TopList(1)
    top.show(LiveState("top:10", "main", NOTHING, "open", is_stale=True))
    assert "Connecting …" in "\n".join(rendered(top))


def test_a_list_that_may_be_out_of_date_says_so_until_it_is_not() -> None:
    top = TopList(1)
    top.show(state(entries(("a", 1)), is_stale=True))
    assert "may be out of date" in "\n".join(rendered(top))
    top.show(state(entries(("a", 1))))
    assert "may be out of date" not in "\n".join(rendered(top))


def test_refusals_are_counted_by_code() -> None:
    tally = Tally()
    assert "refused" not in describe(tally)
    tally.refused["rate_limited"] += 2
    assert describe(tally).endswith("refused: 2 rate_limited")


def test_the_delta_to_copy_beats_whoever_leads() -> None:
    assert [winning_delta(score) for score in (-5, 0, 999, 1000)] == [1000, 1000, 1000, 2000]


def test_commands_name_the_keys_and_the_address_only_where_they_differ() -> None:
    usual = "\n".join(commands(URL, DEFAULT_KEYS_FILE, 1000))
    assert "export" not in usual
    assert "--url" not in usual
    other = "\n".join(commands("http://localhost:8099", Path("my data/keys.json"), 1000))
    assert "export SCOREBOARD_KEYS_FILE='my data/keys.json'" in other
    assert "top --watch --url http://localhost:8099" in other


def test_an_address_for_all_interfaces_is_reached_by_the_loopback() -> None:
    assert reachable("http://0.0.0.0:80") == "http://127.0.0.1:80"
    assert reachable("http://[::]:80") == "http://[::1]:80"
    assert friendly("http://127.0.0.1:8080") == URL


def test_a_full_log_makes_room_and_keeps_what_it_held_once(tmp_path: Path) -> None:
    file = tmp_path / "service.log"
    with BoundedLog(file, max_characters=10) as log:
        for line in ("first line\n", "second line\n", "third\n"):
            log.write(line)
    assert file.read_text() == "third\n"
    assert (tmp_path / "service.log.1").read_text() == "second line\n"
