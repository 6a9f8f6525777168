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
        return [self._ranked(score, levels[: level + 1], p, runs) for score, level, p in found]

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
            landed, rows = landings(*which), best_first(*which, worth)
            bounds = np.empty(len(landed.state))
            best.bounds_of_places(bounds, landed, rows, self.bounds, held.stops, network, worth)
            given = (np.argsort(bounds), bounds, landed, rows, self.bounds, *stops, network, *rest)
            finding.append((best.begin_after, given))
        return _filled(finding, number, bound)

    def _ranked(
        self, score: float, levels: list[list[list[int]]], place: int, runs: list[list[int]]
    ) -> Ranked:
        last = levels[-1][place]
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
        return Ranked(score, tuple(rows), *self._days(last))

    def _days(self, row: list[int]) -> tuple[int, int]:
        """Return arrival and duration as `dating.py` does."""
        days = self.conditions
        first, last, began, acts = (row[c] for c in (FIRST_DAY_OF, LAST_DAY_OF, BEGAN, NUMBER))
        first, last, began = (_day(day, days.base) for day in (first, last, began))
        arrival = last if days.certain else first
        if acts < 2:
            return arrival, 0
        if days.certain:
            return arrival, last - began
        return arrival, max(days.step * (acts - 1), first - began)


def _day(coded: int, base: int) -> int:
    """Return the day that a coded one stands for; some steps from an open end are no day."""
    if coded > OPEN_END - FIRST_DAY:
        return NO_END - (OPEN_END - coded)
    return NO_BEGINNING + coded if coded < FIRST_DAY else base + coded - FIRST_DAY


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
