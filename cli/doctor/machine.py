"""This machine: Python, open files, room on disks."""

from __future__ import annotations

import platform
import resource
import shutil
from pathlib import Path

from cli.doctor.examination import Examination, Report
from cli.doctor.space import judge_space
from cli.doctor.verdicts import Verdict, ok, warning
from scoreboard.settings import Settings

CHECKS = ("python", "open-files", "disk")
OTHER_FILES = 100
"""Ports, logs, libraries."""


def machine_examination(settings: Settings) -> Examination:
    """Every check of this machine."""

    async def look(report: Report) -> None:
        report.add("python", ok(f"Python {platform.python_version()} on {platform.system()}"))
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        report.add("open-files", check_open_files(limit, settings))
        here = Path.cwd()
        usage = shutil.disk_usage(here)
        report.add("disk", judge_space(str(here), usage.free, usage.total))

    return Examination(CHECKS, look)


def check_open_files(limit: int, settings: Settings) -> Verdict:
    """Whether a process may open as many sockets as it has seats."""
    needed = (
        settings.websocket_max
        + settings.database_pool_size
        + settings.redis_pool_size
        + OTHER_FILES
    )
    found = f"{limit} may be open, {settings.websocket_max} WebSockets need {needed}"
    if limit != resource.RLIM_INFINITY and limit < needed:
        return warning(
            f"{found}: connections beyond it fail",
            f"ulimit -n {needed}, or LimitNOFILE={needed} in the service's unit",
        )
    return ok(found)
