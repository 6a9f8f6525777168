"""Compiled: beginnings of paths, and which of them can lead to the best.

The function of the stop at the end of a beginning says how good the best path with that beginning
is. So of all beginnings of one length, none but the best *k* can lead to the best *k* paths. Where
that is only a bound, which is so of durations whose first act has no one day, the beginning stays
as long as its bound is better than the *k* best that are certain.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled
from trilogue.paths.compiled.scores import (
    EARLIEST,
    EVIDENCE,
    HOPS,
    SHORTEST,
    WEIGHT,
    joined,
)
from trilogue.paths.compiled.suffixes import ARRIVES, NOTHING, value_at

# Columns of beginnings: the one that it goes on from, its last act, the relation and the run after
# that, the stop at its end, the days of its last act, the last day of its first, how many acts,
# and whether it is a path.
PARENT, ACT, RELATION_AFTER, RUN_AFTER, STOP, FIRST_DAY_OF, LAST_DAY_OF = range(7)
BEGAN, NUMBER, IS_PATH, BEGINNING_WIDTH = range(7, 11)
BY_HOPS = (HOPS, EVIDENCE, WEIGHT)  # scores that do not depend on the day of arrival
OPEN = 200_000  # more days than any that are counted: an open end comes after all days
# Columns of scores: of the best path to come, of the hops so far, and of the path if it is one.
TO_COME, SO_FAR, AS_IT_IS, IS_EXACT, SCORE_WIDTH = range(5)


class Beginnings(NamedTuple):
    """Room for beginnings; how many there are, whether it is too small, and the bound so far."""

    rows: Array
    scores: Array
    counts: Array
    bound: Array


@compiled
def far_off(day: int) -> Numba:
    """Return a day so that durations with open ends are longer than all others."""
    if day == 0:
        return -OPEN
    return OPEN if day == OPEN_END else day


@compiled
def path_score(score: int, row: Numba, so_far: float, days: Numba) -> Numba:
    """Return the score of a beginning that is a path."""
    if score == EARLIEST:
        return float(row[LAST_DAY_OF] if days.certain else row[FIRST_DAY_OF])
    if score != SHORTEST:
        return so_far
    if row[NUMBER] < 2:
        return 0.0
    if days.certain:
        return float(far_off(row[LAST_DAY_OF]) - far_off(row[BEGAN]))
    return float(max(days.step * (row[NUMBER] - 1), row[FIRST_DAY_OF] - row[BEGAN]))


@compiled
def judged(
    begun: Numba, functions: Numba, score: int, so_far: float, days: Numba, most: int, exact: bool
) -> None:
    """Keep the beginning that stands after the last, if it can be among the best."""
    place = begun.counts[0]
    row, scores = begun.rows[place], begun.scores[place]
    last = row[STOP]
    after = (row[LAST_DAY_OF] if days.certain else row[FIRST_DAY_OF]) + days.step
    best = value_at(functions, last, after, False)
    if score == SHORTEST and best < NOTHING:
        if days.certain:
            best = float(far_off(int(best)) - far_off(row[BEGAN]))
        else:
            best = max(best - row[BEGAN], float(days.step * row[NUMBER]))
    elif score != EARLIEST and best < NOTHING:
        best = joined(score, so_far, best)
    row[IS_PATH] = functions.table[last, ARRIVES] or functions.always[last] < NOTHING
    scores[AS_IT_IS] = path_score(score, row, so_far, days) if row[IS_PATH] else NOTHING
    best = min(best, scores[AS_IT_IS])
    if best < begun.bound[0]:
        scores[TO_COME], scores[SO_FAR] = best, so_far
        scores[IS_EXACT] = 1.0 if exact else 0.0
        begun.counts[0] += 1
        if begun.counts[0] == len(begun.rows):
            thinned(begun, most)
            if begun.counts[0] > len(begun.rows) // 2:
                begun.counts[1] = 1
                begun.counts[0] = 0


@allocating
def thinned(begun: Numba, most: int) -> None:
    """Leave out what cannot be among the best."""
    number = begun.counts[0]
    order = np.argsort(begun.scores[:number, TO_COME], kind="mergesort")
    kept = np.zeros(number, dtype=np.bool_)
    exact, bound = 0, begun.bound[0]
    for place in order:
        if begun.scores[place, TO_COME] > bound:
            break
        if begun.scores[place, IS_EXACT] == 0.0:
            kept[place] = True
        elif exact < most:
            kept[place] = True
            exact += 1
            if exact == most:
                bound = min(bound, begun.scores[place, TO_COME])
    begun.bound[0] = bound
    into = 0
    for place in range(number):
        if kept[place]:
            begun.rows[into], begun.scores[into] = begun.rows[place], begun.scores[place]
            into += 1
    begun.counts[0] = into


@compiled
def cut(span: tuple[int, int], since: int, until: int, soonest: int, certain: int) -> Numba:
    """Cut the span of an act to the days of a run and of what went before, if it can be."""
    begin, end = span
    held = begin >= since and end <= until and begin >= soonest
    if not certain:
        begin, end = max(begin, since, soonest), min(end, until)
        held = begin <= end
    return held, begin, end
