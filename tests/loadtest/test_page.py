"""The report: one page, whole and harmless, whatever a result holds."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from cli.loadtest.page import render_page
from cli.loadtest.result import Objective, Operation
from cli.loadtest.scales import linear, logarithmic_ms, nines
from cli.loadtest.storage import read_result, write_result
from cli.output import CommandFailed
from tests.loadtest.results import latency, result, watchers

HOSTILE = "<script>alert('x')</script>&\"'"
VOID = {"meta", "line", "path", "circle", "br"}


class Nesting(HTMLParser):
    """Fails for an element that is closed in the wrong place, and gathers every attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def parsed(page: str) -> Nesting:
    """The page, read to its end."""
    found = Nesting()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


def test_a_page_needs_nothing_from_elsewhere() -> None:
    page = render_page([("a.json", result(watchers=watchers()))])
    found = parsed(page)
    assert not found.names & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not {name for name, _ in found.attributes} & {"src", "href", "style", "onclick"}
    assert "url(" not in page
    assert "@import" not in page


def test_what_a_result_says_is_shown_as_text() -> None:
    found = latency({10_000: 5})
    whole = result(
        started_at=HOSTILE,
        config={"url": HOSTILE, HOSTILE: HOSTILE},
        environment={HOSTILE: HOSTILE},
        operations={HOSTILE: Operation(5, {HOSTILE: 3}, found)},
        errors={HOSTILE: 3},
        rate_limited_by={HOSTILE: 1},
        objectives=[Objective(HOSTILE, HOSTILE, is_met=False)],
    )
    page = render_page([(HOSTILE, whole), (HOSTILE, whole)])
    assert "script" not in parsed(page).names
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;" in page


@pytest.mark.parametrize("runs", [1, 2])
def test_charts_are_well_formed_and_draw_inside_their_frame(runs: int) -> None:
    series = [replace(each, errors=3, screen_p50=4.0) for each in result().series]
    whole = result(watchers=watchers(), series=series)
    page = render_page([("x.json", whole)] * runs)
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 5
    for drawing in drawings:
        _, _, width, height = map(float, re.findall(r'viewBox="(.*?)"', drawing)[0].split())
        for element in ET.fromstring(drawing).iter():  # noqa: S314 - our own
            places = [float(each) for each in re.findall(r"[\d.]+", element.get("d", ""))]
            assert all(0 <= x <= width for x in places[::2])
            assert all(0 <= y <= height for y in places[1::2])


def test_a_second_between_two_without_a_value_can_be_seen() -> None:
    series = [replace(each, screen_p50=None, screen_p99=None) for each in result().series]
    series[1] = replace(series[1], screen_p50=4.0, screen_p99=9.0)
    page = render_page([("a.json", result(watchers=watchers(), series=series))])
    places = re.findall(r'<path class="lone p99" d="M([\d.,]+)L([\d.,]+)"/>', page)
    assert [begin == end for begin, end in places] == [True]


def test_a_comparison_tells_ratios_and_which_way_is_better() -> None:
    slow = latency({20_000: 1000})
    other = result(answered=2000, latency=slow, operations={"top": Operation(2000, {}, slow)})
    page = render_page([("a.json", result()), ("b.json", other)])
    assert '<em class="better">×2.00</em>' in page  # throughput
    assert '<em class="worse">×2.00</em>' in page  # p50
    assert '<em class="better">×0.20</em>' in page  # p99


def test_an_empty_run_has_a_page_too() -> None:
    nothing = result(answered=0, latency=None, operations={}, series=[], took_s=0.0)
    parsed(render_page([("a.json", nothing)]))


def test_a_result_is_the_same_once_it_was_a_file(tmp_path: Path) -> None:
    whole = result(watchers=watchers(), objectives=[Objective("p99<1ms", "2 ms", is_met=False)])
    write_result(tmp_path / "a.json", whole)
    assert read_result(tmp_path / "a.json") == whole
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b'{"format":"scoreboard-loadtest-9"}'],
    ids=["empty", "no members", "a list", "no text", "another format"],
)
def test_a_file_that_is_no_result_is_told_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(CommandFailed, match="is no result"):
        read_result(file)


def test_a_broken_histogram_is_told_in_one_sentence() -> None:
    broken = replace(latency({1000: 1}), histogram="HISTFAAA!")
    with pytest.raises(CommandFailed, match="cannot be read"):
        render_page([("a.json", result(latency=broken))])


def test_axes_have_round_numbers_and_keep_their_values_inside() -> None:
    assert [label for _, label in linear(930, "/s").ticks] == [
        "0/s",
        "250/s",
        "500/s",
        "750/s",
        "1k/s",
    ]
    assert [label for _, label in logarithmic_ms(0.5, 900).ticks] == [
        "0.1 ms",
        "1 ms",
        "10 ms",
        "100 ms",
        "1 s",
    ]
    assert [label for _, label in nines(1000).ticks] == ["50 %", "90 %", "99 %", "99.9 %"]
    assert nines(1000).place(99) == pytest.approx(2 / 3)
