"""Service level objectives: read strictly, judged on what was measured."""

from __future__ import annotations

import pytest
import typer

from cli.loadtest.objectives import parse_objectives
from tests.loadtest.results import result, watchers

MET = ("p50<10.1ms", "p90<=0.2s", "p99<50ms", "p99.9<=101ms", "max<1s", "errors<=1%")
MISSED = ("p50<9ms", "p99.9<50ms", "max<100000us", "errors<0.99%", "throughput>500/s")


@pytest.mark.parametrize("text", MET)
def test_an_objective_that_holds_is_met(text: str) -> None:
    (term,) = parse_objectives(text)
    assert term.judge(result(answered=990, errors={"timeout": 10})).is_met


@pytest.mark.parametrize("text", MISSED)
def test_an_objective_that_does_not_hold_is_not_met(text: str) -> None:
    (term,) = parse_objectives(text)
    assert not term.judge(result(answered=1000, errors={"timeout": 10})).is_met


def test_each_term_is_judged_and_tells_what_was_found() -> None:
    terms = parse_objectives("p99<50ms, errors<0.1%,throughput>=500/s")
    told = [term.judge(result()) for term in terms]
    assert [(each.text, each.is_met) for each in told] == [
        ("p99<50ms", True),
        ("errors<0.1%", True),
        ("throughput>=500/s", True),
    ]
    assert told[2].found == "500/s"


def test_watchers_have_objectives_of_their_own() -> None:
    (term,) = parse_objectives("watchers_p99<50ms")
    assert term.is_of_watchers
    assert term.judge(result(watchers=watchers())).is_met


@pytest.mark.parametrize("text", ["watchers_p99<50ms", "p99<1s"])
def test_what_was_not_measured_is_not_met(text: str) -> None:
    (term,) = parse_objectives(text)
    assert not term.judge(result(latency=None, answered=0)).is_met


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "p99",
        "p99<",
        "p99<50",
        "p99<50%",
        "p99>50ms",
        "p98<50ms",
        "errors<1ms",
        "errors>1%",
        "throughput<100/s",
        "throughput>100",
        "p99<50ms,",
        "p99<50ms;p50<1ms",
        "p99<-1ms",
        "p99<1e3ms",
        "p99==50ms",
        "watchers_errors<1%",
    ],
)
def test_what_is_not_understood_whole_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_objectives(text)
