"""Compiled: what follows a first act, by its day and the stop to which a relation leads.

Many first acts lead along offices to few states. Where that saves work, what follows is
added up for each day, rather than for each act.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.kernels import (
    HOLDS,
    LAST_STOP,
    NEXT_RUN,
    RUNS,
    UNTIL,
    Numba,
    Stops,
    compiled,
)
from trilogue.paths.compiled.scores import COUNT, Worth, initial, joined, score_of_run
from trilogue.paths.compiled.suffixes import (
    FROM,
    NOTHING,
    TO,
    Functions,
)

ENOUGH = 64  # a table of so many days costs as much as one act that is looked at without
# Columns of landings: the group of acts, the stop at which runs begin, from and until when the
# relation holds that leads there, and that relation; -1 where it is the stop of the act itself.
GROUP, LANDS, SINCE, UPTO, BY_RELATION, LANDING_WIDTH = range(6)


class ByDay(NamedTuple):
    """For some stops, what their runs bring after an act on each day from the first to the last.

    In counting, how many walks; otherwise the best score after an act on that day or later. The
    last value stands for all later days. `number` is -1 for stops that have no table.
    """

    number: Array
    acts: Array  # stop: how many acts land there, until it has a table
    values: Array
    made: Array  # how many tables there are
    useful: Array  # stop: the last day on which anything can follow
    last: int


@compiled
def no_days(stops: Stops, functions: Functions, last: int) -> Numba:
    """Return room for tables by day."""
    known, width = len(stops.table), last + 2 - FIRST_DAY
    most = len(functions.by_day) // width
    values = functions.by_day[: most * width].reshape(most, width)
    number, acts = np.full(known, -1, np.int64), np.zeros(known, np.int64)
    return ByDay(number, acts, values, np.zeros(1, np.int64), np.zeros(known, np.int64), last)


@compiled
def add_tables(
    by_day: ByDay,
    landings: Array,
    starts: Array,
    stops: Stops,
    functions: Functions,
    step: int,
    worth: Worth,
) -> None:
    """Make the tables of the stops where enough first acts land."""
    number, acts, width = by_day.number, by_day.acts, by_day.values.shape[1]
    for one in range(len(landings)):
        group, stop = landings[one, GROUP], landings[one, LANDS]
        if number[stop] == -1:
            acts[stop] += np.int64(starts[group + 1]) - np.int64(starts[group])
            if acts[stop] * ENOUGH > width:
                _make(by_day, stop, stops, functions, step, worth)


@compiled
def _make(
    by_day: ByDay, stop: int, stops: Stops, functions: Functions, step: int, worth: Worth
) -> None:
    place = by_day.made[0]
    if place == len(by_day.values):
        by_day.number[stop] = -2  # there is no more room, now or later
        return
    by_day.number[stop] = place
    by_day.made[0] += 1
    values, counting = by_day.values[place], worth.score == COUNT
    values[:] = 0.0 if counting else NOTHING
    run = stops.table[stop, RUNS]
    while run >= 0:
        own = initial(worth.score) if counting else score_of_run(worth, stops.runs, run)
        begin = max(stops.runs[run, HOLDS], FIRST_DAY)
        end = min(stops.runs[run, UNTIL], by_day.last + 1)
        last = stops.runs[run, LAST_STOP]
        _along_run(values, functions, last, begin, end, own, step, worth.score)
        run = stops.runs[run, NEXT_RUN]
    by_day.useful[stop] = OPEN_END
    if counting and values[-1] == 0.0:
        useful = by_day.last
        while useful >= FIRST_DAY and values[useful - FIRST_DAY] == 0.0:
            useful -= 1
        by_day.useful[stop] = useful
    if not counting:
        for day in range(len(values) - 2, -1, -1):
            values[day] = min(values[day], values[day + 1])


@compiled
def _along_run(
    values: Array,
    functions: Functions,
    stop: int,
    day: int,
    end: int,
    own: float,
    step: int,
    score: int,
) -> None:
    """Add what follows acts on some days, step by step of the function of a last stop."""
    begin, until, always = functions.table[stop, FROM], functions.table[stop, TO], functions.always
    when, then = functions.sorted_days, functions.sorted_values
    for place in range(begin, until + 1):
        last, value = end, always[stop]
        if place < until:
            last = min(end, when[place] - step)
            value = value + then[place] if score == COUNT else min(value, then[place])
        if score != COUNT and value < NOTHING:
            value = joined(score, own, value)
        for here in range(day - FIRST_DAY, last - FIRST_DAY + 1):
            if score == COUNT:
                values[here] += value
            else:
                values[here] = min(values[here], value)
        day = max(day, last + 1)
