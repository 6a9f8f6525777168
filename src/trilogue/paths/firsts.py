"""Compiled: the first acts of walks, each with all that follows it.

There are far more first acts than others, so they are read in the order in which they stand: all
towards one thing, then all towards the next, with the runs of relations that begin there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.columns import Array
from trilogue.paths.kernels import (
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
    group,
    lower,
)
from trilogue.paths.layout import Acts, Relations
from trilogue.paths.rules import Rules
from trilogue.paths.suffixes import FIRST_STEP, FROM, TO, Functions

# Columns of runs that begin at a thing: as those of a stop, and the number of the run after its
# first relation.
BEGINS, ENDS, LEADS_TO, BY_RELATION, AND_THEN, BRANCH_WIDTH = range(6)
MOST_BRANCHES = 4096


class Origins(NamedTuple):
    """Which things are origins: by code, backward, or where that does not tell, by thing."""

    by_code: Array
    by_thing: Array


@compiled
def galloped(values: Numba, begin: int, end: int, wanted: int) -> int:
    """Return the first place whose value is not below the one wanted, which is near the first."""
    step = 1
    while begin + step < end and values[begin + step] < wanted:
        begin += step
        step *= 2
    return lower(values, begin, min(begin + step + 1, end), wanted)


@compiled
def branch(branches: Numba, number: int, run: Numba, since: int, until: int) -> int:
    """Add a run, cut to some days, if it holds on any of them; return how many there are."""
    begin, end = max(run[HOLDS], since), min(run[UNTIL], until)
    if begin > end:
        return number
    row = branches[number]
    row[BEGINS], row[ENDS], row[LEADS_TO] = begin, end, run[LAST_STOP]
    return number + 1


@compiled
def branches_at(
    branches: Numba,
    stops: Numba,
    state: int,
    thing: int,
    outward: Numba,
    rules: Numba,
    entered: Numba,
    how: Numba,
    days: Numba,
    place: int,
) -> tuple[int, int]:
    """Find the runs that begin at a thing; return how many, and where to look for the next thing.

    -1 where there are too many.
    """
    number, table, runs = 0, stops.table, stops.runs
    near, most = outward.near, len(branches)
    stop = stops.number[state, thing]
    run = table[stop, RUNS] if stop >= 0 else -1
    while run >= 0 and number < most:
        number = branch(branches, number, runs[run], 0, runs[run, UNTIL])
        branches[number - 1, BY_RELATION], branches[number - 1, AND_THEN] = -1, run
        run = runs[run, NEXT_RUN]
    if entered[state] or not rules.to_relations[state]:
        return (number if number < most else -1), place
    letters = rules.onward[:, rules.source[rules.classes[thing]]]
    begins = outward.core_earliest if days.certain else outward.earliest
    ends = outward.core_latest if days.certain else outward.latest
    place = galloped(near, place, len(near), thing)
    while place < len(near) and near[place] == thing:
        row = how[outward.issue[place]]
        letter = letters[row, outward.code[place]] if row >= 0 else -1
        following = rules.following[state, letter] if letter >= 0 else -1
        stop = np.int64(stops.number[following, outward.far[place]]) if following >= 0 else -1
        run = table[stop, RUNS] if stop >= 0 else -1
        while run >= 0 and number < most:
            since, until = np.int64(begins[place]), np.int64(ends[place])
            with_it = branch(branches, number, runs[run], since, until)
            if with_it > number:
                branches[number, BY_RELATION], branches[number, AND_THEN] = place, run
            number = with_it
            run = runs[run, NEXT_RUN]
        place += 1
    return (number if number < most else -1), place


@compiled
def counted(
    branches: Numba,
    number: int,
    functions: Numba,
    backward: Numba,
    places: tuple[int, int],
    letters: Numba,
    leads: Numba,
    origins: Numba,
    days: Numba,
) -> float:
    """Count the walks that begin with some acts and go on along some runs."""
    code, far, step, certain = backward.code, backward.far, days.step, days.certain
    earliest, latest = backward.earliest, backward.latest
    table, always = functions.table, functions.always
    when, values = functions.sorted_days, functions.sorted_values
    by_code, by_thing, total = origins.by_code, origins.by_thing, 0.0
    for place in range(places[0], places[1]):
        kind = code[place]
        if letters[kind] < 0 or not leads[letters[kind]]:
            continue
        if not (by_thing[far[place]] if len(by_thing) else by_code[kind]):
            continue
        begin, end = np.int64(earliest[place]), np.int64(latest[place])
        for one in range(number):
            since, until = branches[one, BEGINS], branches[one, ENDS]
            if certain:
                if begin < since or until < end:
                    continue
                day = end + step
            else:
                if max(begin, since) > min(end, until):
                    continue
                day = max(begin, since) + step
            last = branches[one, LEADS_TO]
            total += always[last]
            at, stop = table[last, FROM], table[last, TO]
            if table[last, FIRST_STEP] >= 0:
                at += max(day - table[last, FIRST_STEP], 0)
            else:
                at = lower(when, at, stop, day)
            if at < stop:
                total += values[at]
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
) -> float:
    """Count all walks from the origins; below 0 where that is beyond what can be kept."""
    total = 0.0
    branches = np.empty((MOST_BRANCHES, BRANCH_WIDTH), dtype=np.int64)
    for state in range(1, len(rules.acted)):
        leads = rules.following[0] == state
        for issue in matter.issues:
            how = matter.how[issue]
            if not rules.begun[how, state]:
                continue
            all_things = not entered[state] and rules.to_relations[state]
            thing, at, stop = -1, backward.groups[issue], np.int64(stops.first[state])
            place = 0
            while at < backward.groups[issue + 1] if all_things else stop >= 0:
                if all_things:
                    thing = np.int64(backward.near[at])
                    begin, end = np.int64(backward.starts[at]), np.int64(backward.starts[at + 1])
                    at += 1
                else:
                    thing = stops.table[stop, THING]
                    begin, end = group(
                        backward.groups, backward.starts, backward.near, issue, thing
                    )
                    stop = stops.table[stop, NEXT]
                if begin == end:
                    continue
                number, place = branches_at(
                    branches, stops, state, thing, outward, rules, entered, matter.how, days, place
                )
                if number < 0:
                    return -1.0
                if number:
                    letters = rules.back[how, rules.target[rules.classes[thing]]]
                    total += counted(
                        branches,
                        number,
                        functions,
                        backward,
                        (begin, end),
                        letters,
                        leads,
                        origins,
                        days,
                    )
    return total
