"""Compiled: how soon one can be at a thing, going on from the origins.

The mirror of `departures`, under the same conditions: of all that leads to a stop, what follows it
depends on one day only, the first on which one can be there; but for relations directly after an
act, which must hold on its day. So a stop from which relations lead keeps the days of each act
that leads to it.
"""

from __future__ import annotations

import numpy as np

from trilogue.paths.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.kernels import (
    LATEST,
    NEXT,
    RUNS,
    STATE,
    THING,
    Conditions,
    Matter,
    Numba,
    Stops,
    compiled,
    letter_of,
    lower,
    stop_at,
    with_run,
)
from trilogue.paths.layout import Acts, Relations
from trilogue.paths.network import NO_BEGINNING, NO_END
from trilogue.paths.rules import Rules

FIRST = LATEST  # of these stops, the first day rather than the last


@compiled
def arrived(
    stops: Numba, rules: Numba, certain: int, state: int, thing: int, days: tuple[int, int]
) -> Numba:
    """Note the days of the last act of a walk that leads to a stop."""
    stops, stop = stop_at(stops, state, thing)
    day = days[1] if certain else days[0]
    if stops.table[stop, FIRST] < 0 or day < stops.table[stop, FIRST]:
        stops.table[stop, FIRST] = day
    if rules.to_relations[state] or not rules.acted[state]:
        stops = with_run(stops, stop, days[0], days[1], stop)
    return stops


@compiled
def along_relations(
    stops: Numba, stop: int, outward: Numba, rules: Numba, how: Numba, certain: int
) -> Numba:
    """Go on along the relations that hold on the days on which one can be at a stop."""
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    place = lower(outward.near, 0, len(outward.near), thing)
    while place < len(outward.near) and outward.near[place] == thing:
        target, row = np.int64(outward.far[place]), how[outward.issue[place]]
        letter = -1
        if row >= 0:
            letter = letter_of(rules, row, outward.signature[place], thing, target)
        following = np.int64(rules.following[state, letter]) if letter >= 0 else -1
        if following >= 0:
            begins = np.int64(outward.core_earliest[place] if certain else outward.earliest[place])
            ends = np.int64(outward.core_latest[place] if certain else outward.latest[place])
            run = stops.table[stop, RUNS]
            while run >= 0:
                begin, end, _, run = stops.runs[run]
                if certain and rules.acted[state]:
                    held = begins <= begin and end <= ends
                else:
                    begin, end = max(begin, begins), min(end, ends)
                    held = begin <= end
                if held:
                    stops = arrived(stops, rules, certain, following, target, (begin, end))
        place += 1
    return stops


@compiled
def along_an_act(
    stops: Numba, stop: int, rules: Numba, days: Numba, following: int, target: int, when: Numba
) -> Numba:
    """Go on along an act, if it can come after what leads to a stop."""
    earliest, latest = when
    if rules.acted[stops.table[stop, STATE]]:
        soonest = stops.table[stop, FIRST] + days.step
        if days.certain:
            if earliest >= soonest:
                stops = arrived(stops, rules, 1, following, target, when)
        elif latest >= soonest:
            stops = arrived(stops, rules, 0, following, target, (max(earliest, soonest), latest))
        return stops
    run = stops.table[stop, RUNS]
    while run >= 0:
        begin, end, _, run = stops.runs[run]
        if days.certain:
            if begin <= earliest and latest <= end:
                stops = arrived(stops, rules, 1, following, target, when)
        elif max(earliest, begin) <= min(latest, end):
            cut = (max(earliest, begin), min(latest, end))
            stops = arrived(stops, rules, 0, following, target, cut)
    return stops


@compiled
def along_acts(
    stops: Numba, stop: int, forward: Numba, rules: Numba, matter: Numba, days: Numba
) -> Numba:
    """Go on along the acts that can come after what leads to a stop."""
    state, thing = np.int64(stops.table[stop, STATE]), np.int64(stops.table[stop, THING])
    for issue in matter.issues:
        end = forward.begins[issue + 1]
        place = lower(forward.near, forward.begins[issue], end, thing)
        while place < end and forward.near[place] == thing:
            target = np.int64(forward.far[place])
            how = matter.how[issue]
            letter = letter_of(rules, how, forward.signature[place], thing, target)
            following = np.int64(rules.following[state, letter]) if letter >= 0 else -1
            if following >= 0:
                when = (np.int64(forward.earliest[place]), np.int64(forward.latest[place]))
                stops = along_an_act(stops, stop, rules, days, following, target, when)
            place += 1
    return stops


@compiled
def arrivals(
    stops: Stops,
    forward: Acts,
    outward: Relations,
    rules: Rules,
    matter: Matter,
    days: Conditions,
    origins: Array,
) -> Stops:
    """Find for each stop how soon one can be there."""
    for thing in origins:
        stops = arrived(stops, rules, days.certain, 0, np.int64(thing), (0, OPEN_END))
    for state in range(len(rules.acted)):
        stop = np.int64(stops.first[state])
        while stop >= 0:
            if rules.to_relations[state]:
                stops = along_relations(stops, stop, outward, rules, matter.how, days.certain)
            if rules.to_acts[state]:
                stops = along_acts(stops, stop, forward, rules, matter, days)
            stop = np.int64(stops.table[stop, NEXT])
    return stops


@compiled
def first_days(stops: Stops, rules: Rules, destinations: Array, base: int) -> Array:
    """Return for each destination the first day of arrival, and whether there is any."""
    found = np.zeros((len(destinations), 2), dtype=np.int64)
    for place, thing in enumerate(destinations):
        for state in range(1, len(rules.acted)):
            stop = stops.number[state, thing]
            if stop >= 0 and rules.accepting[state]:
                day = NO_BEGINNING
                coded = stops.table[stop, FIRST]
                if rules.acted[state] and coded > 0:
                    day = uncut(coded, base)
                if not found[place, 1] or day < found[place, 0]:
                    found[place, 0], found[place, 1] = day, 1
    return found


@compiled
def uncut(day: int, base: int) -> int:
    """Return the day that a coded one stands for; some steps after an open beginning are no day."""
    if day < FIRST_DAY:
        return NO_BEGINNING + day
    return NO_END if day == OPEN_END else day - FIRST_DAY + base
