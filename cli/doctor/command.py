"""`scoreboard doctor`: the command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from cli.environment import given
from cli.output import FAILED, MISCONFIGURED, JsonOption, print_json, print_line
from cli.signals import run_work

if TYPE_CHECKING:
    from cli.doctor.examination import Examination
    from cli.doctor.settings import ReadSettings
    from cli.doctor.verdicts import Finding


def doctor(as_json: JsonOption = False) -> None:
    """Look at everything the service stands on, and say what mends it.

    Settings, keys, PostgreSQL with its rights, Redis, RabbitMQ, clocks, TLS, ports and limits.
    Nothing is changed. Exit code 1 when there is a problem (warnings are none), 2 when a setting
    is unusable.

    \b
    Examples:
      scoreboard doctor
      scoreboard doctor --json
    """
    from cli.doctor.report import render  # noqa: PLC0415 - keeps --help quick
    from cli.doctor.settings import read_settings  # noqa: PLC0415
    from cli.doctor.verdicts import Status  # noqa: PLC0415

    variables = given(os.environ)
    read = read_settings(variables)
    findings = [*read.findings, *run_work(_examine(read, variables))]
    has_problem = any(each.status is Status.PROBLEM for each in findings)
    if as_json:
        print_json({"ok": not has_problem, "checks": findings})
    else:
        for line in render(findings):
            print_line(line)
    if not read.is_usable:
        raise typer.Exit(MISCONFIGURED)
    if has_problem:
        raise typer.Exit(FAILED)


async def _examine(read: ReadSettings, variables: Mapping[str, str]) -> list[Finding]:
    from cli.doctor.examination import examine  # noqa: PLC0415 - keeps --help quick
    from cli.doctor.secrets import hiding  # noqa: PLC0415

    urls = [text for name, text in variables.items() if name.endswith("_URL")]
    return await examine(_choose(read), hiding(urls))


def _choose(read: ReadSettings) -> list[Examination]:
    """What the settings allow to look at."""
    from cli.doctor.edge import edge_examination  # noqa: PLC0415 - keeps --help quick
    from cli.doctor.keys import keys_examination  # noqa: PLC0415
    from cli.doctor.machine import machine_examination  # noqa: PLC0415
    from cli.doctor.postgres import postgres_examination  # noqa: PLC0415
    from cli.doctor.rabbitmq import rabbitmq_examination  # noqa: PLC0415
    from cli.doctor.redis import redis_examination  # noqa: PLC0415

    settings = read.settings
    chosen = [keys_examination(settings.keys_file)]
    if read.has_database:
        chosen.append(postgres_examination(settings))
    if read.has_redis:
        chosen.append(redis_examination(settings, has_database=read.has_database))
    return [
        *chosen,
        rabbitmq_examination(settings),
        edge_examination(settings),
        machine_examination(settings),
    ]
