"""A report: one HTML page that needs nothing else, of one run or of two side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

from cli.loadtest.figures import Run, draw_figures
from cli.loadtest.result import Latency, RunResult
from cli.loadtest.summary import latencies, milliseconds, remarks

STYLE = Path(__file__).with_name("page.css")
FIGURES: tuple[tuple[str, Callable[[Latency], float]], ...] = (
    ("p50", lambda found: found.p50),
    ("p90", lambda found: found.p90),
    ("p99", lambda found: found.p99),
    ("p99.9", lambda found: found.p999),
    ("max", lambda found: found.max),
)
SMALLEST_CHANGE = 0.02


def render_page(runs: Sequence[Run]) -> str:
    """The page; `runs` are one or two results with their names."""
    names = " and ".join(name for name, _ in runs)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Load test {escape(names)}</title><style>{STYLE.read_text('utf-8')}</style></head>"
        f"<body><header><h1>Load test</h1>{''.join(_heads(runs))}</header>"
        f"<main>{_tiles(runs)}{_objectives(runs)}"
        f'<section class="charts">{draw_figures(runs)}</section>'
        f"{_latency_table(runs)}{_error_table(runs)}{_remarks(runs)}{_conditions(runs)}</main>"
        "</body></html>\n"
    )


def _heads(runs: Sequence[Run]) -> Iterable[str]:
    for letter, (name, result) in zip("AB", runs, strict=False):
        mark = f'<b class="mark {letter.lower()}">{letter}</b> ' if len(runs) > 1 else ""
        told = f"{result.config.get('url', '')} · {result.started_at[:19].replace('T', ' ')} UTC"
        yield f"<p>{mark}<strong>{escape(name)}</strong> {escape(told)}</p>"


def _tiles(runs: Sequence[Run]) -> str:
    rates = [each.throughput_per_s for _, each in runs]
    told = [each.latency for _, each in runs]
    seen = [each.watchers.send_to_screen if each.watchers else None for _, each in runs]
    tiles = [
        _tile("answers/s", rates, "{:,.0f}".format, more_is_better=True),
        _tile("p50 ms", [each.p50 if each else None for each in told], milliseconds),
        _tile("p99 ms", [each.p99 if each else None for each in told], milliseconds),
        _tile("errors %", [each.error_percent for _, each in runs], "{:.2g}".format),
    ]
    if any(seen):
        screens = [each.p99 if each else None for each in seen]
        tiles.append(_tile("send → screen p99 ms", screens, milliseconds))
    return f'<section class="tiles">{"".join(tiles)}</section>'


def _tile(
    name: str,
    values: list[float | None],
    tell: Callable[[float], str],
    *,
    more_is_better: bool = False,
) -> str:
    shown = [
        f'<span class="{style}">{"–" if value is None else tell(value)}</span>'
        for style, value in zip(("a", "b"), values, strict=False)
    ]
    change = _ratio(values[0], values[1], more_is_better) if len(values) > 1 else ""
    arrow = '<i class="to">→</i>'.join(shown)
    return f"<div><dt>{escape(name)}</dt><dd>{arrow}{change}</dd></div>"


def _ratio(before: float | None, after: float | None, more_is_better: bool) -> str:
    """How many times the first the second is, coloured by whether that is good."""
    if not before or after is None:
        return ""
    ratio = after / before
    if abs(ratio - 1) < SMALLEST_CHANGE:
        style = "same"
    else:
        style = "better" if (ratio > 1) == more_is_better else "worse"
    return f'<em class="{style}">×{ratio:.2f}</em>'


def _objectives(runs: Sequence[Run]) -> str:
    items = [
        f'<li class="{"met" if each.is_met else "unmet"}">{_letter(runs, at)}'
        f"<code>{escape(each.text)}</code> {escape(each.found)}</li>"
        for at, (_, result) in enumerate(runs)
        for each in result.objectives
    ]
    return f'<ul class="objectives">{"".join(items)}</ul>' if items else ""


def _letter(runs: Sequence[Run], at: int) -> str:
    return f'<b class="mark {"ab"[at]}">{"AB"[at]}</b> ' if len(runs) > 1 else ""


def _latency_table(runs: Sequence[Run]) -> str:
    found = [dict(latencies(result)) for _, result in runs]
    names = list(dict.fromkeys(name for each in found for name in each))
    rows = []
    for name in names:
        of_runs = [each.get(name) for each in found]
        for at, latency in enumerate(of_runs):
            if latency is not None:
                cells = [milliseconds(read(latency)) for _, read in FIGURES]
                rows.append(_row([_letter(runs, at) + escape(name), f"{latency.count:,}", *cells]))
        before, after = of_runs[0], of_runs[-1]
        if len(runs) > 1 and before is not None and after is not None:
            ratios = [_ratio(read(before), read(after), False) for _, read in FIGURES]
            rows.append(_row(["B to A", "", *ratios], "ratio"))
    return _table("Latency in ms", ("", "count", *(name for name, _ in FIGURES)), rows)


def _error_table(runs: Sequence[Run]) -> str:
    rows = [
        _row([_letter(runs, at) + escape(operation), escape(code), f"{count:,}"])
        for at, (_, result) in enumerate(runs)
        for operation, found in result.operations.items()
        for code, count in found.errors.items()
    ]
    return _table("Errors", ("", "code", "count"), rows) if rows else ""


def _remarks(runs: Sequence[Run]) -> str:
    items = [
        f"<li>{_letter(runs, at)}{escape(sentence)}</li>"
        for at, (_, result) in enumerate(runs)
        for sentence in remarks(result)
    ]
    return (
        f'<section><h2>To know</h2><ul class="remarks">{"".join(items)}</ul></section>'
        if items
        else ""
    )


def _conditions(runs: Sequence[Run]) -> str:
    """What was asked for and where; differences between two runs are marked."""
    all_of = [_conditions_of(result) for _, result in runs]
    names = list(dict.fromkeys(name for each in all_of for name in each))
    rows = []
    for name in names:
        values = [str(each.get(name, "–")) for each in all_of]
        rows.append(
            _row(
                [escape(name), *(escape(value) for value in values)],
                "differs" if len(set(values)) > 1 else "",
            )
        )
    heads = ("", "A", "B") if len(runs) > 1 else ("", "")
    return _table("Conditions", heads, rows, "conditions")


def _conditions_of(result: RunResult) -> dict[str, object]:
    spent = result.generator
    return {
        **{name: _plain(value) for name, value in result.config.items()},
        **result.environment,
        "tookS": f"{result.took_s:.1f}",
        "generatorCpuS": f"{spent.cpu_s:.1f}",
        "generatorBusiest": f"{spent.busiest:.0%} of a core",
    }


def _plain(value: object) -> object:
    if value is None:
        return "–"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _row(cells: Sequence[str], style: str = "") -> str:
    """`cells` are HTML already."""
    first, *others = cells
    return (
        f'<tr class="{style}"><th scope="row">{first}</th>'
        + "".join(f"<td>{each}</td>" for each in others)
        + "</tr>"
    )


def _table(title: str, heads: Sequence[str], rows: Iterable[str], style: str = "") -> str:
    cells = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    head = f"<thead><tr>{cells}</tr></thead>" if any(heads) else ""
    return (
        f'<section><h2>{escape(title)}</h2><div class="scroll"><table class="{style}">'
        f"{head}<tbody>{''.join(rows)}</tbody></table></div></section>"
    )
