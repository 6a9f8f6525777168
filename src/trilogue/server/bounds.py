"""How much memory this process has held, and how much the system is to let it have."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path

_STACK = 1 << 30  # the parser and the evaluator of the store descend deep
_PAGE = resource.getpagesize()
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def bound_memory(memory: int) -> None:
    """Let the system refuse memory where the watching thread should come too late."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    with suppress(OSError, ValueError):
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * _PAGE
        bound = held + stack + 2 * memory
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
