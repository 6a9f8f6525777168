"""Compiled: how many walks lead on from a stop, or the best score of any, by the day one is there.

Both are step functions of that day, as what leads on from a later day leads on from an earlier one.
An act adds to the function of the stop before it: in certain order one step, on its first day; in
possible order one on its last day, and between its first and its last the steps of what follows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled, inlined
from trilogue.paths.compiled.kernels import (
    HOLDS,
    IS_FULL,
    LAST_STOP,
    NEXT,
    NEXT_RUN,
    RUNS,
    STATE,
    THING,
    UNTIL,
    Conditions,
    Matter,
    Stops,
    back_along_relations,
    group,
    lower,
    stop_at,
    with_run,
)
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.compiled.scores import (
    COUNT,
    EARLIEST,
    SHORTEST,
    Worth,
    initial,
    joined,
    score_of_act,
    score_of_run,
)

# Columns of functions: the first of the steps that are not in order yet, where those that are begin
# and end, and the day of the first where there is one for every day; -1 where there is not. And
# whether a walk can end here, where that is a matter of days.
UNSORTED, FROM, TO, FIRST_STEP, ARRIVES, FUNCTION_WIDTH = range(6)
STEPS, SORTED, MADE, FUNCTION_COUNTS = range(4)
DENSE = 32  # so many days for a step, and each day has one
NOTHING = np.inf


class Functions(NamedTuple):
    """Room for the functions of stops; `always` is what holds whenever one is there."""

    table: Array
    always: Array
    days: Array
    values: Array
    links: Array
    sorted_days: Array
    sorted_values: Array
    counts: Array


@compiled
def value_at(functions: Numba, stop: int, day: int, counting: bool) -> Numba:
    """Return the value of the function of a stop on a day."""
    table = functions.table
    begin, end, first = table[stop, FROM], table[stop, TO], table[stop, FIRST_STEP]
    always = functions.always[stop]
    if first >= 0:
        place = begin + max(day - first, 0)
    else:
        place = lower(functions.sorted_days, begin, end, day)
    if place >= end:
        return always
    value = functions.sorted_values[place]
    return value + always if counting else min(value, always)


@compiled
def last_step(functions: Numba, stop: int) -> Numba:
    """Return the day of the last step of the function of a stop, or -1."""
    end = functions.table[stop, TO]
    return functions.sorted_days[end - 1] if functions.table[stop, FROM] < end else -1


@compiled
def with_step(functions: Numba, stops: Numba, stop: int, day: int, value: float) -> None:
    """Add a step to the function of a stop."""
    counts = functions.counts
    place = counts[STEPS]
    if place == len(functions.days):
        stops.counts[IS_FULL] = 1
        return
    counts[STEPS] += 1
    functions.days[place], functions.values[place] = day, value
    functions.links[place] = functions.table[stop, UNSORTED]
    functions.table[stop, UNSORTED] = place


@compiled
def put_in_order(functions: Numba, stops: Numba, stop: int, counting: bool) -> None:
    """Sort the steps of a stop, and add them up from the last."""
    table, days, links = functions.table, functions.days, functions.links
    number, first, last = 0, OPEN_END + 1, -1
    step = table[stop, UNSORTED]
    while step >= 0:
        number += 1
        first, last = min(first, days[step]), max(last, days[step])
        step = links[step]
    begin = functions.counts[SORTED]
    table[stop, FROM] = table[stop, TO] = begin
    table[stop, FIRST_STEP] = -1
    if not number:
        return
    width = last - first + 1
    size = width if width <= DENSE * number else number
    if begin + size > len(functions.sorted_days):
        stops.counts[IS_FULL] = 1
        return
    functions.counts[SORTED] += size
    table[stop, TO] = begin + size
    if width <= DENSE * number:
        table[stop, FIRST_STEP] = first
        _each_day(functions, stop, begin, size, counting)
    else:
        _each_step(functions, stop, begin, size)
    values = functions.sorted_values
    for place in range(begin + size - 2, begin - 1, -1):
        if counting:
            values[place] += values[place + 1]
        else:
            values[place] = min(values[place], values[place + 1])


@compiled
def _each_day(functions: Numba, stop: int, begin: int, size: int, counting: bool) -> None:
    first, values = functions.table[stop, FIRST_STEP], functions.sorted_values
    for place in range(size):
        functions.sorted_days[begin + place] = first + place
        values[begin + place] = 0.0 if counting else NOTHING
    step = functions.table[stop, UNSORTED]
    while step >= 0:
        place = begin + functions.days[step] - first
        if counting:
            values[place] += functions.values[step]
        else:
            values[place] = min(values[place], functions.values[step])
        step = functions.links[step]


@allocating
def _each_step(functions: Numba, stop: int, begin: int, size: int) -> None:
    days, values = functions.sorted_days, functions.sorted_values
    step = functions.table[stop, UNSORTED]
    for place in range(begin, begin + size):
        days[place], values[place] = functions.days[step], functions.values[step]
        step = functions.links[step]
    order = np.argsort(days[begin : begin + size], kind="mergesort")
    values[begin : begin + size] = values[begin : begin + size][order]
    days[begin : begin + size] = days[begin : begin + size][order]


@compiled
def with_act(
    functions: Numba,
    stops: Numba,
    stop: int,
    last: int,
    span: tuple[int, int],
    own: float,
    days: Numba,
    worth: Numba,
) -> None:
    """Add what an act of a span, and a run, bring from a last stop to the one before."""
    earliest, latest = span
    score, step = worth.score, days.step
    counting = score == COUNT
    value = value_at(functions, last, latest + step, counting)
    if is_something(value, counting):
        with_step(
            functions, stops, stop, earliest if days.certain else latest, joined(score, own, value)
        )
    if functions.table[last, ARRIVES]:
        with_arrival(functions, stops, stop, span, days.certain, worth)
    if days.certain or earliest == latest:
        return
    table, values, when = functions.table, functions.sorted_values, functions.sorted_days
    place = lower(when, table[last, FROM], table[last, TO], earliest + step)
    while place < table[last, TO] and when[place] < latest + step:
        value = values[place]
        after = values[place + 1] if place + 1 < table[last, TO] else (0.0 if counting else NOTHING)
        if value != after:
            value = value - after if counting else min(value, functions.always[last])
            with_step(functions, stops, stop, when[place] - step, joined(score, own, value))
        place += 1


@compiled
def is_something(value: float, counting: bool) -> Numba:
    """Tell whether there is any walk of a value."""
    return value > 0.0 if counting else value < NOTHING


@compiled
def with_arrival(
    functions: Numba, stops: Numba, stop: int, span: tuple[int, int], certain: int, worth: Numba
) -> None:
    """Add the days on which a last act of a span arrives, by the day one is at the stop before."""
    earliest, latest = span
    if certain:
        with_step(functions, stops, stop, earliest, float(latest))
        return
    if earliest < FIRST_DAY:
        for day in range(earliest, min(earliest + worth.longest, latest + 1, FIRST_DAY)):
            with_step(functions, stops, stop, day, float(day))
    for day in range(max(earliest, FIRST_DAY), min(latest, worth.last_day) + 1):
        with_step(functions, stops, stop, day, float(day))
    if latest > worth.last_day:
        with_step(functions, stops, stop, latest, float(max(worth.last_day, earliest)))


@compiled
def function_at(functions: Numba, stops: Numba, state: int, thing: int, score: int) -> Numba:
    """Return the stop of a state at a thing, with a function where it is made."""
    stop = stop_at(stops, state, thing)
    while functions.counts[MADE] <= stop:
        made = functions.counts[MADE]
        functions.table[made] = -1
        functions.table[made, FROM] = functions.table[made, TO] = functions.table[made, ARRIVES] = 0
        functions.always[made] = 0.0 if score == COUNT else NOTHING
        functions.counts[MADE] += 1
    return stop


@inlined
def back_along_acts(
    stops: Numba,
    functions: Numba,
    stop: int,
    backward: Numba,
    rules: Numba,
    matter: Numba,
    days: Numba,
    worth: Numba,
) -> None:
    """Add what the acts that lead to a stop bring to the stops before them."""
    far, code, row = backward.far, backward.code, backward.row
    preceding, before, acted = rules.preceding, rules.before, rules.acted
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    first = state * rules.following.shape[1]
    for issue in matter.issues:
        if not rules.from_acts[matter.how[issue], state]:
            continue
        letters = rules.back[matter.how[issue], rules.target[rules.classes[thing]]]
        begin, end = group(backward.groups, backward.starts, backward.near, issue, thing)
        for place in range(begin, end):
            letter = letters[code[place]]
            if letter < 0:
                continue
            span = (np.int64(backward.earliest[place]), np.int64(backward.latest[place]))
            own = score_of_act(worth, worth.passages, code[place], row[place])
            for other in before[preceding[first + letter] : preceding[first + letter + 1]]:
                source = np.int64(far[place])
                if acted[other] and rules.arriving[other] & rules.incoming[source]:
                    _with_runs(stops, functions, stop, (other, source), span, own, days, worth)


@compiled
def _with_runs(
    stops: Numba,
    functions: Numba,
    stop: int,
    before: tuple[int, int],
    span: tuple[int, int],
    own: float,
    days: Numba,
    worth: Numba,
) -> None:
    runs, earlier = stops.runs, -1
    run = stops.table[stop, RUNS]
    while run >= 0:
        earliest, latest = span
        held = runs[run, HOLDS] <= earliest and latest <= runs[run, UNTIL]
        if not days.certain:
            earliest, latest = max(earliest, runs[run, HOLDS]), min(latest, runs[run, UNTIL])
            held = earliest <= latest
        if held:
            if earlier < 0:
                earlier = function_at(functions, stops, before[0], before[1], worth.score)
            both = joined(worth.score, own, score_of_run(worth, runs, run))
            last = runs[run, LAST_STOP]
            with_act(functions, stops, earlier, last, (earliest, latest), both, days, worth)
        run = runs[run, NEXT_RUN]


@compiled
def arrive_at(functions: Numba, stops: Numba, state: int, things: Numba, score: int) -> None:
    """Let walks end at some things."""
    for thing in things:
        stop = function_at(functions, stops, state, thing, score)
        if score in (EARLIEST, SHORTEST):
            functions.table[stop, ARRIVES] = 1
        else:
            functions.always[stop] = initial(score)


@compiled
def suffixes(
    stops: Stops,
    functions: Functions,
    backward: Acts,
    inward: Relations,
    rules: Rules,
    entered: Array,
    matter: Matter,
    days: Conditions,
    destinations: Array,
    nowhere: Stops,
    worth: Worth,
) -> None:
    """Find the functions of all stops after an act from which a destination is reached.

    Relations are followed back to states that are `entered`; the others are seen to by `firsts`.
    """
    score = worth.score
    functions.counts[:] = 0
    for state in range(len(rules.acted) - 1, -1, -1):
        if not rules.acted[state]:
            continue
        if rules.accepting[state]:
            arrive_at(functions, stops, state, destinations, score)
        stop = np.int64(stops.first[state])
        while stop >= 0:
            function_at(functions, stops, state, stops.table[stop, THING], score)
            put_in_order(functions, stops, stop, score == COUNT)
            table = functions.table
            if (
                table[stop, FROM] < table[stop, TO]
                or table[stop, ARRIVES]
                or is_something(functions.always[stop], score == COUNT)
            ):
                with_run(stops, stop, 0, OPEN_END, stop, -1, -1)
            if rules.from_relations[state]:
                back_along_relations(
                    stops, stop, inward, rules, entered, matter.how, days.certain, nowhere
                )
            if rules.from_acts[0, state] or rules.from_acts[1, state]:
                back_along_acts(stops, functions, stop, backward, rules, matter, days, worth)
            stop = np.int64(stops.table[stop, NEXT])
