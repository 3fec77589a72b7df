"""What an export was asked for, beside its unfinished file, so that the next run can go on."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from cli.events.files import open_private
from cli.output import CommandFailed
from scoreboard.ledger.history import EventRange


class Plan(Struct, frozen=True):
    """`wanted` is what was asked for, `settled_id` what that meant when it began, after `erasures`
    that had rewritten the history.
    """

    form: str
    wanted: EventRange
    settled_id: int
    erasures: int = 0

    @property
    def range(self) -> EventRange:
        """The same events whenever it is read: nothing can be added to them."""
        return self.wanted.up_to(self.settled_id)


class PlanFile:
    """FILE.part.json, held by one export at a time."""

    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self._target = target

    def read(self, form: str, wanted: EventRange) -> Plan | None:
        """The plan of an earlier run; None where there was none. Raises CommandFailed where
        something else was asked for then.
        """
        text = self.path.read_bytes()
        if not text:
            return None
        try:
            plan = msgspec.json.decode(text, type=Plan)
        except msgspec.DecodeError:
            plan = None
        if plan is None or (plan.form, plan.wanted) != (form, wanted):
            raise CommandFailed(
                f"{self._target}.part is an unfinished export with other options: repeat them, "
                f"or remove {self._target}.part*."
            )
        return plan

    def write(self, plan: Plan) -> None:
        """Keeps it for a later run."""
        self.path.write_bytes(msgspec.json.encode(plan))

    def remove(self) -> None:
        """The export is complete."""
        self.path.unlink()


@contextmanager
def open_plan(target: Path) -> Iterator[PlanFile]:
    """The plan beside the file. Raises CommandFailed while another export writes the same file."""
    path = target.with_name(f"{target.name}.part.json")
    with open_private(path, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandFailed(f"Another export is writing {target}.") from error
        try:
            yield PlanFile(path, target)
        finally:
            # Begun in vain: nothing is left behind.
            if path.exists() and not path.stat().st_size:
                path.unlink()
