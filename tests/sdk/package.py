"""The TypeScript client, compiled for its tests."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "sdk" / "typescript"
INSTALLED = FOLDER / "node_modules" / ".installed"
TIMEOUT_S = 300


async def run(*command: str, **environment: str) -> str:
    """What a command in the package's folder says. Fails where it does."""
    assert INSTALLED.exists(), "The tools of the TypeScript client are missing: run `make test`."
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = output.decode()
    assert process.returncode == 0, text
    return text


def compile_tests() -> None:
    """Checks all types, and makes what Node runs. One at a time: test workers share the folder."""
    with (FOLDER / "tsconfig.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(run("npm", "run", "--silent", "types"))
