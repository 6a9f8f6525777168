"""The store that is asked: in memory, on disk, or on disk in versions, which can be written to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pyoxigraph import Store

from trilogue.disk import state_of


class Stores(Protocol):
    """Gives each process the store that it asks."""

    @property
    def store(self) -> Store:
        """The store as it is now."""

    @property
    def state(self) -> str:
        """What tells the content of that store from any other; nothing, where it stays the same."""


class Held:
    """One store, opened at first use in the process that asks it."""

    def __init__(self, opened: Callable[[], Store], folder: Path | None = None) -> None:
        self._opened = opened
        self._folder = folder

    @functools.cached_property
    def state(self) -> str:
        """What tells the content from any other."""
        return state_of(self._folder) if self._folder else ""

    @functools.cached_property
    def store(self) -> Store:
        """The store."""
        return self._opened()
