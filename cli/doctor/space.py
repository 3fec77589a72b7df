"""Free space on disks."""

from __future__ import annotations

from cli.doctor.verdicts import Verdict, ok, problem, warning

GIB = 1 << 30
WARNING_SHARE, PROBLEM_SHARE = 0.10, 0.02
ENOUGH_BYTES = 50 * GIB
"""A large disk is not nearly full when a tenth of it is free."""


def judge_space(where: str, free: int, total: int) -> Verdict:
    """Whether there is room left. PostgreSQL stops where a write finds none."""
    found = f"{where} has {describe_bytes(free)} of {describe_bytes(total)} free"
    remedy = "Free or add space there."
    if free < total * PROBLEM_SHARE and free < GIB:
        return problem(found, remedy)
    if free < total * WARNING_SHARE and free < ENOUGH_BYTES:
        return warning(found, remedy)
    return ok(found)


def describe_bytes(count: float) -> str:
    """`1.5 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:  # noqa: PLR2004 - what the units are made of
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
