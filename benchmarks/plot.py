"""Curves over one axis as an SVG that stands alone, light or dark as its reader likes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from cli.loadtest.scales import Axis, linear, logarithmic_ms

WIDTH, PANEL_HEIGHT = 720.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 150.0, 40.0, 40.0
TITLE_HEIGHT = 36.0
LOWEST_MS = 0.1
LABEL_HEIGHT = 14.0

STYLE = """
svg { --ground: #fff; --ink: #1b2230; --quiet: #667085; --rule: #e4e7ec;
  --t0: #2563c9; --t1: #c4570c; --t2: #8b3fd1; --t3: #98a2b3; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #181e29; --ink: #e7ebf2; --quiet: #94a0b4; --rule: #2a3240;
    --t0: #77a9ff; --t1: #ffab66; --t2: #c79bff; --t3: #6b778c; }
}
text { font: 12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--quiet); }
.title { font-size: 15px; font-weight: 600; fill: var(--ink); }
.panel { font-weight: 600; fill: var(--ink); }
.grid { stroke: var(--rule); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
"""


@dataclass(frozen=True)
class Curve:
    """A name, (across, up) from left to right, and which of the four tones it is drawn in."""

    name: str
    points: Sequence[tuple[float, float]]
    tone: int


@dataclass(frozen=True)
class Panel:
    """Curves that share their axes; a logarithmic one is in milliseconds."""

    title: str
    curves: Sequence[Curve]
    is_logarithmic: bool


def draw(title: str, across_title: str, panels: Sequence[Panel], unit: str = "×") -> str:
    """The panels one above the other; `unit` stands behind the numbers of their common axis."""
    height = TITLE_HEIGHT + PANEL_HEIGHT * len(panels)
    highest = max(x for panel in panels for curve in panel.curves for x, _ in curve.points)
    across = linear(highest, unit, wanted=6)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{escape(title)}"><style>{STYLE}</style>',
        f'<rect width="{WIDTH:g}" height="{height:g}" rx="8" fill="var(--ground)"/>',
        f'<text class="title" x="20" y="28">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        y = TITLE_HEIGHT + PANEL_HEIGHT * number
        parts.append(f'<g transform="translate(0 {y:g})">{_panel(panel, across, across_title)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel, across: Axis, across_title: str) -> str:
    values = [y for curve in panel.curves for _, y in curve.points]
    up = (
        logarithmic_ms(max(LOWEST_MS, min(values)), max(LOWEST_MS * 10, *values))
        if panel.is_logarithmic
        else linear(max(values))
    )
    floor = PANEL_HEIGHT - BOTTOM
    parts = [f'<text class="panel" x="20" y="{TOP - 16:g}">{escape(panel.title)}</text>']
    for value, label in up.ticks:
        y = _y(up, value)
        parts.append(f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y}" y2="{y}"/>')
        parts.append(_text(LEFT - 8, y, label, "end"))
    for value, label in across.ticks:
        parts.append(_text(_x(across, value), floor + 16, label, "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, floor + 34, across_title, "middle"))
    for curve in panel.curves:
        path = "L".join(f"{_x(across, x):.1f},{_y(up, y):.1f}" for x, y in curve.points)
        style = f'style="stroke: var(--t{curve.tone})"'
        parts.append(f'<path class="curve" {style} d="M{path}"/>')
    return "".join([*parts, *_names(panel.curves, across, up)])


def _names(curves: Sequence[Curve], across: Axis, up: Axis) -> list[str]:
    """Each at the right end of its curve, moved down where another one is in the way."""
    parts = []
    free_from = 0.0
    for curve in sorted(curves, key=lambda each: _y(up, each.points[-1][1])):
        x, y = curve.points[-1]
        at = max(_y(up, y) + 4, free_from)
        free_from = at + LABEL_HEIGHT
        style = f'style="fill: var(--t{curve.tone})"'
        parts.append(
            f'<text {style} x="{_x(across, x) + 6:.1f}" y="{at:.1f}">{escape(curve.name)}</text>'
        )
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return PANEL_HEIGHT - BOTTOM - axis.place(value) * (PANEL_HEIGHT - TOP - BOTTOM)
