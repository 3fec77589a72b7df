"""Where the program begins. Loading the commands takes a moment, in which Ctrl-C is heard too."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Runs the command line."""
    try:
        from cli.main import app  # noqa: PLC0415 - here an interrupt of its loading is caught

        app()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
