"""The answers of a path query over millions of acts: the same as those of `enumeration.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from trilogue.paths import arriving, kernels, rules, walking
from trilogue.paths.columns import Array
from trilogue.paths.enumeration import Path
from trilogue.paths.hops import hop_at
from trilogue.paths.index import Index
from trilogue.paths.kernels import Conditions, Stops
from trilogue.paths.layout import Acts, Relations
from trilogue.paths.network import NO_END, Hop, Matter
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.paths.rules import Rules
from trilogue.paths.walking import Found, Walk

BATCH = 4096  # paths that are looked for at a time
FIRST_ROOM = 1024
FEW = 1000  # origins, from which it is quicker to go on than back from the destinations


class Run(NamedTuple):
    """One matter that a walk can carry, and what is to be searched for it."""

    matter: Matter | None
    rows: kernels.Matter
    rules: Rules
    acts: tuple[Acts, Acts]  # forward, backward
    relations: tuple[Relations, Relations]  # outward, inward


class Batch(NamedTuple):
    """Paths that were found: their rows one after another, and where each ends."""

    matter: Matter | None
    rows: Array
    ends: Array
    arrival: Array
    duration: Array
    last: Array


class Search:
    """The answers of a path query over an index, compiled; the same as `Enumeration` gives."""

    def __init__(self, index: Index, query: PathQuery) -> None:
        self.index = index
        self.query = query
        self.origins = members(index, query.origins)
        self.destinations = members(index, query.destinations)
        self.conditions = Conditions(
            int(query.order is Order.certain),
            query.step,
            -1 if query.largest_gap is None else query.largest_gap,
            -1 if query.largest_duration is None else query.largest_duration,
            int(query.simple),
            index.header["base"],
        )

    def paths(self) -> Iterator[Path]:
        """Yield each path, in no particular but always the same order."""
        hops: dict[int, Hop] = {}
        for batch in self._batches():
            for place in range(len(batch.ends)):
                yield self._path(batch, place, hops)

    def exists(self) -> bool:
        """Tell whether there is a path."""
        return any(len(batch.ends) for batch in self._batches(1))

    def count(self) -> int:
        """Return the number of paths."""
        return sum(len(batch.ends) for batch in self._batches())

    def earliest(self) -> dict[str, int]:
        """Return, for each destination that is reached, the first day of arrival."""
        arrivals: dict[int, int] = {}
        found = map(self._first_days, self._runs()) if self._is_plain else self._days_of_paths()
        for days in found:
            for thing, day in days.items():
                arrivals[thing] = min(day, arrivals.get(thing, day))
        return {self.index.name("things", thing): day for thing, day in arrivals.items()}

    def _days_of_paths(self) -> Iterator[dict[int, int]]:
        for batch in self._batches():
            things, places = np.unique(batch.last, return_inverse=True)
            days = np.full(len(things), NO_END)
            np.minimum.at(days, places, batch.arrival)
            yield dict(zip(things.tolist(), days.tolist(), strict=True))

    def top(self, number: int, by: Score) -> list[Path]:
        """Return the best paths, the best first."""
        import heapq

        return heapq.nsmallest(number, self.paths(), key=lambda path: path.score(by))

    def _path(self, batch: Batch, place: int, hops: dict[int, Hop]) -> Path:
        begin = batch.ends[place - 1] if place else 0
        rows = batch.rows[begin : batch.ends[place]].tolist()
        for row in rows:
            if row not in hops:
                hops[row] = hop_at(self.index, row)
        return Path(
            tuple(hops[row] for row in rows),
            batch.matter,
            int(batch.arrival[place]),
            int(batch.duration[place]),
        )

    def _batches(self, most: int = BATCH) -> Iterator[Batch]:
        """Yield the paths, so many at a time."""
        if not len(self.origins) or not len(self.destinations):
            return
        for run in self._runs():
            with self._stops(run) as held:
                yield from self._walks(run, held, most)

    def _walks(self, run: Run, held: _Held, most: int) -> Iterator[Batch]:
        bound = self.query.bound
        walk = Walk(
            np.zeros((bound + 1, walking.FRAME_WIDTH), np.int64),
            np.zeros(bound, np.int64),
            np.zeros((FIRST_ROOM, walking.ONWARD_WIDTH), np.int64),
            np.array([0, -1, 0, 0]),
        )
        found = Found(
            np.zeros(most * bound, np.int64), *(np.zeros(most, np.int64) for _ in range(4))
        )
        network = (run.acts[0], run.relations[0])
        conditions = (
            network,
            run.rules,
            run.rows,
            self.conditions,
            self.origins,
            self.destinations,
        )
        while walk.counts[1] >= 0 or walk.counts[2] < len(self.origins):
            number = walking.walked(walk, held.stops, found, *conditions)
            if number:
                hops = found.hops[: found.ends[number - 1]].copy()
                yield Batch(run.matter, hops, *(part[:number].copy() for part in found[1:]))
            if number < most:
                needed = int(walk.counts[3])
                if walk.counts[0] + needed > len(walk.onward):
                    walk = walk._replace(onward=_larger(walk.onward, needed))
                if held.stops.counts[kernels.STOPS] + needed + 2 >= len(held.stops.table):
                    held.stops = held.stops._replace(table=_larger(held.stops.table, needed))

    @contextmanager
    def _stops(self, run: Run) -> Iterator[_Held]:
        """Go back from the destinations; give the room back when done."""
        with self._room(run) as held, self._reach(run) as reach:
            held.fill(
                kernels.departures,
                run.acts[1],
                run.relations[1],
                run.rules,
                run.rows,
                self.conditions,
                self.destinations,
                reach.stops,
            )
            yield held

    @contextmanager
    def _reach(self, run: Run) -> Iterator[_Held]:
        """Go on from the origins, if they are few."""
        with self._room(run) as held:
            if len(self.origins) <= FEW:
                self._arrive(run, held)
            yield held

    def _arrive(self, run: Run, held: _Held) -> None:
        held.fill(
            arriving.arrivals,
            run.acts[0],
            run.relations[0],
            run.rules,
            run.rows,
            self.conditions,
            self.origins,
        )

    @contextmanager
    def _room(self, run: Run) -> Iterator[_Held]:
        held = _taken(self.index, len(run.rules.acted))
        try:
            yield held
        finally:
            held.give_back()

    def _first_days(self, run: Run) -> dict[int, int]:
        """Return the first day of arrival by destination, for one matter."""
        with self._room(run) as held:
            self._arrive(run, held)
            found = arriving.first_days(
                held.stops, run.rules, self.destinations, self.conditions.base
            )
        reached = np.flatnonzero(found[:, 1])
        return dict(
            zip(self.destinations[reached].tolist(), found[reached, 0].tolist(), strict=True)
        )

    @property
    def _is_plain(self) -> bool:
        """Whether all that a walk leaves to what follows is one day, see `kernels.py`."""
        query = self.query
        return query.largest_gap is None and query.largest_duration is None and not query.simple

    def _runs(self) -> Iterator[Run]:
        """Yield what is to be searched for each matter that a walk can carry."""
        query, index = self.query, self.index
        issues = len(index.header["issues"])
        if query.carry is Carry.nothing:
            yield self._run(None, np.zeros(issues, np.int8), 0, 0)
            return
        arrived = self._arrived()
        if query.issues is None and arrived[0]:
            how = np.full(issues, -1, np.int8)
            how[0] = 0
            yield self._run(None, how, 0, 0)
        for issue, stance in self._matters():
            if not arrived[0] and not arrived[issue]:
                continue
            how = np.full(issues, -1, np.int8)
            how[0], how[issue] = 0, 1
            named = index.header["stances"][stance] or None
            yield self._run(Matter(index.header["issues"][issue], named), how, stance, 1)

    def _arrived(self) -> Array:
        """Tell for each issue whether any hop that names it, or none, leads to a destination."""
        index = self.index
        index.verify("backward/near")
        index.verify("backward/starts")
        return cached(
            index,
            ("arrived", self.query.destinations),
            lambda: kernels.arrived_on(index.backward, index.inward, self.destinations),
        )

    def _matters(self) -> list[tuple[int, int]]:
        """Return the matters that hops name, as codes."""
        index, query = self.index, self.query
        named = zip(
            index.arrays["matters/issue"].tolist(),
            index.arrays["matters/stance"].tolist(),
            strict=True,
        )
        wanted = [
            (issue, stance if query.carry is Carry.stance else 0)
            for issue, stance in named
            if issue and (query.issues is None or index.header["issues"][issue] in query.issues)
        ]
        return sorted(set(wanted))

    def _run(self, matter: Matter | None, how: Array, stance: int, named: int) -> Run:
        index = self.index
        issues = np.flatnonzero(how >= 0)
        issues = issues[index.forward.begins[issues + 1] > index.forward.begins[issues]]
        for issue in issues.tolist():
            index.verify_issue(issue)
        expression, found = self._rules(stance, named)
        forward, backward = index.forward, index.backward
        outward, inward = index.outward, index.inward
        if expression.changed:
            own = expression.changed
            forward = forward._replace(code=own.get("forward", forward.code))
            backward = backward._replace(code=own.get("backward", backward.code))
            outward = outward._replace(code=own.get("outward", outward.code))
            inward = inward._replace(code=own.get("inward", inward.code))
        rows = kernels.Matter(how, issues.astype(np.int64))
        return Run(matter, rows, found, (forward, backward), (outward, inward))

    def _rules(self, stance: int, named: int) -> tuple[rules.Expression, Rules]:
        index, query = self.index, self.query
        expression = cached(
            index,
            ("expression", query.expression),
            lambda: rules.expression_of(index, query.automaton),
        )
        key = ("rules", query.expression, query.bound, query.carry, stance, named)
        return expression, cached(
            index,
            key,
            lambda: expression.rules(rules.admitted(expression, query, stance), query.bound, named),
        )


MOST_CACHED = 512
Value = TypeVar("Value")


def cached(index: Index, key: tuple[object, ...], make: Callable[[], Value]) -> Value:
    """Return what an index remembers, made where it does not yet."""
    with index.lock:
        found: Value | None = index.cache.get(key)
        if found is None:
            found = make()
            if len(index.cache) >= MOST_CACHED:
                index.cache.pop(next(iter(index.cache)))
            index.cache[key] = found
        return found


def members(index: Index, names: frozenset[str]) -> Array:
    """Return the codes, in order, of the things that are one of the names or a member of one."""
    parts = []
    for name in sorted(names):
        code = index.code(name)
        parts.append(np.array([] if code is None else [code], dtype=np.int64))
        classes = [code for code, some in enumerate(index.header["classes"]) if name in some]
        if classes:
            parts.append(cached(index, ("members", name), lambda c=classes: _of(index, c)))
    return np.unique(np.concatenate(parts)) if len(parts) > 1 else parts[0]


def _of(index: Index, classes: list[int]) -> Array:
    wanted = np.zeros(len(index.header["classes"]), dtype=bool)
    wanted[classes] = True
    return np.flatnonzero(wanted[index.classes])


@dataclass
class _Held:
    """Room for stops, which one search has at a time."""

    index: Index
    stops: Stops

    def fill(self, find: Callable[..., None], *given: object) -> None:
        """Find stops, in a larger room if there are more than it can hold."""
        find(self.stops, *given)
        while self.stops.counts[kernels.IS_FULL]:
            self._empty()
            self.stops = self.stops._replace(
                table=_larger(self.stops.table), runs=_larger(self.stops.runs)
            )
            find(self.stops, *given)

    def give_back(self) -> None:
        """Forget the stops and let another search have the room."""
        self._empty()
        with self.index.lock:
            self.index.cache.setdefault("room", []).append(self.stops)

    def _empty(self) -> None:
        table = self.stops.table[: self.stops.counts[kernels.STOPS]]
        self.stops.number[table[:, kernels.STATE], table[:, kernels.THING]] = -1
        self.stops.counts[:] = 0
        self.stops.first[:] = -1


def _larger(table: Array, needed: int = 0) -> Array:
    """Return a table with room for twice as many rows, and some more."""
    larger = np.zeros((2 * len(table) + needed, table.shape[1]), table.dtype)
    larger[: len(table)] = table
    return larger


def _taken(index: Index, states: int) -> _Held:
    """Return room for the stops of so many states."""
    with index.lock:
        free: list[Stops] = index.cache.get("room", [])
        stops = free.pop() if free else None
    if stops is None or stops.number.shape[0] < states:
        stops = Stops(
            np.full((states, len(index.classes)), -1, np.int32),
            np.zeros((FIRST_ROOM, kernels.STOP_WIDTH), np.int64),
            np.zeros((FIRST_ROOM, kernels.RUN_WIDTH), np.int64),
            np.full(states, -1, np.int64),
            np.zeros(kernels.COUNTS, np.int64),
        )
    return _Held(index, stops)
