"""Compiled: walks from an origin, hop by hop, along the stops from which a destination is reached.

Datings are extended exactly as `dating.py` does; `departures` only says where that is in vain.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled
from trilogue.paths.compiled.kernels import (
    BEGIN,
    END,
    HOLDS,
    LAST_STOP,
    LATEST,
    NEXT_RUN,
    RUNS,
    STATE,
    STOPS,
    THING,
    UNTIL,
    Conditions,
    Matter,
    Stops,
    lower,
    stop_at,
)
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.network import NO_BEGINNING, NO_END

# Columns of onward hops. LAST is how late one can be for it; ROW is negative for a relation.
LAST, ROW, TO, FROM_DAY, TO_DAY, ONWARD_WIDTH = range(6)
# Columns of frames, one for each thing on the walk.
AT, EARLIEST, LATEST_DAY, ACTS, BEGINNING, NEXT_HOP, FRAME_WIDTH = range(7)
ALWAYS = 1 << 40


class Walk(NamedTuple):
    """A walk under way: a frame for each thing on it, the hops between, and hops found to follow.

    `counts`: onward hops, depth of the walk (-1: none is under way), origins begun, and how many
    onward hops there must be room for before it can go on.
    """

    frames: Array
    hops: Array
    onward: Array
    counts: Array


class Found(NamedTuple):
    """Room for walks: their hops one after another, where each ends, its arrival and duration."""

    hops: Array
    ends: Array
    arrival: Array
    duration: Array
    last: Array  # the thing at which each ends


@compiled
def decoded(day: int, base: int) -> Numba:
    """Return the day that a coded one stands for."""
    if day == 0:
        return NO_BEGINNING
    return NO_END if day == OPEN_END else day - FIRST_DAY + base


@compiled
def coded(day: int, base: int) -> Numba:
    """Return a day as it is coded; what lies beyond the ends becomes an open end."""
    return min(max(day - base + FIRST_DAY, 0), OPEN_END)


@compiled
def goes_on(stops: Numba, stop: int, earliest: int, latest: int, days: Numba) -> Numba:
    """Tell whether a destination can be reached from a stop after an act of these days."""
    table, runs, step = stops.table, stops.runs, days.step
    first, last = coded(earliest, days.base), coded(latest, days.base)
    run = table[stop, RUNS]
    while run >= 0:
        begin, end = runs[run, HOLDS], runs[run, UNTIL]
        onward = table[runs[run, LAST_STOP], LATEST]
        run = runs[run, NEXT_RUN]
        if days.certain:
            if begin <= first and last <= end and last + step <= onward:
                return True
        else:
            begin = max(begin, first)
            if begin <= min(end, last) and begin + step <= onward:
                return True
    return False


@compiled
def is_among(things: Numba, thing: int) -> Numba:
    """Tell whether a thing is among some in order."""
    place = lower(things, 0, len(things), thing)
    return place < len(things) and things[place] == thing


@compiled
def with_onward(walk: Numba, last: int, row: int, to: int, begin: int, end: int) -> None:
    """Add an onward hop, for which there is room."""
    hop = walk.onward[walk.counts[0]]
    walk.counts[0] += 1
    hop[LAST], hop[ROW], hop[TO], hop[FROM_DAY], hop[TO_DAY] = last, row, to, begin, end


@compiled
def onward_relations(
    stops: Numba, walk: Numba, stop: int, outward: Numba, rules: Numba, how: Numba, days: Numba
) -> None:
    """Add the relations that can follow a stop."""
    near, far, issue, code = outward.near, outward.far, outward.issue, outward.code
    begins = outward.core_earliest if days.certain else outward.earliest
    ends = outward.core_latest if days.certain else outward.latest
    state, thing = stops.table[stop, STATE], stops.table[stop, THING]
    letters = rules.onward[:, rules.source[rules.classes[thing]]]
    place = lower(near, 0, len(near), thing)
    while place < len(near) and near[place] == thing:
        row, target = how[issue[place]], np.int64(far[place])
        letter = letters[row, code[place]] if row >= 0 else -1
        following = np.int64(rules.following[state, letter]) if letter >= 0 else -1
        if following >= 0:
            known = np.int64(stops.number[following, target])
            if known < 0 and not rules.acted[following]:
                known = stop_at(stops, following, target)
            if known >= 0 and (not rules.acted[following] or stops.table[known, RUNS] >= 0):
                begin = decoded(np.int64(begins[place]), days.base)
                end = decoded(np.int64(ends[place]), days.base)
                with_onward(walk, ALWAYS, -1 - place, known, begin, end)
        place += 1


@compiled
def onward_acts(
    stops: Numba, walk: Numba, stop: int, forward: Numba, rules: Numba, matter: Numba, days: Numba
) -> None:
    """Add the acts that can follow a stop."""
    near, far, code = forward.near, forward.far, forward.code
    table, number, following = stops.table, stops.number, rules.following
    state, thing = table[stop, STATE], table[stop, THING]
    for issue in matter.issues:
        letters = rules.onward[matter.how[issue], rules.source[rules.classes[thing]]]
        end = forward.begins[issue + 1]
        place = lower(near, forward.begins[issue], end, thing)
        while place < end and near[place] == thing:
            letter = letters[code[place]]
            other = following[state, letter] if letter >= 0 else -1
            known = np.int64(number[other, far[place]]) if other >= 0 else -1
            if known >= 0 and table[known, RUNS] >= 0:
                begin = decoded(np.int64(forward.earliest[place]), days.base)
                until = decoded(np.int64(forward.latest[place]), days.base)
                with_onward(walk, begin if days.certain else until, place, known, begin, until)
            place += 1


@allocating
def latest_first(onward: Numba, begin: int, end: int) -> None:
    """Sort onward hops so that those for which one can be late come first."""
    order = np.argsort(-onward[begin:end, LAST], kind="mergesort")
    onward[begin:end] = onward[begin:end][order]


@compiled
def most_onward(stop: Numba, network: Numba, rules: Numba, matter: Numba) -> Numba:
    """Return how many hops begin at the thing of a stop."""
    forward, outward = network
    thing, most = stop[THING], 0
    if rules.to_relations[stop[STATE]]:
        near = outward.near
        begin = lower(near, 0, len(near), thing)
        most += lower(near, begin, len(near), thing + 1) - begin
    if rules.to_acts[stop[STATE]]:
        near = forward.near
        for issue in matter.issues:
            end = forward.begins[issue + 1]
            begin = lower(near, forward.begins[issue], end, thing)
            most += lower(near, begin, end, thing + 1) - begin
    return most


@compiled
def looked_up(
    stops: Numba, walk: Numba, stop: int, network: Numba, rules: Numba, matter: Numba, days: Numba
) -> Numba:
    """Find the hops that can follow a stop, once; tell whether there was room."""
    begin, table = walk.counts[0], stops.table
    if table[stop, BEGIN] >= 0:
        return True
    most = most_onward(table[stop], network, rules, matter)
    state = table[stop, STATE]
    made = 0 if rules.acted[state] else most
    if begin + most > len(walk.onward) or stops.counts[STOPS] + made + 1 >= len(table):
        walk.counts[3] = most
        return False
    if rules.to_relations[state]:
        onward_relations(stops, walk, stop, network[1], rules, matter.how, days)
    if rules.to_acts[state]:
        onward_acts(stops, walk, stop, network[0], rules, matter, days)
    latest_first(walk.onward, begin, walk.counts[0])
    table[stop, BEGIN], table[stop, END] = begin, walk.counts[0]
    return True


@compiled
def within(frame: Numba, earliest: int, latest: int, step: int) -> Numba:
    """Set the days of the last act; tell whether there is any."""
    frame[EARLIEST], frame[LATEST_DAY] = earliest, latest
    frame[BEGINNING] = min(frame[BEGINNING], latest - step * max(frame[ACTS] - 1, 0))
    return earliest <= latest


@compiled
def possible(frame: Numba, hop: Numba, days: Numba) -> Numba:
    """Extend a dating in possible order, see `dating.py`."""
    if hop[ROW] < 0 or not frame[ACTS]:
        frame[ACTS] += hop[ROW] >= 0
        earliest = max(frame[EARLIEST], hop[FROM_DAY])
        return within(frame, earliest, min(frame[LATEST_DAY], hop[TO_DAY]), days.step)
    frame[ACTS] += 1
    gap = NO_END if days.gap < 0 else days.gap
    if gap < days.step:
        return False
    earliest = max(hop[FROM_DAY], frame[EARLIEST] + days.step)
    return within(frame, earliest, min(hop[TO_DAY], frame[LATEST_DAY] + gap), days.step)


@compiled
def certain(frame: Numba, hop: Numba, days: Numba) -> Numba:
    """Extend a dating in certain order, see `dating.py`."""
    begin, end = hop[FROM_DAY], hop[TO_DAY]
    if hop[ROW] < 0:
        if frame[ACTS]:
            return begin <= frame[EARLIEST] and frame[LATEST_DAY] <= end
        earliest, latest = max(frame[EARLIEST], begin), min(frame[LATEST_DAY], end)
        return within(frame, earliest, latest, 0)
    if not frame[ACTS]:
        held = frame[EARLIEST] <= begin and end <= frame[LATEST_DAY]
        frame[BEGINNING] = begin
    else:
        held = frame[LATEST_DAY] + days.step <= begin
        held = held and (days.gap < 0 or end - frame[EARLIEST] <= days.gap)
    frame[EARLIEST], frame[LATEST_DAY] = begin, end
    frame[ACTS] += 1
    return held


@compiled
def duration(frame: Numba, days: Numba) -> Numba:
    """Return the days from the first act to the last."""
    if frame[ACTS] < 2:
        return 0
    if days.certain:
        return frame[LATEST_DAY] - frame[BEGINNING]
    return max(days.step * (frame[ACTS] - 1), frame[EARLIEST] - frame[BEGINNING])


@compiled
def extended(frame: Numba, hop: Numba, days: Numba) -> Numba:
    """Extend a dating by one hop; tell whether any order allows it."""
    held = certain(frame, hop, days) if days.certain else possible(frame, hop, days)
    return held and (days.duration < 0 or duration(frame, days) <= days.duration)


@compiled
def is_met(walk: Numba, depth: int, stops: Numba, thing: int) -> Numba:
    """Tell whether the walk has been at a thing, other than the last."""
    met = False
    for place in range(depth):
        met = met or stops.table[walk.frames[place, AT], THING] == thing
    return met


@compiled
def noted(found: Numba, number: int, walk: Numba, depth: int, stops: Numba, days: Numba) -> None:
    """Write down a walk."""
    begin = found.ends[number - 1] if number else 0
    for place in range(depth):
        found.hops[begin + place] = walk.hops[place]
    found.ends[number] = begin + depth
    frame = walk.frames[depth]
    arrival = frame[LATEST_DAY] if days.certain else frame[EARLIEST]
    found.arrival[number] = arrival if frame[ACTS] else NO_BEGINNING
    found.duration[number] = duration(frame, days)
    found.last[number] = stops.table[frame[AT], THING]


@compiled
def late_for(frame: Numba, days: Numba) -> Numba:
    """Return the day from which the next act is looked for."""
    if not frame[ACTS]:
        return frame[EARLIEST]
    return (frame[LATEST_DAY] if days.certain else frame[EARLIEST]) + days.step


@compiled
def goes(walk: Numba, depth: int, hop: Numba, stops: Numba, rules: Numba, days: Numba) -> Numba:
    """Take a hop; tell whether a path can come of it."""
    frame, following = walk.frames[depth], walk.frames[depth + 1]
    for column in range(FRAME_WIDTH):
        following[column] = frame[column]
    following[AT] = hop[TO]
    thing = stops.table[hop[TO], THING]
    if days.simple and thing != stops.table[frame[AT], THING] and is_met(walk, depth, stops, thing):
        return False
    if not extended(following, hop, days):
        return False
    if rules.acted[stops.table[hop[TO], STATE]] and not goes_on(
        stops, hop[TO], following[EARLIEST], following[LATEST_DAY], days
    ):
        return False
    walk.hops[depth] = hop[ROW]
    return True


@compiled
def begun(walk: Numba, stops: Numba, thing: int) -> None:
    """Begin a walk at an origin."""
    frame = walk.frames[0]
    frame[AT], frame[ACTS], frame[BEGINNING] = stop_at(stops, 0, thing), 0, NO_END
    frame[EARLIEST], frame[LATEST_DAY], frame[NEXT_HOP] = NO_BEGINNING, NO_END, -1


@compiled
def walked(
    walk: Walk,
    stops: Stops,
    found: Found,
    network: tuple[Acts, Relations],
    rules: Rules,
    matter: Matter,
    days: Conditions,
    origins: Array,
    destinations: Array,
) -> Numba:
    """Go on with the walks from some origins, as long as there is room; return how many paths."""
    number, depth = 0, walk.counts[1]
    while number < len(found.ends):
        if depth < 0:
            if walk.counts[2] == len(origins) or stops.counts[STOPS] + 2 >= len(stops.table):
                break
            begun(walk, stops, np.int64(origins[walk.counts[2]]))
            walk.counts[2] += 1
            depth = 0
        frame = walk.frames[depth]
        if frame[NEXT_HOP] < 0:
            if not looked_up(stops, walk, frame[AT], network, rules, matter, days):
                break
            frame[NEXT_HOP] = stops.table[frame[AT], BEGIN]
        place = frame[NEXT_HOP]
        frame[NEXT_HOP] += 1
        if place == stops.table[frame[AT], END] or walk.onward[place, LAST] < late_for(frame, days):
            depth -= 1
        elif goes(walk, depth, walk.onward[place], stops, rules, days):
            depth += 1
            walk.frames[depth, NEXT_HOP] = -1
            stop = stops.table[walk.frames[depth, AT]]
            if rules.accepting[stop[STATE]] and is_among(destinations, stop[THING]):
                noted(found, number, walk, depth, stops, days)
                number += 1
    walk.counts[1] = depth
    return number
