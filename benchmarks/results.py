"""A run as files: JSON with every round, and the table in Markdown."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from statistics import median

from benchmarks.bench import Options
from benchmarks.recording import Line, Recording, Sample
from benchmarks.servers import Servers, read_versions

FOLDER = Path(__file__).parent / "results"
LIBRARIES = ("aiohttp", "aio-pika", "asyncpg", "msgspec", "pyjwt", "redis", "cryptography")

Description = dict[str, str | int | bool]


def describe(servers: Servers, options: Options) -> Description:
    """The machine, the versions of everything, and how much was measured."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 0,
        "memory MB": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "system": platform.platform(),
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        **read_versions(servers),
        "load average at the start": f"{os.getloadavg()[0]:.2f}",
        "rounds": options.rounds,
        "quick": options.quick,
    }


def write(folder: Path, described: Description, recording: Recording) -> tuple[Path, str]:
    """Writes both files, named by the moment; the JSON's path and the Markdown text."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^0-9T-]", "", str(described["date"]).partition("+")[0])
    text = render(described, recording)
    path = folder / f"{stem}.json"
    document = {"run": described, **recording.as_dict()}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    path.with_suffix(".md").write_text(text, "utf-8")
    return path, text


def render(described: Description, recording: Recording) -> str:
    """The table of ratios with its goals, and below it the figures it is made of."""
    parts = ["# Measured", "", _conditions(described), ""]
    if described["quick"]:
        parts += ["**A smoke run: its figures mean nothing.**", ""]
    parts += ["| what | median | of rounds | goal | reached |", "|---|---:|---:|---:|:-:|"]
    for section, lines in groupby(recording.lines, lambda each: each.section):
        parts.append(f"| **{section}** | | | | |")
        parts += [_line(each) for each in lines]
    if recording.remarks:
        parts += ["", *(f"- {each}" for each in recording.remarks)]
    for section, samples in groupby(recording.samples, lambda each: each.section):
        parts += ["", f"## {section}: medians of the rounds", "", *_figures(list(samples))]
    return "\n".join(parts) + "\n"


def _conditions(described: Description) -> str:
    return ", ".join(f"{name} {value}" for name, value in described.items() if name != "quick")


def _line(line: Line) -> str:
    if line.value is None:
        return f"| {line.label} | – | {line.remark or 'not measured'} | {line.goal or ''} | |"
    spread = "" if line.spread is None else f"{number(line.spread[0])} to {number(line.spread[1])}"
    reached = {True: "yes", False: "no", None: ""}[line.is_met]
    space = "" if line.unit == "×" else " "
    value = f"{number(line.value)}{space}{line.unit}"
    return f"| {line.label} | {value} | {spread} | {line.goal or ''} | {reached} |"


def _figures(samples: list[Sample]) -> Iterable[str]:
    """One table: a row for each target and condition, a column for each figure."""
    names = list(dict.fromkeys(name for each in samples for name in each.figures))
    yield f"| target | {' | '.join(names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for target, condition in dict.fromkeys((each.target, each.condition) for each in samples):
        found = [each for each in samples if (each.target, each.condition) == (target, condition)]
        cells = [
            number(median(values)) if values else ""
            for values in ([each.figures[n] for each in found if n in each.figures] for n in names)
        ]
        yield f"| {target} {condition} | {' | '.join(cells)} |"


def number(value: float) -> str:
    """Three digits, and thousands set apart."""
    if abs(value) >= 100:  # noqa: PLR2004 - three digits
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"model name\s*: (.+)", text)
    return found[1] if found else platform.machine()
