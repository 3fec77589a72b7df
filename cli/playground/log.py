"""The log file of `scoreboard dev`."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

LOG_MAX_CHARACTERS = 32 * 1024 * 1024


class BoundedLog(io.TextIOWrapper):
    """A log file that cannot fill the disk: what is full becomes `<name>.1`, in place of the last.

    Copied, not renamed, so that a `tail -f` and open descriptors stay on the file.
    """

    def __init__(self, path: Path, max_characters: int = LOG_MAX_CHARACTERS) -> None:
        super().__init__(path.open("wb"), encoding="utf-8", write_through=True)
        self._path = path
        self._max_characters = max_characters
        self._written = 0

    def write(self, text: str, /) -> int:
        """Appends `text`."""
        if self._written > self._max_characters:
            self.flush()
            shutil.copyfile(self._path, f"{self._path}.1")
            self.seek(0)
            self.truncate()
            self._written = 0
        self._written += len(text)
        return super().write(text)
