"""The store that is asked: in memory, on disk, or on disk in versions, which can be written to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol

from pyoxigraph import Store


class Stores(Protocol):
    """Gives each process the store that it asks."""

    @property
    def store(self) -> Store:
        """The store as it is now."""


class Held:
    """One store, opened at first use in the process that asks it."""

    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened = opened

    @functools.cached_property
    def store(self) -> Store:
        """The store."""
        return self._opened()
