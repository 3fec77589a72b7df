"""What every section of a run is given."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.recording import Recording
from benchmarks.requests import Signer
from benchmarks.servers import Servers
from benchmarks.targets import Starter, Target


@dataclass(frozen=True)
class Options:
    """How much is measured. `quick` is a smoke run, whose figures mean nothing."""

    rounds: int = 5
    quick: bool = False
    full: bool = False

    def pick(self, usual: int, quick: int) -> int:
        """A size, smaller in a smoke run."""
        return quick if self.quick else usual


@dataclass
class Bench:
    """The servers, a folder that goes with the run, and one where results stay.

    Sections take turns; each starts its own targets.
    """

    options: Options
    servers: Servers
    recording: Recording
    folder: Path
    results_folder: Path
    _signers: dict[int, Signer] = field(default_factory=dict)

    @property
    def rounds(self) -> range:
        """Their numbers."""
        return range(1, self.options.rounds + 1)

    @contextlib.contextmanager
    def targets(self) -> Iterator[Starter]:
        """Whatever is started through it ends with the block."""
        with contextlib.ExitStack() as stack:
            yield Starter(stack, self.servers, self.folder)

    def signer(self, target: Target) -> Signer:
        """Whoever signs for the target's keys."""
        return self._signers.setdefault(id(target.keys), Signer(target.keys))

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder that goes with the block."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            yield Path(name)
