"""Compiled: stops, and how late one can be at a stop and still arrive at a destination.

A walk is taken as acts, each with a run of relations after it. Such a run holds from some day to
another, which cuts the span of its act. In possible order, and but for gaps, durations and simple
walks, all that a walk leaves to what follows is the first day on which it can go on; in certain
order, the first day after its last act has certainly happened. So one number for each stop, a
state of the expression at a thing, says whether a destination can be reached from it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled, inlined
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules

# Columns of stops: BEGIN and END bound what `walking` has found to follow a stop.
STATE, THING, LATEST, RUNS, NEXT, BEGIN, END, STOP_WIDTH = range(8)
# Columns of runs: the days on which it holds, the stop at its end, the next run of its stop, its
# first relation, and the run after that.
HOLDS, UNTIL, LAST_STOP, NEXT_RUN, RELATION, REST, RUN_WIDTH = range(7)
# Counts of what is in a room, and whether it was too small.
STOPS, ALL_RUNS, IS_FULL, COUNTS = range(4)
ANY_DAY = OPEN_END + 1  # at a destination, there is no last day
NEVER = -1


class Conditions(NamedTuple):
    """The conditions of a query, as numbers; -1 where there is none."""

    certain: int
    step: int
    gap: int
    duration: int
    simple: int
    base: int


class Matter(NamedTuple):
    """What a walk carries: how rows of each issue stand to it (-1: not at all), and which do."""

    how: Array
    issues: Array


class Stops(NamedTuple):
    """Room for stops, and for the runs of relations that lead from each.

    `number` finds the stop of a state and a thing, `first` is the head of the list of a state's
    stops. Where there is no more room, that is counted, and what is found is worth nothing.
    """

    number: Array
    table: Array
    runs: Array
    first: Array
    counts: Array


@compiled
def lower(values: Numba, begin: int, end: int, wanted: int) -> Numba:
    """Return the first place whose value is not below the one wanted."""
    while begin < end:
        middle = (begin + end) >> 1
        if values[middle] < wanted:
            begin = middle + 1
        else:
            end = middle
    return begin


@compiled
def group(groups: Numba, starts: Numba, near: Numba, issue: int, thing: int) -> Numba:
    """Return where the acts towards a thing on an issue begin and end, backward."""
    end = groups[issue + 1]
    place = lower(near, groups[issue], end, thing)
    if place == end or near[place] != thing:
        return 0, 0
    return np.int64(starts[place]), np.int64(starts[place + 1])


@compiled
def stop_at(stops: Numba, state: int, thing: int) -> Numba:
    """Return the stop of a state at a thing, made where there is none."""
    number, table, counts = stops.number, stops.table, stops.counts
    found = np.int64(number[state, thing])
    if found >= 0:
        return found
    place = counts[STOPS]
    table[place, STATE], table[place, THING] = state, thing
    table[place, LATEST], table[place, RUNS] = NEVER, -1
    table[place, BEGIN], table[place, END] = -1, -1
    if place == len(table) - 1:  # the last is never used: it stands for all that have no room
        counts[IS_FULL] = 1
        return place
    counts[STOPS] += 1
    number[state, thing] = place
    table[place, NEXT] = stops.first[state]
    stops.first[state] = place
    return place


@compiled
def with_run(
    stops: Numba, stop: int, begin: int, end: int, last: int, relation: int, rest: int
) -> None:
    """Add a run of relations, from a stop to a last one."""
    table, runs, counts = stops.table, stops.runs, stops.counts
    place = counts[ALL_RUNS]
    if place == len(runs):
        counts[IS_FULL] = 1
        return
    counts[ALL_RUNS] += 1
    runs[place, HOLDS], runs[place, UNTIL], runs[place, LAST_STOP] = begin, end, last
    runs[place, RELATION], runs[place, REST] = relation, rest
    runs[place, NEXT_RUN] = table[stop, RUNS]
    table[stop, RUNS] = place


@compiled
def is_reached(reach: Numba, state: int, thing: int, until: int, step: int) -> Numba:
    """Tell whether one can be at a stop in time; all are reached where that was not looked up."""
    if reach.counts[STOPS] == 0:
        return True
    stop = reach.number[state, thing]
    return stop >= 0 and reach.table[stop, LATEST] + step <= until


@compiled
def last_day(
    table: Numba, runs: Numba, stop: int, span: tuple[int, int], certain: int, step: int
) -> Numba:
    """Return how late one can be for an act that leads to a stop."""
    earliest, latest = span
    best = NEVER
    run = table[stop, RUNS]
    while run >= 0:
        begin, end = runs[run, HOLDS], runs[run, UNTIL]
        onward = table[runs[run, LAST_STOP], LATEST]
        run = runs[run, NEXT_RUN]
        if certain:
            if begin <= earliest and latest <= end and latest + step <= onward:
                return earliest
        else:
            until = min(latest, end, onward - step)
            if max(earliest, begin) <= until:
                best = max(best, until)
    return best


@inlined
def back_along_relations(
    stops: Numba,
    stop: int,
    inward: Numba,
    rules: Numba,
    entered: Numba,
    how: Numba,
    certain: int,
    reach: Numba,
) -> None:
    """Add the runs of a stop, with one relation before them, to the stops from which it leads."""
    near, far, issue, code = inward.near, inward.far, inward.issue, inward.code
    begins = inward.core_earliest if certain else inward.earliest
    ends = inward.core_latest if certain else inward.latest
    preceding, before = rules.preceding, rules.before
    arriving, incoming = rules.arriving, rules.incoming
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    letters = rules.back[:, rules.target[rules.classes[thing]]]
    first = state * rules.following.shape[1]
    kinds = 0
    for other in before[preceding[first] : preceding[first + rules.following.shape[1]]]:
        if entered[other]:
            kinds |= arriving[other]
    leads = kinds & rules.leading[thing] != 0
    place = lower(near, 0, len(near), thing) if leads else len(near)
    while place < len(near) and near[place] == thing:
        row = how[issue[place]]
        letter = letters[row, code[place]] if row >= 0 else -1
        if letter >= 0:
            source = np.int64(far[place])
            span = (np.int64(begins[place]), np.int64(ends[place]))
            for other in before[preceding[first + letter] : preceding[first + letter + 1]]:
                if not (entered[other] and arriving[other] & incoming[source]):
                    continue
                if is_reached(reach, other, source, ANY_DAY, 0):
                    _with_runs(stops, other, source, stop, span, np.int64(inward.row[place]))
        place += 1


@compiled
def _with_runs(
    stops: Numba, state: int, thing: int, after: int, span: tuple[int, int], relation: int
) -> None:
    table, runs = stops.table, stops.runs
    stop = stop_at(stops, state, thing)
    run = table[after, RUNS]
    while run >= 0:
        begin, end = max(runs[run, HOLDS], span[0]), min(runs[run, UNTIL], span[1])
        if begin <= end:
            with_run(stops, stop, begin, end, runs[run, LAST_STOP], relation, run)
        run = runs[run, NEXT_RUN]


@inlined
def back_along_acts(
    stops: Numba,
    stop: int,
    backward: Numba,
    rules: Numba,
    matter: Numba,
    days: Numba,
    reach: Numba,
) -> None:
    """Note at the stops from which acts lead to one how late one can be there."""
    far, code, earliest, latest = backward.far, backward.code, backward.earliest, backward.latest
    preceding, before, acted = rules.preceding, rules.before, rules.acted
    arriving, incoming = rules.arriving, rules.incoming
    table, runs, certain, step = stops.table, stops.runs, days.certain, days.step
    state, thing = table[stop, STATE], table[stop, THING]
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
            span = (np.int64(earliest[place]), np.int64(latest[place]))
            source = np.int64(far[place])
            for other in before[preceding[first + letter] : preceding[first + letter + 1]]:
                if not (acted[other] and arriving[other] & incoming[source]):
                    continue
                if is_reached(reach, other, source, ANY_DAY, 0):
                    until = last_day(table, runs, stop, span, certain, step)
                    if until >= 0 and is_reached(reach, other, source, until, step):
                        earlier = stop_at(stops, other, source)
                        table[earlier, LATEST] = max(table[earlier, LATEST], until)


@compiled
def departures(
    stops: Stops,
    backward: Acts,
    inward: Relations,
    rules: Rules,
    matter: Matter,
    days: Conditions,
    destinations: Array,
    reach: Stops,
) -> None:
    """Find for each stop after an act how late one can be there and still arrive.

    Where `reach` has stops, only those that can be reached in time are looked at.
    """
    for state in range(len(rules.acted) - 1, -1, -1):
        if not rules.acted[state]:
            continue
        if rules.accepting[state]:
            for thing in destinations:
                if is_reached(reach, state, thing, ANY_DAY, 0):
                    stops.table[stop_at(stops, state, thing), LATEST] = ANY_DAY
        stop = np.int64(stops.first[state])
        while stop >= 0:
            if stops.table[stop, LATEST] >= 0:
                with_run(stops, stop, 0, OPEN_END, stop, -1, -1)
            if rules.from_relations[state]:
                back_along_relations(
                    stops, stop, inward, rules, rules.acted, matter.how, days.certain, reach
                )
            if rules.from_acts[0, state] or rules.from_acts[1, state]:
                back_along_acts(stops, stop, backward, rules, matter, days, reach)
            stop = np.int64(stops.table[stop, NEXT])


@allocating
def arrived_on(backward: Acts, inward: Relations, destinations: Array) -> Array:
    """Tell for each issue whether any hop that names it leads to a destination."""
    found = np.zeros(len(backward.begins) - 1, dtype=np.bool_)
    for thing in destinations:
        for issue in range(len(found)):
            if not found[issue]:
                begin, end = group(backward.groups, backward.starts, backward.near, issue, thing)
                found[issue] = begin < end
        place = lower(inward.near, 0, len(inward.near), thing)
        while place < len(inward.near) and inward.near[place] == thing:
            found[inward.issue[place]] = True
            place += 1
    return found
