"""How functions are compiled: when they are first called, and kept for later processes."""

from __future__ import annotations

from typing import Any

from numba import njit

Numba = Any  # what compiled code takes has types of its own
# How to compile, with references to arrays counted or not.
_COUNTED: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": True}
_UNCOUNTED = {**_COUNTED, "_nrt": False}


def compiled(function: Numba) -> Numba:
    """Compile a function when it is first called, and keep that for later processes.

    It must make no array, as references are not counted in it: with many arrays to each call, that
    took longer than the work.
    """
    return njit(**_UNCOUNTED)(function)


def allocating(function: Numba) -> Numba:
    """Compile a function that makes arrays."""
    return njit(**_COUNTED)(function)


def inlined(function: Numba) -> Numba:
    """Compile a small function into those that call it; it must make no array."""
    return njit(**_UNCOUNTED, inline="always")(function)
