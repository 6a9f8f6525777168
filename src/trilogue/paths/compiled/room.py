"""Room for the work of a search, kept by an index from one search to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from trilogue.paths.compiled import kernels, suffixes
from trilogue.paths.compiled.columns import Array
from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.kernels import Stops
from trilogue.paths.compiled.suffixes import Functions

FIRST_ROOM = 1024


@contextmanager
def room(index: Index, states: int) -> Iterator[Room]:
    """Lend room for the stops of so many states."""
    held = taken(index, states)
    try:
        yield held
    finally:
        held.give_back()


@dataclass
class Room:
    """Room for stops, which one search has at a time."""

    index: Index
    stops: Stops
    functions: Functions

    def fill(self, find: Callable[..., None], *given: object) -> None:
        """Find stops, in a larger room if there are more than it can hold."""
        find(self.stops, *given)
        while self.stops.counts[kernels.IS_FULL]:
            self._grow()
            find(self.stops, *given)

    def fill_with_functions(self, find: Callable[..., None], *given: object) -> None:
        """Find stops and their functions, in a larger room if there are more than it can hold."""
        find(self.stops, self.functions, *given)
        while self.stops.counts[kernels.IS_FULL]:
            self._grow()
            made = zip(self.functions._fields, self.functions, strict=True)
            self.functions = Functions(
                **{name: part if name == "counts" else larger(part) for name, part in made}
            )
            find(self.stops, self.functions, *given)

    def _grow(self) -> None:
        self._empty()
        self.stops = self.stops._replace(
            table=larger(self.stops.table), runs=larger(self.stops.runs)
        )

    def give_back(self) -> None:
        """Forget the stops and let another search have the room."""
        self._empty()
        with self.index.lock:
            self.index.cache.setdefault("room", []).append((self.stops, self.functions))

    def _empty(self) -> None:
        table = self.stops.table[: self.stops.counts[kernels.STOPS]]
        self.stops.number[table[:, kernels.STATE], table[:, kernels.THING]] = -1
        self.stops.counts[:] = 0
        self.stops.first[:] = -1


def larger(table: Array, needed: int = 0) -> Array:
    """Return a table with room for twice as many rows, and some more."""
    made = np.zeros((2 * len(table) + needed, *table.shape[1:]), table.dtype)
    made[: len(table)] = table
    return made


def taken(index: Index, states: int) -> Room:
    """Return room for the stops of so many states."""
    with index.lock:
        free: list[tuple[Stops, Functions]] = index.cache.get("room", [])
        stops, functions = free.pop() if free else (None, _functions())
    if stops is None or stops.number.shape[0] < states:
        stops = Stops(
            np.full((states, len(index.classes)), -1, np.int32),
            np.zeros((FIRST_ROOM, kernels.STOP_WIDTH), np.int64),
            np.zeros((FIRST_ROOM, kernels.RUN_WIDTH), np.int64),
            np.full(states, -1, np.int64),
            np.zeros(kernels.COUNTS, np.int64),
        )
    if len(functions.table) < len(stops.table):
        functions = functions._replace(
            table=np.zeros((len(stops.table), suffixes.FUNCTION_WIDTH), np.int64),
            always=np.zeros(len(stops.table)),
        )
    return Room(index, stops, functions)


def _functions() -> Functions:
    return Functions(
        np.zeros((FIRST_ROOM, suffixes.FUNCTION_WIDTH), np.int64),
        np.zeros(FIRST_ROOM),
        np.zeros(FIRST_ROOM, np.int64),
        np.zeros(FIRST_ROOM),
        np.zeros(FIRST_ROOM, np.int64),
        np.zeros(FIRST_ROOM, np.int64),
        np.zeros(FIRST_ROOM),
        np.zeros(suffixes.FUNCTION_COUNTS, np.int64),
    )
