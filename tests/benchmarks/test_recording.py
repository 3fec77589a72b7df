"""Ratios are made within a round, and the table says what was reached and what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.goals import GOALS
from benchmarks.histogram import marker, shares
from benchmarks.plot import Curve, Panel, draw
from benchmarks.recording import Recording
from benchmarks.results import Description, render, write

DESCRIBED: Description = {"date": "2026-01-02T03:04:05+00:00", "quick": False}


@pytest.fixture
def recording() -> Recording:
    """Three rounds, each on a machine that is twice as slow as in the round before."""
    recording = Recording("increments")
    for number, (ours, theirs) in enumerate(((800, 100), (400, 40), (200, 40)), 1):
        recording.note("serve", "× 64", number, {"answers/s": ours})
        recording.note("naive", "× 64", number, {"answers/s": theirs})
    return recording


def test_a_ratio_is_the_median_of_each_rounds_own_ratio(recording: Recording) -> None:
    recording.ratio(
        "serve / naive", "answers/s", ("serve", "× 64"), ("naive", "× 64"), goal="naive at 64"
    )
    (line,) = recording.lines
    assert (line.value, line.spread) == (8, (5, 10))
    assert line.is_met is True


def test_a_ratio_of_targets_with_different_rounds_is_refused(recording: Recording) -> None:
    recording.note("naive", "× 64", 4, {"answers/s": 1.0})
    with pytest.raises(ValueError, match="longer"):
        recording.ratio("serve / naive", "answers/s", ("serve", "× 64"), ("naive", "× 64"))


@pytest.mark.parametrize(
    ("goal", "good", "bad"),
    [("naive at 64", 7, 6.99), ("server cpu", 1.8, 1.81), ("overload", 90, 89.9)],
)
def test_a_goal_is_met_on_its_good_side(goal: str, good: float, bad: float) -> None:
    assert GOALS[goal].is_met(good)
    assert not GOALS[goal].is_met(bad)


def test_the_table_tells_values_goals_and_what_is_missing(recording: Recording) -> None:
    recording.value("rate", "answers/s", "serve", "× 64", unit="/s")
    recording.add("p99", [30.0], unit="ms", goal="open loop")
    recording.missing("against naive", "RabbitMQ was not found", "naive at 64")
    text = render(DESCRIBED, recording)
    assert "| rate | 400 /s | 200 to 800 |  |  |" in text
    assert "| p99 | 30.00 ms |  | ≤ 25 ms | no |" in text
    assert "| against naive | – | RabbitMQ was not found | ≥ 7× | |" in text
    assert "| naive × 64 | 40.00 |" in text


def test_a_run_is_written_as_json_with_every_round(recording: Recording, tmp_path: Path) -> None:
    recording.value("rate", "answers/s", "serve", "× 64", unit="/s")
    path, text = write(tmp_path / "results", DESCRIBED, recording)
    document = json.loads(path.read_text("utf-8"))
    assert path.name == "2026-01-02T030405.json"
    assert document["run"] == DESCRIBED
    assert [each["round"] for each in document["samples"]] == [1, 1, 2, 2, 3, 3]
    assert document["lines"][0]["value"] == 400
    assert path.with_suffix(".md").read_text("utf-8") == text


def test_a_plot_is_well_formed_and_names_its_curves() -> None:
    curves = [
        Curve("goodput <1>", [(0.5, 10), (3, 40)], 0),
        Curve("refused", [(0.5, 0), (3, 9)], 1),
    ]
    panels = [
        Panel("rates", curves, is_logarithmic=False),
        Panel("ms", curves, is_logarithmic=True),
    ]
    image = draw("Overload", "offered", panels)
    texts = [each.text for each in ET.fromstring(image).iter() if each.text]  # noqa: S314 - ours
    assert texts.count("goodput <1>") == 2
    assert {"Overload", "rates", "ms", "refused", "offered"} <= set(texts)


def test_a_histogram_tells_what_part_of_all_values_lies_in_each_step() -> None:
    bars = shares([0.5, 1.5, 1.6, 99.0], 60.0, 0)
    assert bars.points[:5] == [(0, 0), (0, 25), (1, 25), (1, 50), (2, 50)]
    assert sum(up for _, up in bars.points[1::2]) == 75
    assert marker("p99", 12.0, bars).points == [(12, 0), (12, 30)]


def test_a_plot_names_the_unit_of_its_axis() -> None:
    panel = Panel("share", [Curve("calm", [(0, 0), (80, 1)], 0)], is_logarithmic=False)
    assert ">20 ms<" in draw("Screens", "time", [panel], " ms")
