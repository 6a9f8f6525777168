"""Compiled: the first acts of walks, each with all that follows it.

There are far more first acts than others, so they are read in the order in which they stand: all
towards one thing, then all towards the next, with the runs of relations that begin there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.columns import OPEN_END, Array
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
    inlined,
    lower,
)
from trilogue.paths.layout import Acts, Relations
from trilogue.paths.rules import Rules
from trilogue.paths.suffixes import FIRST_STEP, FROM, TO, Functions, value_at

# Columns of runs that begin at a thing: as those of a stop, and the number of the run after its
# first relation.
BEGINS, ENDS, LEADS_TO, BY_RELATION, AND_THEN, BRANCH_WIDTH = range(6)
MOST_BRANCHES = 4096


class Origins(NamedTuple):
    """Which things are origins: by code, backward, or where that does not tell, by thing."""

    by_code: Array
    by_thing: Array


@compiled
def groups_of(stops: Numba, backward: Numba, state: int, issue: int, every: bool) -> Numba:
    """Return the things at which first acts on an issue lead to a state, and where these stand.

    They are those that have a stop, or every thing where relations can follow.
    """
    first, last = backward.groups[issue], backward.groups[issue + 1]
    if every:
        found = np.empty((last - first, 3), dtype=np.int64)
        found[:, 0] = backward.near[first:last]
        found[:, 1] = backward.starts[first:last]
        found[:, 2] = backward.starts[first + 1 : last + 1]
        return found
    number, stop = 0, stops.first[state]
    while stop >= 0:
        number, stop = number + 1, stops.table[stop, NEXT]
    found = np.empty((number, 3), dtype=np.int64)
    stop = stops.first[state]
    for place in range(number):
        found[place, 0] = stops.table[stop, THING]
        found[place, 1], found[place, 2] = group(
            backward.groups, backward.starts, backward.near, issue, found[place, 0]
        )
        stop = stops.table[stop, NEXT]
    return found


@compiled
def galloped(values: Numba, begin: int, end: int, wanted: int) -> Numba:
    """Return the first place whose value is not below the one wanted, which is near the first."""
    step = 1
    while begin + step < end and values[begin + step] < wanted:
        begin += step
        step *= 2
    return lower(values, begin, min(begin + step + 1, end), wanted)


@compiled
def branch(
    branches: Numba, number: int, runs: Numba, run: int, since: int, until: int, relation: int
) -> Numba:
    """Add a run, cut to some days, if it holds on any of them; return how many there are."""
    begin, end = max(runs[run, HOLDS], since), min(runs[run, UNTIL], until)
    if begin > end:
        return number
    branches[number, BEGINS], branches[number, ENDS] = begin, end
    branches[number, LEADS_TO] = runs[run, LAST_STOP]
    branches[number, BY_RELATION], branches[number, AND_THEN] = relation, run
    return number + 1


@inlined
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
) -> Numba:
    """Find the runs that begin at a thing; return how many, and where to look for the next thing.

    -1 where there are too many.
    """
    number, table, runs = 0, stops.table, stops.runs
    near, most = outward.near, len(branches)
    stop: Numba = np.int64(stops.number[state, thing])
    run = table[stop, RUNS] if stop >= 0 else -1
    while run >= 0 and number < most:
        number = branch(branches, number, runs, run, 0, OPEN_END, -1)
        run = runs[run, NEXT_RUN]
    if not entered[state] and rules.to_relations[state]:
        kind = rules.source[rules.classes[thing]]
        begins = outward.core_earliest if days.certain else outward.earliest
        ends = outward.core_latest if days.certain else outward.latest
        place = galloped(near, place, len(near), thing)
        while place < len(near) and near[place] == thing:
            row = how[outward.issue[place]]
            letter = rules.onward[row, kind, outward.code[place]] if row >= 0 else -1
            following = rules.following[state, letter] if letter >= 0 else -1
            stop = np.int64(stops.number[following, outward.far[place]]) if following >= 0 else -1
            run = table[stop, RUNS] if stop >= 0 else -1
            while run >= 0 and number < most:
                since, until = np.int64(begins[place]), np.int64(ends[place])
                number = branch(branches, number, runs, run, since, until, place)
                run = runs[run, NEXT_RUN]
            place += 1
    return (number if number < most else -1), place


@compiled
def wanted_codes(letters: Numba, leads: Numba, by_code: Numba) -> Numba:
    """Tell of each code whether a first act that has it leads on, from an origin if that tells."""
    found = np.zeros(len(letters), dtype=np.bool_)
    for code in range(len(letters)):
        letter = letters[code]
        found[code] = letter >= 0 and leads[letter] and (len(by_code) == 0 or by_code[code])
    return found


@inlined
def sorted_out(
    exact: Numba, spans: Numba, backward: Numba, places: Numba, wanted: Numba, by_thing: Numba
) -> Numba:
    """Collect the days of the acts that are wanted, and the spans of those that have no one day."""
    code, far, earliest, latest = backward.code, backward.far, backward.earliest, backward.latest
    number, imprecise = 0, 0
    for place in range(places[0], places[1]):
        if not wanted[code[place]] or (len(by_thing) > 0 and not by_thing[far[place]]):
            continue
        if earliest[place] == latest[place]:
            exact[number] = earliest[place]
            number += 1
        else:
            spans[imprecise, 0], spans[imprecise, 1] = earliest[place], latest[place]
            imprecise += 1
    return number, imprecise


@inlined
def counted_on_days(
    functions: Numba, last: int, exact: Numba, begin: int, end: int, step: int
) -> Numba:
    """Add up the values of a function just after some days, which are in order."""
    values, when = functions.sorted_values, functions.sorted_days
    at, stop = functions.table[last, FROM], functions.table[last, TO]
    first = functions.table[last, FIRST_STEP]
    total = functions.always[last] * (end - begin)
    for place in range(begin, end):
        day = exact[place] + step
        if first >= 0:
            here = at + max(day - first, 0)
        else:
            at = lower(when, at, stop, day)
            here = at
        if here >= stop:
            break
        total += values[here]
    return total


@compiled
def counted_in_spans(
    functions: Numba, branch: Numba, spans: Numba, number: int, days: Numba
) -> Numba:
    """Add up the values of a function after acts that have no one day."""
    total = 0.0
    since, until, last = branch[BEGINS], branch[ENDS], branch[LEADS_TO]
    for place in range(number):
        begin, end = spans[place, 0], spans[place, 1]
        if days.certain:
            if since <= begin and end <= until:
                total += value_at(functions, last, end + days.step, True)
        elif max(begin, since) <= min(end, until):
            total += value_at(functions, last, max(begin, since) + days.step, True)
    return total


@inlined
def counted(functions: Numba, branches: Numba, exact: Numba, spans: Numba, days: Numba) -> Numba:
    """Count the walks that begin with some acts and go on along some runs."""
    total = 0.0
    for one in range(len(branches)):
        last = branches[one, LEADS_TO]
        first = lower(exact, 0, len(exact), branches[one, BEGINS])
        after = lower(exact, first, len(exact), branches[one, ENDS] + 1)
        total += counted_on_days(functions, last, exact, first, after, days.step)
        if len(spans):
            total += counted_in_spans(functions, branches[one], spans, len(spans), days)
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
) -> Numba:
    """Count all walks from the origins; below 0 where some thing has too many runs."""
    total = 0.0
    branches = np.empty((MOST_BRANCHES, BRANCH_WIDTH), dtype=np.int64)
    exact, spans = np.empty(0, dtype=np.int64), np.empty((0, 2), dtype=np.int64)
    for state in range(1, len(rules.acted)):
        leads = rules.following[0] == state
        for issue in matter.issues:
            how = matter.how[issue]
            if not rules.begun[how, state]:
                continue
            every = not entered[state] and rules.to_relations[state]
            place = 0
            known: Numba = -1
            wanted = np.empty(0, dtype=np.bool_)
            for where in groups_of(stops, backward, state, issue, every):
                thing, begin, end = where[0], where[1], where[2]
                number, place = branches_at(
                    branches, stops, state, thing, outward, rules, entered, matter.how, days, place
                )
                if number < 0:
                    return -1.0
                if number == 0 or begin == end:
                    continue
                target = np.int64(rules.target[rules.classes[thing]])
                if target != known:
                    wanted = wanted_codes(rules.back[how, target], leads, origins.by_code)
                    known = target
                if end - begin > len(exact):
                    exact = np.empty(2 * (end - begin), dtype=np.int64)
                    spans = np.empty((2 * (end - begin), 2), dtype=np.int64)
                some, others = sorted_out(
                    exact, spans, backward, (begin, end), wanted, origins.by_thing
                )
                total += counted(functions, branches[:number], exact[:some], spans[:others], days)
    return total
