"""The command line: one noun per file, on top of the service."""

from __future__ import annotations

import sys

# Before any other import: an older Python fails in the first of them, with a traceback.
if sys.version_info < (3, 11):  # noqa: UP036 - the packages may be there without pip's consent
    sys.stderr.write(
        "scoreboard needs Python 3.11 or newer and this is {}.{}.\n".format(*sys.version_info)
    )
    raise SystemExit(2)
