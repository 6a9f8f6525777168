"""Compiled: the first acts of walks, each with all that follows it.

There are far more first acts than others, so they are read in the order in which they stand: all
towards one thing, then all towards the next, with the runs of relations that begin there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.kernels import (
    HOLDS,
    LAST_STOP,
    NEXT,
    NEXT_RUN,
    RUNS,
    THING,
    UNTIL,
    Conditions,
    Matter,
    Numba,
    Stops,
    compiled,
    lower,
)
from trilogue.paths.compiled.landings import (
    BY_RELATION,
    GROUP,
    LANDING_WIDTH,
    LANDS,
    SINCE,
    UPTO,
    ByDay,
    add_tables,
    no_days,
)
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.compiled.scores import Worth
from trilogue.paths.compiled.suffixes import Functions, value_at


class Origins(NamedTuple):
    """Which things are origins: by code, backward, or where that does not tell, by thing."""

    by_code: Array
    by_thing: Array


@compiled
def groups_of(stops: Numba, backward: Numba, state: int, issue: int, every: bool) -> Numba:
    """Return the groups of first acts on an issue that lead to a state, in order of their things.

    Their things are those that have a stop, or every thing where relations can follow.
    """
    first, last = backward.groups[issue], backward.groups[issue + 1]
    if every:
        return np.arange(first, last)
    number, stop = 0, stops.first[state]
    while stop >= 0:
        number, stop = number + 1, stops.table[stop, NEXT]
    found = np.empty(number, dtype=np.int64)
    number, stop = 0, stops.first[state]
    while stop >= 0:
        thing = stops.table[stop, THING]
        place = lower(backward.near, first, last, thing)
        if place < last and backward.near[place] == thing:
            found[number] = place
            number += 1
        stop = stops.table[stop, NEXT]
    return np.sort(found[:number])


@compiled
def galloped(values: Numba, begin: int, end: int, wanted: int) -> Numba:
    """Return the first place whose value is not below the one wanted, which is near the first."""
    if begin == end or values[begin] >= wanted:
        return begin
    step = 1
    while begin + step < end and values[begin + step] < wanted:
        begin += step
        step *= 2
    return lower(values, begin, min(begin + step + 1, end), wanted)


@compiled
def landings_of(
    stops: Stops,
    state: int,
    issue: int,
    backward: Acts,
    outward: Relations,
    rules: Rules,
    entered: Array,
    matter: Matter,
    days: Conditions,
) -> Numba:
    """Find where first acts on an issue, which lead to a state, and a relation after them land."""
    every = not entered[state] and rules.to_relations[state]
    groups = groups_of(stops, backward, state, issue, every)
    things, runs, numbers = backward.near, stops.table[:, RUNS], stops.number
    near, far, issues, code = outward.near, outward.far, outward.issue, outward.code
    begins = outward.core_earliest if days.certain else outward.earliest
    ends = outward.core_latest if days.certain else outward.latest
    how, following, onward = matter.how, rules.following[state], rules.onward
    source, classes = rules.source, rules.classes
    found = np.empty((2 * len(groups) + 1, LANDING_WIDTH), dtype=np.int64)
    number, place, most = 0, 0, len(near) if every else 0
    for group in groups:
        thing = np.int64(things[group])
        stop: Numba = np.int64(numbers[state, thing])
        if number == len(found):
            found = doubled(found)
        if stop >= 0 and runs[stop] >= 0:
            found[number, GROUP], found[number, LANDS] = group, stop
            found[number, SINCE], found[number, UPTO] = 0, OPEN_END
            found[number, BY_RELATION] = -1
            number += 1
        place = galloped(near, place, most, thing)
        while place < most and near[place] == thing:
            row = how[issues[place]]
            letter = onward[row, source[classes[thing]], code[place]] if row >= 0 else -1
            after = following[letter] if letter >= 0 else -1
            stop = np.int64(numbers[after, far[place]]) if after >= 0 else -1
            if stop >= 0 and runs[stop] >= 0:
                if number == len(found):
                    found = doubled(found)
                found[number, GROUP], found[number, LANDS] = group, stop
                found[number, SINCE], found[number, UPTO] = begins[place], ends[place]
                found[number, BY_RELATION] = place
                number += 1
            place += 1
    return found[:number]


@compiled
def doubled(landings: Array) -> Array:
    """Return room for twice as many landings."""
    made = np.empty((2 * len(landings), LANDING_WIDTH), dtype=np.int64)
    made[: len(landings)] = landings
    return made


@compiled
def wanted_codes(rules: Rules, how: int, state: int, by_code: Array) -> Numba:
    """Tell which first acts lead to a state, by class of target and code.

    They come from an origin, if a code tells that.
    """
    back = rules.back[how]
    found = np.zeros(back.shape, dtype=np.bool_)
    for target in range(back.shape[0]):
        for code in range(back.shape[1]):
            letter = back[target, code]
            leads = letter >= 0 and rules.following[0, letter] == state
            found[target, code] = leads and (len(by_code) == 0 or by_code[code])
    return found


@compiled
def counted_one_by_one(
    table: Array,
    runs: Array,
    functions: Functions,
    stop: int,
    held: tuple[int, int],
    span: tuple[int, int],
    days: Conditions,
) -> Numba:
    """Count the walks that go on, after an act of a span, along the runs of a stop."""
    total, run = 0.0, table[stop, RUNS]
    while run >= 0:
        begin, end = max(held[0], runs[run, HOLDS]), min(held[1], runs[run, UNTIL])
        last = runs[run, LAST_STOP]
        if days.certain:
            if begin <= span[0] and span[1] <= end:
                total += value_at(functions, last, span[1] + days.step, True)
        elif max(begin, span[0]) <= min(end, span[1]):
            total += value_at(functions, last, max(begin, span[0]) + days.step, True)
        run = runs[run, NEXT_RUN]
    return total


@compiled
def counted_from(
    landings: Array,
    by_day: ByDay,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    rules: Rules,
    wanted: Array,
    by_thing: Array,
    days: Conditions,
    worth: Worth,
) -> Numba:
    """Count the walks whose first act and the relation after it land somewhere."""
    total, values, number, useful = 0.0, by_day.values, by_day.number, by_day.useful
    others, last = np.empty(1, dtype=np.int64), by_day.last
    near, starts, code, far = backward.near, backward.starts, backward.code, backward.far
    earliest, latest, table, runs = backward.earliest, backward.latest, stops.table, stops.runs
    target, classes = rules.target, rules.classes
    add_tables(by_day, landings, starts, stops, functions, days.step, worth)
    for one in range(len(landings)):
        group, stop = landings[one, GROUP], landings[one, LANDS]
        since, until = landings[one, SINCE], landings[one, UPTO]
        begin, end = np.int64(starts[group]), np.int64(starts[group + 1])
        which, kind = number[stop], target[classes[near[group]]]
        if which < 0:
            first, final = 1, 0
        else:
            first, final = max(since, FIRST_DAY), min(until, useful[stop])
        other = 0
        if begin + len(others) < end:
            others = np.empty(2 * (end - begin), dtype=np.int64)
        for place in range(begin, end):
            day = np.int64(earliest[place])
            if which >= 0 and day > final:
                break
            chosen = wanted[kind, code[place]]
            if len(by_thing) > 0:
                chosen = chosen and by_thing[far[place]]
            precise = which >= 0 and day == latest[place] and FIRST_DAY <= day <= last
            others[other] = place
            other += chosen and not precise
            if chosen and precise and day >= first:
                total += values[which, day - FIRST_DAY]
        for place in others[:other]:
            held, span = (since, until), (np.int64(earliest[place]), np.int64(latest[place]))
            total += counted_one_by_one(table, runs, functions, stop, held, span, days)
    return total


@compiled
def total_of_firsts(
    stops: Stops,
    functions: Functions,
    backward: Acts,
    outward: Relations,
    rules: Rules,
    entered: Array,
    matter: Matter,
    days: Conditions,
    origins: Origins,
    worth: Worth,
    last: int,
) -> Numba:
    """Count all walks from the origins; no act that has a beginning begins after the last day."""
    total, by_thing, by_day = 0.0, origins.by_thing, no_days(stops, functions, last)
    for state in range(1, len(rules.acted)):
        for issue in matter.issues:
            how = matter.how[issue]
            if rules.begun[how, state]:
                found = landings_of(
                    stops, state, issue, backward, outward, rules, entered, matter, days
                )
                wanted = wanted_codes(rules, how, state, origins.by_code)
                total += counted_from(
                    found,
                    by_day,
                    stops,
                    functions,
                    backward,
                    rules,
                    wanted,
                    by_thing,
                    days,
                    worth,
                )
    return total
