"""What options may say, and what they may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import typer

from cli.loadtest.expressions import (
    parse_distribution,
    parse_duration,
    parse_mix,
    parse_rate,
    parse_stages,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("500ms", 0.5), ("2m", 120), ("1h", 3600), ("1.5s", 1.5)]
)
def test_a_duration_is_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


def test_a_mix_holds_weights_by_operation() -> None:
    assert parse_mix("increment=80,top=15, user=0") == {"increment": 80, "top": 15}


def test_stages_hold_their_rate_and_how_long_it_lasts() -> None:
    assert parse_stages("100:10s,500:30s") == [(100, 10), (500, 30)]


def test_a_distribution_is_uniform_or_has_an_exponent() -> None:
    assert parse_distribution("uniform") == 0
    assert parse_distribution("zipf:1.1") == 1.1


WRONG: list[tuple[Callable[[str], object], str]] = [
    *((parse_duration, text) for text in ("", "10", "0s", "-1s", "1d", "25h", "1e3s", "١s")),
    *((parse_rate, text) for text in ("", "0", "-1", "1e3", "nan", "inf", "200001")),
    *((parse_mix, text) for text in ("", "top", "top=x", "top=1,top=2", "top=0", "other=1")),
    *((parse_stages, text) for text in ("", "100", "100:", ":10s", "0:10s", "1:20h,1:20h")),
    *((parse_distribution, text) for text in ("", "zipf", "zipf:", "zipf:0", "zipf:9", "normal")),
]


@pytest.mark.parametrize(
    ("parse", "text"), WRONG, ids=[f"{parse.__name__}-{text}" for parse, text in WRONG]
)
def test_what_is_not_understood_whole_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse(text)
