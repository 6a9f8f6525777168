"""Compiled: how soon one can be at a thing, going on from the origins.

The mirror of `departures`, under the same conditions: of all that leads to a stop, what follows it
depends on one day only, the first on which one can be there; but for relations directly after an
act, which must hold on its day. So a stop from which relations lead keeps the days of each act
that leads to it.
"""

from __future__ import annotations

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled
from trilogue.paths.compiled.kernels import (
    HOLDS,
    LATEST,
    NEXT,
    NEXT_RUN,
    RUNS,
    STATE,
    THING,
    UNTIL,
    Conditions,
    Matter,
    Stops,
    lower,
    stop_at,
    with_run,
)
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.network import NO_BEGINNING, NO_END

FIRST = LATEST  # of these stops, the first day rather than the last


@compiled
def arrived(
    stops: Numba, state: int, thing: int, span: tuple[int, int], keeps: int, day: int
) -> None:
    """Note the days of the last act of a walk that leads to a stop."""
    stop = stop_at(stops, state, thing)
    if stops.table[stop, FIRST] < 0 or day < stops.table[stop, FIRST]:
        stops.table[stop, FIRST] = day
    if keeps:
        with_run(stops, stop, span[0], span[1], stop, -1, -1)


@compiled
def along_relations(
    stops: Numba, stop: int, outward: Numba, rules: Numba, how: Numba, certain: int
) -> None:
    """Go on along the relations that hold on the days on which one can be at a stop."""
    near, far, issue, code = outward.near, outward.far, outward.issue, outward.code
    begins = outward.core_earliest if certain else outward.earliest
    ends = outward.core_latest if certain else outward.latest
    table, runs, following = stops.table, stops.runs, rules.following
    state, thing = table[stop, STATE], table[stop, THING]
    covered = certain and rules.acted[state]
    letters = rules.onward[:, rules.source[rules.classes[thing]]]
    place = lower(near, 0, len(near), thing)
    while place < len(near) and near[place] == thing:
        row = how[issue[place]]
        letter = letters[row, code[place]] if row >= 0 else -1
        other = np.int64(following[state, letter]) if letter >= 0 else -1
        if other >= 0:
            target, since, until = np.int64(far[place]), np.int64(begins[place]), ends[place]
            keeps = rules.to_relations[other] or not rules.acted[other]
            run = table[stop, RUNS]
            while run >= 0:
                begin, end = runs[run, HOLDS], runs[run, UNTIL]
                run = runs[run, NEXT_RUN]
                held = since <= begin and end <= until
                if not covered:
                    begin, end = max(begin, since), min(end, until)
                    held = begin <= end
                if held:
                    day = end if certain else begin
                    arrived(stops, other, target, (begin, end), keeps, day)
        place += 1


@compiled
def along_an_act(
    stops: Numba,
    stop: int,
    acted: int,
    days: Numba,
    span: tuple[int, int],
    to: tuple[int, int, int],
) -> None:
    """Go on along an act, if it can come after what leads to a stop."""
    earliest, latest = span
    following, target, keeps = to
    if acted:
        soonest = stops.table[stop, FIRST] + days.step
        if days.certain:
            if earliest >= soonest:
                arrived(stops, following, target, span, keeps, latest)
        elif latest >= soonest:
            day = max(earliest, soonest)
            arrived(stops, following, target, (day, latest), keeps, day)
        return
    runs = stops.runs
    run = stops.table[stop, RUNS]
    while run >= 0:
        begin, end = runs[run, HOLDS], runs[run, UNTIL]
        run = runs[run, NEXT_RUN]
        if days.certain:
            if begin <= earliest and latest <= end:
                arrived(stops, following, target, span, keeps, latest)
        elif max(earliest, begin) <= min(latest, end):
            day = max(earliest, begin)
            arrived(stops, following, target, (day, min(latest, end)), keeps, day)


@compiled
def along_acts(
    stops: Numba, stop: int, forward: Numba, rules: Numba, matter: Numba, days: Numba
) -> None:
    """Go on along the acts that can come after what leads to a stop."""
    near, far, code = forward.near, forward.far, forward.code
    earliest, latest, following = forward.earliest, forward.latest, rules.following
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    acted = np.int64(rules.acted[state])
    for issue in matter.issues:
        letters = rules.onward[matter.how[issue], rules.source[rules.classes[thing]]]
        end = forward.begins[issue + 1]
        place = lower(near, forward.begins[issue], end, thing)
        while place < end and near[place] == thing:
            letter = letters[code[place]]
            other = np.int64(following[state, letter]) if letter >= 0 else -1
            if other >= 0:
                span = (np.int64(earliest[place]), np.int64(latest[place]))
                keeps = np.int64(rules.to_relations[other] or not rules.acted[other])
                along_an_act(stops, stop, acted, days, span, (other, np.int64(far[place]), keeps))
            place += 1


@compiled
def arrivals(
    stops: Stops,
    forward: Acts,
    outward: Relations,
    rules: Rules,
    matter: Matter,
    days: Conditions,
    origins: Array,
) -> None:
    """Find for each stop how soon one can be there."""
    for thing in origins:
        arrived(stops, 0, np.int64(thing), (0, OPEN_END), 1, 0)
    for state in range(len(rules.acted)):
        stop = np.int64(stops.first[state])
        while stop >= 0:
            if rules.to_relations[state]:
                along_relations(stops, stop, outward, rules, matter.how, days.certain)
            if rules.to_acts[state]:
                along_acts(stops, stop, forward, rules, matter, days)
            stop = np.int64(stops.table[stop, NEXT])


@allocating
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
def uncut(day: int, base: int) -> Numba:
    """Return the day that a coded one stands for; some steps after an open beginning are no day."""
    if day < FIRST_DAY:
        return NO_BEGINNING + day
    return NO_END if day == OPEN_END else day - FIRST_DAY + base
