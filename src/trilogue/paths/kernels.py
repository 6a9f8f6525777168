"""Compiled: how late one can be at a thing and still arrive, going back from the destinations.

A walk is taken as acts, each with a run of relations after it. Such a run holds from some day to
another, which cuts the span of its act. In possible order, and but for gaps, durations and simple
walks, all that a walk leaves to what follows is the first day on which it can go on; in certain
order, the first day after its last act has certainly happened. So one number for each stop, a
state of the expression at a thing, says whether a destination can be reached from it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from trilogue.paths.columns import OPEN_END, Array
from trilogue.paths.layout import Acts, Relations
from trilogue.paths.rules import Rules

Numba = Any  # what compiled code takes has types of its own

# Columns of stops: BEGIN and END bound what `walking` has found to follow a stop.
STATE, THING, LATEST, RUNS, NEXT, BEGIN, END, WIDTH = range(8)
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
    """States of the expression at things, with the runs of relations that lead from each.

    `number` finds the stop of a state and a thing. A run has a first and a last day, the stop at
    its end, and the run after it in the list of its own stop.
    """

    number: Array
    table: Array
    runs: Array
    counts: Array  # stops, runs
    first: Array  # of each state


def compiled(function: Numba) -> Numba:
    """Compile a function when it is first called, and keep that for later processes."""
    return njit(cache=True, nogil=True)(function)


@compiled
def lower(values: Numba, begin: int, end: int, wanted: int) -> int:
    """Return the first place whose value is not below the one wanted."""
    while begin < end:
        middle = (begin + end) >> 1
        if values[middle] < wanted:
            begin = middle + 1
        else:
            end = middle
    return begin


@compiled
def group(acts: Numba, issue: int, thing: int) -> tuple[int, int]:
    """Return where the acts towards a thing on an issue begin and end, backward."""
    end = acts.groups[issue + 1]
    place = lower(acts.near, acts.groups[issue], end, thing)
    if place == end or acts.near[place] != thing:
        return 0, 0
    return np.int64(acts.starts[place]), np.int64(acts.starts[place + 1])


@compiled
def doubled(table: Numba) -> Numba:
    """Return a table with room for twice as many rows."""
    larger = np.empty((2 * table.shape[0], table.shape[1]), dtype=table.dtype)
    larger[: table.shape[0]] = table
    return larger


@compiled
def stop_at(stops: Numba, state: int, thing: int) -> tuple[Numba, int]:
    """Return the stop of a state at a thing, made where there is none."""
    found = stops.number[state, thing]
    if found >= 0:
        return stops, np.int64(found)
    place = stops.counts[0]
    if place == stops.table.shape[0]:
        stops = Stops(stops.number, doubled(stops.table), stops.runs, stops.counts, stops.first)
    stops.counts[0] += 1
    stops.number[state, thing] = place
    row = stops.table[place]
    row[STATE], row[THING] = state, thing
    row[LATEST], row[RUNS], row[NEXT] = NEVER, -1, stops.first[state]
    row[BEGIN], row[END] = -1, -1
    stops.first[state] = place
    return stops, place


@compiled
def with_run(stops: Numba, stop: int, begin: int, end: int, last: int) -> Numba:
    """Add a run of relations, from a stop to a last one."""
    place = stops.counts[1]
    if place == stops.runs.shape[0]:
        stops = Stops(stops.number, stops.table, doubled(stops.runs), stops.counts, stops.first)
    stops.counts[1] += 1
    row = stops.runs[place]
    row[0], row[1], row[2], row[3] = begin, end, last, stops.table[stop, RUNS]
    stops.table[stop, RUNS] = place
    return stops


@compiled
def letter_of(rules: Numba, how: int, signature: int, source: int, target: int) -> int:
    """Return what the expression sees of a hop; -1 where it leads nowhere."""
    of_signature = rules.signature[how, signature]
    if of_signature < 0:
        return -1
    of_source = rules.source[rules.classes[source]]
    of_target = rules.target[rules.classes[target]]
    return np.int64(rules.letter[of_signature, of_source, of_target])


@compiled
def is_reached(reach: Numba, state: int, thing: int, until: int, step: int) -> bool:
    """Tell whether one can be at a stop in time; all are reached where that was not looked up."""
    if reach.counts[0] == 0:
        return True
    stop = reach.number[state, thing]
    return stop >= 0 and reach.table[stop, LATEST] + step <= until


@compiled
def last_day(stops: Numba, stop: int, earliest: int, latest: int, certain: int, step: int) -> int:
    """Return how late one can be for an act that leads to a stop."""
    best = NEVER
    run = stops.table[stop, RUNS]
    while run >= 0:
        begin, end, last, run = stops.runs[run]
        onward = stops.table[last, LATEST]
        if certain:
            if begin <= earliest and latest <= end and latest + step <= onward:
                return earliest
        else:
            until = min(latest, end, onward - step)
            if max(earliest, begin) <= until:
                best = max(best, until)
    return best


@compiled
def back_along_relations(
    stops: Numba, stop: int, inward: Numba, rules: Numba, how: Numba, certain: int, reach: Numba
) -> Numba:
    """Add the runs of a stop, with one relation before them, to the stops from which it leads."""
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    place = lower(inward.near, 0, len(inward.near), thing)
    while place < len(inward.near) and inward.near[place] == thing:
        source, row = np.int64(inward.far[place]), how[inward.issue[place]]
        letter = -1
        if row >= 0:
            letter = letter_of(rules, row, inward.signature[place], source, thing)
        if letter >= 0:
            begins = inward.core_earliest[place] if certain else inward.earliest[place]
            ends = inward.core_latest[place] if certain else inward.latest[place]
            cell = state * rules.following.shape[1] + letter
            for other in rules.before[rules.preceding[cell] : rules.preceding[cell + 1]]:
                if rules.acted[other] and is_reached(reach, other, source, ANY_DAY, 0):
                    stops = _with_runs(stops, other, source, stop, np.int64(begins), np.int64(ends))
        place += 1
    return stops


@compiled
def _with_runs(stops: Numba, state: int, thing: int, after: int, begins: int, ends: int) -> Numba:
    stops, stop = stop_at(stops, state, thing)
    run = stops.table[after, RUNS]
    while run >= 0:
        begin, end, last, run = stops.runs[run]
        begin, end = max(begin, begins), min(end, ends)
        if begin <= end:
            stops = with_run(stops, stop, begin, end, last)
    return stops


@compiled
def back_along_acts(
    stops: Numba,
    stop: int,
    backward: Numba,
    rules: Numba,
    matter: Numba,
    days: Numba,
    reach: Numba,
) -> Numba:
    """Note at the stops from which acts lead to one how late one can be there."""
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    letters, certain, step = rules.following.shape[1], days.certain, days.step
    for issue in matter.issues:
        begin, end = group(backward, issue, thing)
        for place in range(begin, end):
            source = np.int64(backward.far[place])
            letter = letter_of(rules, matter.how[issue], backward.signature[place], source, thing)
            if letter < 0:
                continue
            cell = state * letters + letter
            earliest, latest = np.int64(backward.earliest[place]), np.int64(backward.latest[place])
            for other in rules.before[rules.preceding[cell] : rules.preceding[cell + 1]]:
                if rules.acted[other]:
                    until = last_day(stops, stop, earliest, latest, certain, step)
                    if until >= 0 and is_reached(reach, other, source, until, step):
                        stops, earlier = stop_at(stops, other, source)
                        stops.table[earlier, LATEST] = max(stops.table[earlier, LATEST], until)
    return stops


@compiled
def departures(
    stops: Stops,
    backward: Acts,
    inward: Relations,
    rules: Rules,
    matter: Matter,
    conditions: Conditions,
    destinations: Array,
    reach: Stops,
) -> Stops:
    """Find for each stop after an act how late one can be there and still arrive.

    Where `reach` has stops, only those that can be reached in time are looked at.
    """
    certain = conditions.certain
    for state in range(len(rules.acted) - 1, -1, -1):
        if not rules.acted[state]:
            continue
        if rules.accepting[state]:
            for thing in destinations:
                if is_reached(reach, state, thing, ANY_DAY, 0):
                    stops, stop = stop_at(stops, state, thing)
                    stops.table[stop, LATEST] = ANY_DAY
        stop = np.int64(stops.first[state])
        while stop >= 0:
            if stops.table[stop, LATEST] >= 0:
                stops = with_run(stops, stop, 0, OPEN_END, stop)
            if rules.from_relations[state]:
                stops = back_along_relations(stops, stop, inward, rules, matter.how, certain, reach)
            if rules.from_acts[state]:
                stops = back_along_acts(stops, stop, backward, rules, matter, conditions, reach)
            stop = np.int64(stops.table[stop, NEXT])
    return stops


@compiled
def arrived_on(backward: Acts, inward: Relations, destinations: Array) -> Array:
    """Tell for each issue whether any hop that names it leads to a destination."""
    found = np.zeros(len(backward.begins) - 1, dtype=np.bool_)
    for thing in destinations:
        for issue in range(len(found)):
            if not found[issue]:
                begin, end = group(backward, issue, thing)
                found[issue] = begin < end
        place = lower(inward.near, 0, len(inward.near), thing)
        while place < len(inward.near) and inward.near[place] == thing:
            found[inward.issue[place]] = True
            place += 1
    return found
