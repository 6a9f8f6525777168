"""The best paths of a run, from their beginnings on."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled import best, kernels, scores
from trilogue.paths.compiled.best import Beginnings
from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.firsts import Origins
from trilogue.paths.compiled.kernels import Conditions
from trilogue.paths.compiled.room import Room
from trilogue.paths.compiled.runs import Run
from trilogue.paths.compiled.scores import Worth, heaviest, last_day
from trilogue.paths.network import NO_BEGINNING, NO_END
from trilogue.paths.query import Score

SCORES = {
    Score.earliest: scores.EARLIEST,
    Score.shortest: scores.SHORTEST,
    Score.hops: scores.HOPS,
    Score.evidence: scores.EVIDENCE,
    Score.weight: scores.WEIGHT,
}


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

    def best(self, number: int, origins: Origins, bound: float) -> list[Ranked]:
        """Return the best paths, if better than a bound."""
        run, held = self.run, self.held
        given: tuple[object, ...]
        given = (held.stops, held.functions, run.acts[1], run.relations[0], run.rules)
        given = (*given, self.entered, run.rows, self.conditions, origins, self.worth, number)
        given = (*given, heaviest(run, self.worth), last_day(run))
        begun = _filled(best.begin_all, given, number, bound)
        levels: list[Array] = []
        found: list[tuple[float, int, int]] = []
        while begun.counts[0]:
            rows, values = (part[: begun.counts[0]].copy() for part in begun[:2])
            levels.append(rows)
            places = np.flatnonzero(rows[:, best.IS_PATH]).tolist()
            found += [(values[p, best.AS_IT_IS], len(levels) - 1, p) for p in places]
            found = heapq.nsmallest(number, found)
            bound = float(begun.bound[0])
            if len(found) == number:
                bound = min(bound, found[-1][0])
            given = (rows, values, held.stops, held.functions, run.acts[0], run.rules)
            given = (*given, run.rows, self.conditions, self.worth, number)
            begun = _filled(best.go_on, given, number, np.nextafter(bound, np.inf))
        return [self._ranked(score, levels[: level + 1], p) for score, level, p in found]

    def _ranked(self, score: float, levels: list[Array], place: int) -> Ranked:
        last = levels[-1][place]
        rows: list[int] = []
        for level in reversed(levels):
            row = level[place].tolist()
            relations = [row[best.RELATION_AFTER]] if row[best.RELATION_AFTER] >= 0 else []
            after, runs = row[best.RUN_AFTER], self.held.stops.runs
            while after >= 0 and runs[after, kernels.RELATION] >= 0:
                relations.append(int(runs[after, kernels.RELATION]))
                after = int(runs[after, kernels.REST])
            rows = [row[best.ACT], *(-1 - relation for relation in relations), *rows]
            place = row[best.PARENT]
        return Ranked(float(score), tuple(rows), *self._days(last))

    def _days(self, row: Array) -> tuple[int, int]:
        """Return arrival and duration as `dating.py` does."""
        days = self.conditions
        first, last, began, acts = (
            int(row[column])
            for column in (best.FIRST_DAY_OF, best.LAST_DAY_OF, best.BEGAN, best.NUMBER)
        )
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


def _filled(
    find: Callable[..., None], given: tuple[object, ...], number: int, bound: float
) -> Beginnings:
    """Find beginnings, in a larger room if there are more than it can hold."""
    size = 4 * number + 1024
    while True:
        begun = Beginnings(
            np.zeros((size, best.BEGINNING_WIDTH), np.int64),
            np.zeros((size, best.SCORE_WIDTH)),
            np.zeros(2, np.int64),
            np.array([bound]),
        )
        find(begun, *given)
        if not begun.counts[1]:
            return begun
        size *= 4
