"""Compiled: the best paths by a score, from their first act on, a few at a time.

What cannot be among the best is left out early: the best that can follow each stop is known, and
first acts that land at one stop are looked at from the best on.
"""

from __future__ import annotations

import numpy as np

from trilogue.paths.compiled.beginnings import (
    ACT,
    BEGAN,
    BY_HOPS,
    FIRST_DAY_OF,
    IS_EXACT,
    LAST_DAY_OF,
    NUMBER,
    PARENT,
    RELATION_AFTER,
    RUN_AFTER,
    SO_FAR,
    STOP,
    Beginnings,
    cut,
    judged,
)
from trilogue.paths.compiled.columns import OPEN_END, Array
from trilogue.paths.compiled.compiling import Numba, compiled
from trilogue.paths.compiled.firsts import Origins, is_origin
from trilogue.paths.compiled.kernels import (
    HOLDS,
    LAST_STOP,
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
)
from trilogue.paths.compiled.landings import BestFirst, Landings
from trilogue.paths.compiled.layout import Acts
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.compiled.scores import (
    SHORTEST,
    Worth,
    initial,
    joined,
    score_of_act,
    score_of_relation,
    score_of_run,
)
from trilogue.paths.compiled.suffixes import NOTHING, Functions, value_at

FEW = 4  # landings at a place that are looked at before other places are


@compiled
def bounds_of(bounds: Array, stops: Stops, functions: Functions, worth: Worth) -> None:
    """Find the best score of what follows each stop, whatever the day."""
    score, runs = worth.score, stops.runs
    for stop in range(stops.counts[STOPS]):
        bounds[stop] = NOTHING if score in BY_HOPS else -NOTHING
        run = stops.table[stop, RUNS]
        while run >= 0 and score in BY_HOPS:
            best = value_at(functions, runs[run, LAST_STOP], 0, False)
            best = joined(score, score_of_run(worth, runs, run), best)
            bounds[stop] = min(bounds[stop], best)
            run = runs[run, NEXT_RUN]


@compiled
def bounds_of_places(
    found: Array,
    landed: Landings,
    ordered: BestFirst,
    bounds: Array,
    stops: Stops,
    worth: Worth,
) -> None:
    """Find how good any path can be that goes on from each place of landings."""
    for place in range(len(landed.state)):
        stop = np.int64(stops.number[landed.state[place], landed.thing[place]])
        found[place] = NOTHING
        begin, end = landed.begins[2 * place], landed.begins[2 * place + 2]
        if begin < end and stop >= 0 and bounds[stop] < NOTHING:
            found[place] = joined(worth.score, ordered.score[begin], bounds[stop])


@compiled
def begin_at(
    begun: Beginnings,
    groups: Array,
    state: int,
    leading: Array,
    bounds: Array,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    rules: Rules,
    origins: Origins,
    days: Conditions,
    worth: Worth,
    most: int,
) -> None:
    """Find the best beginnings of one act that leads to a stop itself."""
    score = worth.score
    after = initial(score)
    for group in groups:
        thing = np.int64(backward.near[group])
        kind, stop = rules.target[rules.classes[thing]], np.int64(stops.number[state, thing])
        for act in range(np.int64(backward.starts[group]), np.int64(backward.starts[group + 1])):
            code = backward.code[act]
            if leading[kind, code] and is_origin(origins, code, backward.far[act]):
                own = score_of_act(worth, worth.passages, code, backward.row[act])
                if joined(score, own, bounds[stop]) < begun.bound[0]:
                    span = (np.int64(backward.earliest[act]), np.int64(backward.latest[act]))
                    first, landing = (np.int64(backward.row[act]), own), (stop, -1, 0, OPEN_END)
                    _begun(begun, first, span, landing, after, stops, functions, days, worth, most)


@compiled
def begin_after(
    begun: Beginnings,
    places: Array,
    bounds_at: Array,
    seen: Array,
    landed: Landings,
    ordered: BestFirst,
    bounds: Array,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    origins: Origins,
    days: Conditions,
    worth: Worth,
    most: int,
) -> None:
    """Find the best beginnings of one act and a relation after it, at the best places first.

    A few at each place, then twice as many, and so on: good ones are found soon, whatever place
    they are at, and leave little to look at.
    """
    score, few, is_more = worth.score, FEW, True
    for place in places:
        seen[place] = landed.begins[2 * place]
    while is_more:
        is_more = False
        for place in places:
            if bounds_at[place] >= begun.bound[0]:
                break
            stop = np.int64(stops.number[landed.state[place], landed.thing[place]])
            row, last = seen[place], np.int64(landed.begins[2 * place + 2])
            end = min(row + few, last)
            while row < end and joined(score, ordered.score[row], bounds[stop]) < begun.bound[0]:
                act, relation = np.int64(ordered.act[row]), np.int64(ordered.relation[row])
                own, after = ordered.score[row], score_of_relation(worth, relation)
                best = joined(score, own, joined(score, after, bounds[stop]))
                if best < begun.bound[0] and is_origin(
                    origins, ordered.code[row], backward.far[act]
                ):
                    span = (np.int64(ordered.earliest[row]), np.int64(ordered.latest[row]))
                    held = (np.int64(ordered.since[row]), np.int64(ordered.until[row]))
                    first, landing = (np.int64(backward.row[act]), own), (stop, relation, *held)
                    _begun(begun, first, span, landing, after, stops, functions, days, worth, most)
                row += 1
            is_more = is_more or (row == end and end < last)
            seen[place] = row
        few *= 2


@compiled
def _begun(
    begun: Numba,
    first: tuple[int, float],
    span: tuple[int, int],
    landing: tuple[int, int, int, int],
    after: float,
    stops: Numba,
    functions: Numba,
    days: Numba,
    worth: Numba,
    most: int,
) -> None:
    """Judge the beginnings of an act and a relation, whose scores are given, and each run after."""
    score, runs = worth.score, stops.runs
    act, own = first
    stop, relation, since, until = landing
    run = stops.table[stop, RUNS]
    while run >= 0:
        begin, end = max(since, runs[run, HOLDS]), min(until, runs[run, UNTIL])
        held, begin, end = cut(span, begin, end, 0, days.certain)
        if held:
            row = begun.rows[begun.counts[0]]
            row[PARENT], row[ACT], row[NUMBER] = -1, act, 1
            row[RELATION_AFTER], row[RUN_AFTER] = relation, run
            row[STOP] = runs[run, LAST_STOP]
            row[FIRST_DAY_OF], row[LAST_DAY_OF] = begin, end
            row[BEGAN] = begin if days.certain else end
            exact = score != SHORTEST or days.certain or begin == end
            so_far = joined(score, after, score_of_run(worth, runs, run))
            judged(begun, functions, score, joined(score, own, so_far), days, most, exact)
        run = runs[run, NEXT_RUN]


@compiled
def go_on(
    begun: Beginnings,
    before: Array,
    scores: Array,
    bounds: Array,
    stops: Stops,
    functions: Functions,
    forward: Acts,
    rules: Rules,
    matter: Matter,
    days: Conditions,
    worth: Worth,
    most: int,
) -> None:
    """Find the best beginnings of one act more than some."""
    table, score = stops.table, worth.score
    for parent in range(len(before)):
        old, so_far = before[parent], scores[parent, SO_FAR]
        state, thing = table[old[STOP], STATE], table[old[STOP], THING]
        exact = scores[parent, IS_EXACT] > 0.0
        for issue in matter.issues:
            letters = rules.onward[matter.how[issue], rules.source[rules.classes[thing]]]
            end = forward.begins[issue + 1]
            place = lower(forward.near, forward.begins[issue], end, thing)
            while place < end and forward.near[place] == thing:
                code, far = forward.code[place], forward.far[place]
                after = rules.following[state, letters[code]] if letters[code] >= 0 else -1
                stop = np.int64(stops.number[after, far]) if after >= 0 else -1
                if stop >= 0 and table[stop, RUNS] >= 0:
                    own = score_of_act(worth, worth.passages_onward, code, place)
                    own = joined(score, so_far, own)
                    if joined(score, own, bounds[stop]) < begun.bound[0]:
                        step = (parent, place, stop, exact)
                        _gone_on(
                            begun, step, old, own, stops, functions, forward, days, worth, most
                        )
                place += 1


@compiled
def _gone_on(
    begun: Numba,
    step: tuple[int, int, int, bool],
    old: Numba,
    so_far: float,
    stops: Numba,
    functions: Numba,
    forward: Numba,
    days: Numba,
    worth: Numba,
    most: int,
) -> None:
    """Judge a beginning with one act more, and each run at the stop where that leads."""
    runs, score = stops.runs, worth.score
    parent, act, stop, exact = step
    soonest = (old[LAST_DAY_OF] if days.certain else old[FIRST_DAY_OF]) + days.step
    span = (np.int64(forward.earliest[act]), np.int64(forward.latest[act]))
    run = stops.table[stop, RUNS]
    while run >= 0:
        held, first, last = cut(span, runs[run, HOLDS], runs[run, UNTIL], soonest, days.certain)
        if held:
            row = begun.rows[begun.counts[0]]
            row[PARENT], row[ACT], row[NUMBER] = parent, act, old[NUMBER] + 1
            row[RELATION_AFTER], row[RUN_AFTER] = -1, run
            row[STOP] = runs[run, LAST_STOP]
            row[FIRST_DAY_OF], row[LAST_DAY_OF] = first, last
            row[BEGAN] = old[BEGAN]
            if not days.certain:
                row[BEGAN] = min(old[BEGAN], last - days.step * old[NUMBER])
            with_run = joined(score, so_far, score_of_run(worth, runs, run))
            judged(begun, functions, score, with_run, days, most, exact)
        run = runs[run, NEXT_RUN]
