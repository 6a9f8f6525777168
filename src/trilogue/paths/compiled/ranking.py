"""The best paths of a run, from their beginnings on."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled import beginnings, best, kernels, scores
from trilogue.paths.compiled.beginnings import BEGAN, FIRST_DAY_OF, LAST_DAY_OF, NUMBER, Beginnings
from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.firsts import Origins, firsts_of, groups_of
from trilogue.paths.compiled.kernels import Conditions
from trilogue.paths.compiled.landings import best_first, landings
from trilogue.paths.compiled.room import Room
from trilogue.paths.compiled.runs import Run
from trilogue.paths.compiled.scores import Worth
from trilogue.paths.network import NO_BEGINNING, NO_END
from trilogue.paths.query import Score

SCORES = {
    Score.earliest: scores.EARLIEST,
    Score.shortest: scores.SHORTEST,
    Score.hops: scores.HOPS,
    Score.evidence: scores.EVIDENCE,
    Score.weight: scores.WEIGHT,
}

ROUNDING = 1e-12  # as a share of a product
Finding = tuple[Callable[..., None], tuple[object, ...]]  # what finds beginnings, and where


class Ranked(NamedTuple):
    """A path that was found: its score, its rows, its arrival and its duration."""

    score: float
    rows: tuple[int, ...]
    arrival: int
    duration: int


class Ranking:
    """The search for the best paths of a run, whose functions have been found."""

    def __init__(
        self, run: Run, held: Room, entered: Array, conditions: Conditions, worth: Worth
    ) -> None:
        self.run, self.held, self.entered = run, held, entered
        self.conditions, self.worth = conditions, worth
        self.bounds = np.empty(len(held.stops.table))
        best.bounds_of(self.bounds, held.stops, held.functions, worth)

    def best(self, number: int, origins: Origins, bound: float) -> list[Ranked]:
        """Return the best paths, if better than a bound."""
        run, held = self.run, self.held
        begun = self._first(number, origins, bound)
        levels: list[list[list[int]]] = []
        found: list[tuple[float, int, int]] = []
        while begun.counts[0]:
            rows, values = (part[: begun.counts[0]].copy() for part in begun[:2])
            places = np.flatnonzero(rows[:, beginnings.IS_PATH])
            as_they_are = values[places, beginnings.AS_IT_IS].tolist()
            paths = zip(as_they_are, places.tolist(), strict=True)
            found += [(score, len(levels), place) for score, place in paths]
            found = heapq.nsmallest(number, found)
            levels.append(rows.tolist())
            bound = float(begun.bound[0])
            if len(found) == number:
                bound = min(bound, found[-1][0])
            given: tuple[object, ...]
            given = (rows, values, self.bounds, held.stops, held.functions, run.acts[0])
            given = (*given, run.rules, run.rows, self.conditions, self.worth, number)
            begun = _filled([(best.go_on, given)], number, _not_above(bound))
        runs = held.stops.runs[: held.stops.counts[kernels.ALL_RUNS]].tolist()
        hops = [_rows(levels[: level + 1], place, runs) for _, level, place in found]
        scores = [score for score, _, _ in found]
        lasts = np.array([levels[level][place] for _, level, place in found], np.int64)
        days = self._days(lasts.reshape(-1, beginnings.BEGINNING_WIDTH))
        return [Ranked(*each) for each in zip(scores, hops, *days, strict=True)]

    def _first(self, number: int, origins: Origins, bound: float) -> Beginnings:
        """Find the best beginnings of one act."""
        run, held, worth = self.run, self.held, self.worth
        stops, network = (held.stops, held.functions), run.acts[1]
        rest = (origins, self.conditions, worth, number)
        finding: list[Finding] = []
        for state, issue, leading, go_on in firsts_of(run, self.entered):
            groups = groups_of(held.stops, network, state, issue)
            given: tuple[object, ...]
            given = (groups, state, leading, self.bounds, *stops, network, run.rules, *rest)
            finding.append((best.begin_at, given))
            if not go_on:
                continue
            which = (run, state, issue, self.conditions.certain)
            landed, ordered = landings(*which), best_first(*which, worth)
            bounds, seen = np.empty(len(landed.state)), np.empty(len(landed.state), np.int64)
            best.bounds_of_places(bounds, landed, ordered, self.bounds, held.stops, worth)
            given = (np.argsort(bounds), bounds, seen, landed, ordered)
            given = (*given, self.bounds, *stops, network, *rest)
            finding.append((best.begin_after, given))
        return _filled(finding, number, bound)

    def _days(self, lasts: Array) -> tuple[list[int], list[int]]:
        """Return arrivals and durations as `dating.py` does, by the last rows of paths."""
        days = self.conditions
        columns = lasts[:, [FIRST_DAY_OF, LAST_DAY_OF, BEGAN]]
        first, last, began = _days(columns, days.base).T
        if days.certain:
            arrival, duration = last, last - began
        else:
            least = days.step * (lasts[:, NUMBER] - 1)
            arrival, duration = first, np.maximum(least, first - began)
        return arrival.tolist(), np.where(lasts[:, NUMBER] < 2, 0, duration).tolist()


def _rows(levels: list[list[list[int]]], place: int, runs: list[list[int]]) -> tuple[int, ...]:
    """Return the rows of a path that ends at a place of the last level."""
    rows: list[int] = []
    for level in reversed(levels):
        row = level[place]
        first, run = row[beginnings.RELATION_AFTER], row[beginnings.RUN_AFTER]
        relations = [first] if first >= 0 else []
        while run >= 0 and runs[run][kernels.RELATION] >= 0:
            relations.append(runs[run][kernels.RELATION])
            run = runs[run][kernels.REST]
        rows = [row[beginnings.ACT], *(-1 - relation for relation in relations), *rows]
        place = row[beginnings.PARENT]
    return tuple(rows)


def _days(coded: Array, base: int) -> Array:
    """Return the days that coded ones stand for; some steps from an open end are no day."""
    found = np.where(coded < FIRST_DAY, NO_BEGINNING + coded, base + coded - FIRST_DAY)
    return np.where(coded > OPEN_END - FIRST_DAY, NO_END - (OPEN_END - coded), found)


def _not_above(bound: float) -> float:
    """Return a bound that leaves what is as good, in whatever order its parts were multiplied."""
    return float(np.nextafter(bound + abs(bound) * ROUNDING, np.inf))


def _filled(finding: list[Finding], number: int, bound: float) -> Beginnings:
    """Find beginnings, in a larger room if there are more than it can hold."""
    size = 2 * number + 64
    while True:
        begun = Beginnings(
            np.zeros((size, beginnings.BEGINNING_WIDTH), np.int64),
            np.zeros((size, beginnings.SCORE_WIDTH)),
            np.zeros(2, np.int64),
            np.array([bound]),
        )
        for find, given in finding:
            find(begun, *given)
        beginnings.thinned(begun, number)
        if not begun.counts[1]:
            return begun
        size *= 4
