"""Compiled: the walks that lead on from first acts, counted.

A first act lands at a stop: where it leads itself, or along a relation after it, see `landings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled
from trilogue.paths.compiled.kernels import (
    HOLDS,
    LAST_STOP,
    NEXT,
    NEXT_RUN,
    RUNS,
    THING,
    UNTIL,
    Conditions,
    Stops,
    lower,
)
from trilogue.paths.compiled.landings import Landings, landings, leading_codes
from trilogue.paths.compiled.layout import Acts
from trilogue.paths.compiled.room import Room
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.compiled.runs import Run
from trilogue.paths.compiled.suffixes import FIRST_STEP, FROM, Functions, last_step, value_at


class Origins(NamedTuple):
    """Which things are origins: by code, backward, or where that does not tell, by thing."""

    by_code: Array
    by_thing: Array


class Firsts(NamedTuple):
    """The first acts on an issue that lead to a state; some land along a relation after them."""

    state: int
    issue: int
    leading: Array  # class of target, code: whether an act leads to the state
    go_on: bool  # whether relations after them are to be seen to


def firsts_of(run: Run, entered: Array) -> Iterator[Firsts]:
    """Yield the first acts by issue and state; relations lead back to those that are entered."""
    rules, how = run.rules, run.rows.how
    for state in range(1, len(rules.acted)):
        for issue in run.rows.issues.tolist():
            if rules.begun[how[issue], state]:
                leading = leading_codes(rules, how[issue], state)
                go_on = bool(rules.to_relations[state] and not entered[state])
                yield Firsts(state, issue, leading, go_on)


def total_of_firsts(
    run: Run, held: Room, entered: Array, days: Conditions, origins: Origins
) -> float:
    """Count all walks from the origins."""
    total, given = 0.0, (held.stops, held.functions, run.acts[1])
    for state, issue, leading, go_on in firsts_of(run, entered):
        groups = groups_of(held.stops, run.acts[1], state, issue)
        total += _counted_at(groups, state, *given, run.rules, leading, origins, days)
        if go_on:
            landed = landings(run, state, issue, days.certain)
            total += _counted_after(landed, *given, origins, days)
    return total


@allocating
def groups_of(stops: Stops, backward: Acts, state: int, issue: int) -> Numba:
    """Return the groups of acts on an issue towards things that have a stop, in order."""
    first, last = backward.groups[issue], backward.groups[issue + 1]
    number, stop = 0, stops.first[state]
    while stop >= 0:
        number, stop = number + 1, stops.table[stop, NEXT]
    found = np.empty(number, dtype=np.int64)
    number, stop = 0, stops.first[state]
    while stop >= 0:
        thing = stops.table[stop, THING]
        place = lower(backward.near, first, last, thing)
        if place < last and backward.near[place] == thing and stops.table[stop, RUNS] >= 0:
            found[number] = place
            number += 1
        stop = stops.table[stop, NEXT]
    return np.sort(found[:number])


@compiled
def is_origin(origins: Numba, code: int, thing: int) -> Numba:
    """Tell whether an act of a code comes from an origin."""
    if len(origins.by_thing) > 0:
        return origins.by_thing[thing]
    return origins.by_code[code]


@compiled
def _counted(
    run: int,
    stops: Numba,
    functions: Numba,
    held: tuple[int, int],
    span: tuple[int, int],
    days: Numba,
) -> Numba:
    """Count the walks that go on along a run after an act of a span."""
    last = stops.runs[run, LAST_STOP]
    begin = max(held[0], stops.runs[run, HOLDS])
    end = min(held[1], stops.runs[run, UNTIL])
    if days.certain:
        if begin <= span[0] and span[1] <= end:
            return value_at(functions, last, span[1] + days.step, True)
    elif max(begin, span[0]) <= min(end, span[1]):
        return value_at(functions, last, max(begin, span[0]) + days.step, True)
    return 0.0


@compiled
def _counted_at(
    groups: Array,
    state: int,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    rules: Rules,
    leading: Array,
    origins: Origins,
    days: Conditions,
) -> Numba:
    """Count the walks whose first act leads to a stop itself."""
    total, any_day = 0.0, (0, OPEN_END)
    for group in groups:
        thing = np.int64(backward.near[group])
        kind, stop = rules.target[rules.classes[thing]], np.int64(stops.number[state, thing])
        for act in range(np.int64(backward.starts[group]), np.int64(backward.starts[group + 1])):
            code = backward.code[act]
            if leading[kind, code] and is_origin(origins, code, backward.far[act]):
                span = (np.int64(backward.earliest[act]), np.int64(backward.latest[act]))
                run = stops.table[stop, RUNS]
                while run >= 0:
                    total += _counted(run, stops, functions, any_day, span, days)
                    run = stops.runs[run, NEXT_RUN]
    return total


@compiled
def _counted_after(
    landed: Landings,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    origins: Origins,
    days: Conditions,
) -> Numba:
    """Count the walks that land at stops along a relation after their first act."""
    total = 0.0
    for place in range(len(landed.state)):
        stop = np.int64(stops.number[landed.state[place], landed.thing[place]])
        run = stops.table[stop, RUNS] if stop >= 0 else -1
        while run >= 0:
            begin, end = landed.begins[2 * place], landed.begins[2 * place + 1]
            total += _counted_by_day(
                landed, begin, end, run, stops, functions, backward, origins, days
            )
            begin, end = end, landed.begins[2 * place + 2]
            if stops.runs[run, HOLDS] == 0 and stops.runs[run, UNTIL] == OPEN_END:
                total += _counted_by_day(
                    landed, begin, end, run, stops, functions, backward, origins, days
                )
            else:
                total += _counted_by_span(
                    landed, begin, end, run, stops, functions, backward, origins, days
                )
            run = stops.runs[run, NEXT_RUN]
    return total


@compiled
def _counted_by_day(
    landed: Numba,
    begin: int,
    end: int,
    run: int,
    stops: Numba,
    functions: Numba,
    backward: Numba,
    origins: Numba,
    days: Numba,
) -> Numba:
    """Count the walks along a run after some landings of which the day says all."""
    total, by_code, by_thing, step = 0.0, origins.by_code, origins.by_thing, days.step
    day, code, act, far = landed.day, landed.code, landed.act, backward.far
    last, until = stops.runs[run, LAST_STOP], stops.runs[run, UNTIL]
    begin = lower(day, begin, end, stops.runs[run, HOLDS])
    always = functions.always[last]
    if always == 0.0:
        until = min(until, last_step(functions, last) - step)
    end = lower(day, begin, end, until + 1)
    first, values = functions.table[last, FROM], functions.sorted_values
    if always == 0.0 and functions.table[last, FIRST_STEP] >= 0 and len(by_thing) == 0:
        # Nearly all time is spent here, and so nothing is asked that need not be.
        shift = first + step - functions.table[last, FIRST_STEP]
        for row in range(begin, end):
            total += by_code[code[row]] * values[max(shift + np.int64(day[row]), first)]
        return total
    for row in range(begin, end):
        chosen = by_thing[far[act[row]]] if len(by_thing) > 0 else by_code[code[row]]
        total += chosen * value_at(functions, last, np.int64(day[row]) + step, True)
    return total


@compiled
def _counted_by_span(
    landed: Numba,
    begin: int,
    end: int,
    run: int,
    stops: Numba,
    functions: Numba,
    backward: Numba,
    origins: Numba,
    days: Numba,
) -> Numba:
    """Count the walks along a run after some landings, each by the span of its act."""
    total = 0.0
    for row in range(begin, end):
        act = landed.act[row]
        if is_origin(origins, landed.code[row], backward.far[act]):
            span = (np.int64(backward.earliest[act]), np.int64(backward.latest[act]))
            held = (np.int64(landed.since[row]), np.int64(landed.until[row]))
            total += _counted(run, stops, functions, held, span, days)
    return total
