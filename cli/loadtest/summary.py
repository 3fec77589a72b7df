"""The result as people read it, at the end of a run."""

from __future__ import annotations

from cli.loadtest.result import Latency, RunResult
from cli.output import print_error, print_line, print_table

BUSY = 0.9
"""A generator process that uses more of a core than this measures itself."""

SETTINGS_BY_POLICY = {
    "ip": "SCOREBOARD_RATE_IP_PER_S and SCOREBOARD_RATE_IP_BURST",
    "user": "SCOREBOARD_RATE_USER_PER_S and SCOREBOARD_RATE_USER_BURST",
}


def print_summary(result: RunResult) -> None:
    """Headline, latencies, errors, objectives and what to know of them, on stdout."""
    print_line(headline(result))
    rows = [(name, *_figures(latency)) for name, latency in latencies(result)]
    if rows:
        print_table(("ms", ">p50", ">p90", ">p99", ">p99.9", ">max"), rows)
    errors = [
        (operation, code, f"{count:,}")
        for operation, found in result.operations.items()
        for code, count in found.errors.items()
    ]
    if errors:
        print_table(("errors of", "code", ">count"), errors)
    if result.objectives:
        told = [
            ("met" if each.is_met else "NOT MET", each.text, each.found)
            for each in result.objectives
        ]
        print_table(("objective", "", ">found"), told)
    for sentence in remarks(result):
        print_line(sentence)
    if not result.answered:
        print_error("Not one request was answered as it should be.")


def headline(result: RunResult) -> str:
    """How many in what time, and how many errors."""
    share = result.error_percent
    errors = f"{result.failed:,} errors" + (f" ({share:.2g} %)" if result.failed and share else "")
    return (
        f"{result.answered:,} answers in {result.took_s:.1f} s: "
        f"{result.throughput_per_s or 0:,.0f}/s, {errors}"
    )


def latencies(result: RunResult) -> list[tuple[str, Latency]]:
    """Everything that took time, by its name; the whole only where there are several parts."""
    operations = [(name, found.latency) for name, found in result.operations.items()]
    if len(operations) > 1:
        operations.append(("all", result.latency))
    if result.watchers:
        operations.append(("send → screen", result.watchers.send_to_screen))
        operations.append(("answer → screen", result.watchers.answer_to_screen))
    return [(name, latency) for name, latency in operations if latency is not None]


def remarks(result: RunResult) -> list[str]:
    """What to know before the figures are believed, one sentence each."""
    found = []
    if result.interrupted:
        found.append("The run was interrupted: the figures are of what was done until then.")
    for policy, count in result.rate_limited_by.items():
        settings = SETTINGS_BY_POLICY.get(policy, "the limits of this policy")
        found.append(
            f"The limit per {policy} refused {count:,}: raise {settings} on the service to see "
            "what it can do."
        )
    if result.late:
        found.append(
            f"{result.late:,} requests were due while no connection was free; their latency "
            "counts the wait."
        )
    if result.watchers and result.watchers.send_to_screen is None:
        found.append(
            "No increment that was followed reached the top 10, so nothing is known of screens: "
            "load a board of its own with --board, or fewer --users."
        )
    if result.watchers and result.watchers.unseen:
        found.append(f"{result.watchers.unseen:,} changes were not shown within 10 s.")
    if result.watchers and result.watchers.lost:
        found.append(f"Watchers lost their connection {result.watchers.lost:,} times.")
    if result.generator.busiest > BUSY:
        found.append(
            f"The generator used {result.generator.busiest:.0%} of a core, so the latencies are "
            "partly its own: spread it with --processes."
        )
    return found


def _figures(latency: Latency) -> list[str]:
    values = (latency.p50, latency.p90, latency.p99, latency.p999, latency.max)
    return [milliseconds(value) for value in values]


def milliseconds(value: float) -> str:
    """Three digits, as far as they tell anything."""
    digits = 2 if value < 10 else 1 if value < 100 else 0  # noqa: PLR2004 - digits
    return f"{value:,.{digits}f}"
