"""How functions are compiled: when they are first called, and kept for later processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache

Numba = Any  # what compiled code takes has types of its own
# How to compile, with references to arrays counted or not.
_COUNTED: dict[str, Any] = {"nogil": True, "_nrt": True}
_UNCOUNTED = {**_COUNTED, "_nrt": False}
_SOURCES = tuple(
    (path.name, (found := path.stat()).st_mtime_ns, found.st_size)
    for path in sorted(Path(__file__).parent.glob("*.py"))
)


class Kept(FunctionCache):
    """The code of a function that is kept, as long as no module of this package has changed.

    Numba looks at the module of the function alone, but has the code of others compiled into it.
    What cannot be read, as its types are those of another version, is compiled again.
    """

    def __init__(self, function: Numba) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file._source_stamp = (self._cache_file._source_stamp, _SOURCES)

    def load_overload(self, sig: Numba, target_context: Numba) -> Numba:
        """Return the code for some types of arguments; nothing where none is kept."""
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # unpickling raises whatever the content leads to
            self.flush()  # type: ignore[no-untyped-call]
            return None


def compiled(function: Numba) -> Numba:
    """Compile a function when it is first called, and keep that for later processes.

    It must make no array, as references are not counted in it: with many arrays to each call, that
    took longer than the work.
    """
    return _kept(function, _UNCOUNTED)


def allocating(function: Numba) -> Numba:
    """Compile a function that makes arrays."""
    return _kept(function, _COUNTED)


def inlined(function: Numba) -> Numba:
    """Compile a small function into those that call it; it must make no array."""
    return njit(**_UNCOUNTED, inline="always")(function)


def _kept(function: Numba, options: dict[str, Any]) -> Numba:
    made = njit(**options)(function)
    made._cache = Kept(function)
    return made
