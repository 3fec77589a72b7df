"""The small texts that options hold: durations, mixes, stages and distributions."""

from __future__ import annotations

import re

import typer

OPERATIONS = ("increment", "top", "user")
DAY_S = 86_400.0
RATE_MAX_PER_S = 200_000.0
WEIGHT_MAX = 1_000_000
STAGES_MAX = 100
ZIPF_MAX = 5.0

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


def parse_duration(text: str) -> float:
    """Seconds of `10s`, `500ms`, `2m` or `1h`; more than none and a day at most."""
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= DAY_S:
        raise typer.BadParameter("it must be a duration such as 10s, 500ms or 2m, a day at most.")
    return seconds


def parse_rate(text: str) -> float:
    """Requests per second."""
    rate = float(text) if _NUMBER.fullmatch(text) else 0.0
    if not 0 < rate <= RATE_MAX_PER_S:
        raise typer.BadParameter(
            f"a rate must be more than 0 and at most {RATE_MAX_PER_S:,.0f} requests/s."
        )
    return rate


def parse_mix(text: str) -> dict[str, int]:
    """Weights by operation, of `increment=80,top=15,user=5`; those of weight 0 are left out."""
    mix: dict[str, int] = {}
    for part in text.split(","):
        name, _, weight = (piece.strip() for piece in part.partition("="))
        if name not in OPERATIONS or name in mix:
            raise typer.BadParameter(f"name each of {', '.join(OPERATIONS)} at most once.")
        if not (weight.isascii() and weight.isdecimal() and int(weight) <= WEIGHT_MAX):
            raise typer.BadParameter(f"the weight of {name} must be a whole number, as in top=15.")
        mix[name] = int(weight)
    chosen = {name: weight for name, weight in mix.items() if weight}
    if not chosen:
        raise typer.BadParameter("at least one operation must have a weight.")
    return chosen


def parse_stages(text: str) -> list[tuple[float, float]]:
    """(requests per second, seconds) of `100:10s,500:30s`."""
    parts = text.split(",")
    if len(parts) > STAGES_MAX:
        raise typer.BadParameter(f"there may be {STAGES_MAX} stages at most.")
    stages = []
    for part in parts:
        rate, found, lasts = part.strip().partition(":")
        if not found:
            raise typer.BadParameter("a stage is rate:duration, such as 100:10s.")
        stages.append((parse_rate(rate), parse_duration(lasts)))
    if sum(lasts for _, lasts in stages) > DAY_S:
        raise typer.BadParameter("the stages may last a day at most, together.")
    return stages


def parse_distribution(text: str) -> float:
    """The exponent of `zipf:1.1`; 0 for `uniform`, where all users are alike."""
    if text == "uniform":
        return 0.0
    name, _, exponent = text.partition(":")
    value = float(exponent) if name == "zipf" and _NUMBER.fullmatch(exponent) else 0.0
    if not 0 < value <= ZIPF_MAX:
        raise typer.BadParameter("it must be uniform, or zipf with an exponent, such as zipf:1.1.")
    return value
