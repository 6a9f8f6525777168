"""The command line: `trilogue`."""

from __future__ import annotations

import io
import sys

from trilogue import errors
from trilogue.cli import (
    asking,
    attainment,
    chance,
    checking,
    explaining,
    loading,
    making,
    publishing,
    serving,
    tracing,
)
from trilogue.cli.app import app, messages

__all__ = [
    "asking",
    "attainment",
    "chance",
    "checking",
    "explaining",
    "loading",
    "main",
    "making",
    "publishing",
    "serving",
    "tracing",
]

_INTERRUPTED = errors.InterruptionError.exit_code


def main() -> None:
    """Run the command line; errors that a user can mend are one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except errors.TrilogueError as error:
        messages.print(f"trilogue: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        messages.print(f"trilogue: {error.strerror or error}", markup=False)
        sys.exit(1)
    except SystemExit as leave:
        if leave.code == _INTERRUPTED:
            messages.print("trilogue: interrupted; nothing was half written")
        raise
