"""One chart as inline SVG. Colours are the page's: a series names a class of its style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from cli.loadtest.scales import Axis

WIDTH, HEIGHT = 400.0, 226.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 10.0, 26.0
DOTS_MAX = 150
EDGE = 0.12
"""Labels this near to an end of the axis are turned inwards, so that nothing cuts them off."""

Point = tuple[float, float | None]
"""A place on both axes; None leaves a gap."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name, the style class of its colour, and its points from left to right."""

    name: str
    style: str
    points: Sequence[Point]
    is_area: bool = False
    unit: str = ""


def draw_chart(title: str, across: Axis, up: Axis, lines: Sequence[Series], note: str = "") -> str:
    """A figure with its title, a legend, and the lines."""
    parts = [_grid(across, up)]
    parts += [_line(each, across, up) for each in lines]
    parts += [_dots(each, across, up) for each in lines]
    legend = "".join(
        f'<li class="{escape(each.style)}"><i></i>{escape(each.name)}</li>' for each in lines
    )
    note_text = f"<p>{escape(note)}</p>" if note else ""
    return (
        f"<figure><figcaption><h2>{escape(title)}</h2>{note_text}</figcaption>"
        f'<ul class="legend">{legend}</ul>'
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _grid(across: Axis, up: Axis) -> str:
    parts = []
    for value, label in up.ticks:
        y = _y(up, value)
        parts.append(f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="up" x="{LEFT - 6:g}" y="{y}">{escape(label)}</text>')
    for value, label in across.ticks:
        place = across.place(value)
        anchor = "start" if place < EDGE else "end" if place > 1 - EDGE else "middle"
        x, y = _x(across, value), f"{HEIGHT - 6:g}"
        parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(label)}</text>')
    return "".join(parts)


def _line(series: Series, across: Axis, up: Axis) -> str:
    path = ""
    for run in _runs(series.points):
        places = [f"{_x(across, x)},{_y(up, y)}" for x, y in run]
        path += f"M{places[0]}" + "".join(f"L{each}" for each in places[1:])
    drawn = f'<path class="line {escape(series.style)}" d="{path}"/>' + _lone(series, across, up)
    if not series.is_area:
        return drawn
    floor = _y(up, up.low)
    area = ""
    for run in _runs(series.points):
        ends = f"{_x(across, run[-1][0])},{floor}L{_x(across, run[0][0])},{floor}Z"
        area += "M" + "L".join(f"{_x(across, x)},{_y(up, y)}" for x, y in run) + f"L{ends}"
    return f'<path class="area {escape(series.style)}" d="{area}"/>{drawn}'


def _lone(series: Series, across: Axis, up: Axis) -> str:
    """Points between two gaps: a line of no length could not be seen."""
    places = [(_x(across, x), _y(up, y)) for ((x, y), *more) in _runs(series.points) if not more]
    path = "".join(f"M{x},{y}L{x},{y}" for x, y in places)
    return f'<path class="lone {escape(series.style)}" d="{path}"/>' if path else ""


def _dots(series: Series, across: Axis, up: Axis) -> str:
    """Circles that appear, with their value, under the pointer."""
    if len(series.points) > DOTS_MAX:
        return ""
    return "".join(
        f'<circle class="dot {escape(series.style)}" cx="{_x(across, x)}" cy="{_y(up, y)}" r="4">'
        f"<title>{escape(f'{series.name}: {y:,.4g}{series.unit}')}</title></circle>"
        for x, y in series.points
        if y is not None
    )


def _runs(points: Sequence[Point]) -> list[list[tuple[float, float]]]:
    """The stretches between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is not None:
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _x(axis: Axis, value: float) -> str:
    return f"{LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT):.1f}"


def _y(axis: Axis, value: float) -> str:
    return f"{HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM):.1f}"
