"""The answers of a path query over millions of acts: the same as those of `enumeration.py`."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from trilogue.errors import QueryError
from trilogue.paths.compiled import arriving, firsts, kernels, scores, suffixes, walking
from trilogue.paths.compiled.columns import Array
from trilogue.paths.compiled.firsts import Origins
from trilogue.paths.compiled.hops import Hops
from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.kernels import Conditions
from trilogue.paths.compiled.ranking import SCORES, Ranked, Ranking
from trilogue.paths.compiled.room import FIRST_ROOM, Room, larger, room
from trilogue.paths.compiled.runs import Run, Runs, members
from trilogue.paths.compiled.scores import Worth, worth_of
from trilogue.paths.compiled.walking import Found, Walk
from trilogue.paths.enumeration import InfluencePath
from trilogue.paths.network import NO_END, Hop, Matter, Network
from trilogue.paths.query import Order, PathQuery, Score

BATCH = 4096  # paths that are looked for at a time
FEW = 1000  # origins, from which it is quicker to go on than back from the destinations
MOST_COUNTED = 2**53  # up to here, floating-point numbers count exactly


def compile_ahead() -> None:
    """Ask every question of a small network, so that no later query waits for the compiler."""
    day = frozenset({Matter("issue")})
    network = Network(
        (
            Hop("contact", "contact", "firm", "official", day, 1, 1),
            Hop("office", "office", "official", "state", standing=True, core=(1, 9)),
            Hop("position", "position", "state", "body", day, 2, 3),
        )
    )
    index = Index.of_network(network)
    query = PathQuery("contact/office?/position", frozenset({"firm"}), frozenset({"body"}))
    search = Search(index, query)
    list(search.paths())
    search.count()
    search.earliest()
    for score in Score:
        search.top(1, score)


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
        self.runs = Runs(index, query, self.destinations)
        self.conditions = Conditions(
            int(query.order is Order.certain),
            query.step,
            -1 if query.largest_gap is None else query.largest_gap,
            -1 if query.largest_duration is None else query.largest_duration,
            int(query.simple),
            index.header["base"],
        )

    def paths(self) -> Iterator[InfluencePath]:
        """Yield each path, in no particular but always the same order."""
        hops = Hops(self.index)
        for batch in self._batches():
            hops.make(batch.rows)
            made = [hops[row] for row in batch.rows.tolist()]
            begin = 0
            given = (batch.ends.tolist(), batch.arrival.tolist(), batch.duration.tolist())
            for end, arrival, duration in zip(*given, strict=True):
                yield InfluencePath(tuple(made[begin:end]), batch.matter, arrival, duration)
                begin = end

    def exists(self) -> bool:
        """Tell whether there is a path."""
        return any(len(batch.ends) for batch in self._batches(1))

    def count(self) -> int:
        """Return the number of paths.

        Raises `QueryError` where there are more than floating-point numbers can count.
        """
        if self._is_plain:
            total = self._total()
            if total is not None:
                return total
        return sum(len(batch.ends) for batch in self._batches())

    def earliest(self) -> dict[str, int]:
        """Return, for each destination that is reached, the first day of arrival."""
        arrivals: dict[int, int] = {}
        found = map(self._first_days, self.runs) if self._is_plain else self._days_of_paths()
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

    def top(self, number: int, by: Score) -> list[InfluencePath]:
        """Return the best paths, the best first."""
        if self._is_plain and number > 0:
            found = self._ranked(number, by)
            if found is not None:
                return found
        return heapq.nsmallest(number, self.paths(), key=lambda path: path.score(by))

    def _ranked(self, number: int, by: Score) -> list[InfluencePath] | None:
        """Return the best paths from their beginnings on; nothing where that cannot be done."""
        ranked: list[tuple[Ranked, Matter | None]] = []
        for run in self.runs:
            if run.rules.to_relations[0]:
                return None
            worth = worth_of(run, SCORES[by], self.query.bound)
            with self._functions(run, worth) as (held, entered):
                ranking = Ranking(run, held, entered, self.conditions, worth)
                found = ranking.best(number, self._origins_in(run), np.inf)
            ranked += [(one, run.matter) for one in found]
        ranked = heapq.nsmallest(number, ranked, key=lambda one: one[0].score)
        hops = Hops(self.index)
        hops.make(np.array([row for one, _ in ranked for row in one.rows], np.int64))
        return [
            InfluencePath(tuple(hops[row] for row in rows), matter, arrival, duration)
            for (_, rows, arrival, duration), matter in ranked
        ]

    def _batches(self, most: int = BATCH) -> Iterator[Batch]:
        """Yield the paths, so many at a time."""
        if not len(self.origins) or not len(self.destinations):
            return
        for run in self.runs:
            with self._stops(run) as held:
                yield from self._walks(run, held, most)

    def _walks(self, run: Run, held: Room, most: int) -> Iterator[Batch]:
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
                    walk = walk._replace(onward=larger(walk.onward, needed))
                if held.stops.counts[kernels.STOPS] + needed + 2 >= len(held.stops.table):
                    held.stops = held.stops._replace(table=larger(held.stops.table, needed))

    @contextmanager
    def _stops(self, run: Run) -> Iterator[Room]:
        """Go back from the destinations; give the room back when done."""
        with room(self.index, len(run.rules.acted)) as held, self._reach(run) as reach:
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
    def _reach(self, run: Run) -> Iterator[Room]:
        """Go on from the origins, if they are few."""
        with room(self.index, len(run.rules.acted)) as held:
            if len(self.origins) <= FEW:
                self._arrive(run, held)
            yield held

    def _arrive(self, run: Run, held: Room) -> None:
        held.fill(
            arriving.arrivals,
            run.acts[0],
            run.relations[0],
            run.rules,
            run.rows,
            self.conditions,
            self.origins,
        )

    def _total(self) -> int | None:
        """Return the number of paths without making any; nothing where that cannot be done."""
        total = 0
        for times, run in self.runs.to_count():
            found = self._counted(run)
            if found is None:
                return None
            if found > MOST_COUNTED:
                raise QueryError(f"more than {MOST_COUNTED} paths: too many to count")
            total += times * found
        return total

    def _counted(self, run: Run) -> int | None:
        if run.rules.to_relations[0]:
            return None
        worth = worth_of(run, scores.COUNT, self.query.bound)
        with self._functions(run, worth) as (held, entered):
            origins = self._origins_in(run)
            found = firsts.total_of_firsts(run, held, entered, self.conditions, origins)
        return int(found)

    @contextmanager
    def _functions(self, run: Run, worth: Worth) -> Iterator[tuple[Room, Array]]:
        """Find the functions of all stops, and which states relations are followed back to."""
        entered = run.rules.from_acts.any(axis=0) | run.rules.from_relations
        with room(self.index, len(run.rules.acted)) as held, room(self.index, 0) as nowhere:
            held.fill_with_functions(
                suffixes.suffixes,
                run.acts[1],
                run.relations[1],
                run.rules,
                entered,
                run.rows,
                self.conditions,
                self.destinations,
                nowhere.stops,
                worth,
            )
            yield held, entered

    def _origins_in(self, run: Run) -> Origins:
        """Tell of which rows the source is an origin: by their codes, if no origin is named."""
        index, names = self.index, self.query.origins
        expression = run.expression
        if any(index.code(name) is not None for name in names):
            by_thing = np.zeros(len(index.classes), dtype=np.bool_)
            by_thing[self.origins] = True
            return Origins(np.zeros(0, np.bool_), by_thing)
        sets = np.array([not names.isdisjoint(some) for some in expression.sets])
        return Origins(sets[expression.back.classes], np.zeros(0, np.bool_))

    def _first_days(self, run: Run) -> dict[int, int]:
        """Return the first day of arrival by destination, for one matter."""
        with room(self.index, len(run.rules.acted)) as held:
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
