"""Compiled: the best paths by a score, from their first act on, a few at a time.

The function of the stop at the end of a beginning says how good the best path with that beginning
is. So of all beginnings of one length, none but the best *k* can lead to the best *k* paths. Where
that is only a bound, which is so of durations whose first act has no one day, the beginning stays
as long as its bound is better than the *k* best that are certain.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, OPEN_END, Array
from trilogue.paths.compiled.firsts import Origins, landings_of, wanted_codes
from trilogue.paths.compiled.kernels import (
    HOLDS,
    LAST_STOP,
    NEXT_RUN,
    RUNS,
    STATE,
    THING,
    UNTIL,
    Conditions,
    Matter,
    Numba,
    Stops,
    compiled,
    inlined,
    lower,
)
from trilogue.paths.compiled.landings import (
    BY_RELATION,
    GROUP,
    LANDS,
    SINCE,
    UPTO,
    ByDay,
    add_tables,
    no_days,
)
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.compiled.scores import (
    EARLIEST,
    EVIDENCE,
    HOPS,
    SHORTEST,
    WEIGHT,
    Worth,
    initial,
    joined,
    score_of_act,
    score_of_relation,
    score_of_run,
)
from trilogue.paths.compiled.suffixes import ARRIVES, NOTHING, Functions, value_at

# Columns of beginnings: the one that it goes on from, its last act, the relation and the run after
# that, the stop at its end, the days of its last act, the last day of its first, how many acts,
# and whether it is a path.
PARENT, ACT, RELATION_AFTER, RUN_AFTER, STOP, FIRST_DAY_OF, LAST_DAY_OF = range(7)
BEGAN, NUMBER, IS_PATH, BEGINNING_WIDTH = range(7, 11)
BY_HOPS = (HOPS, EVIDENCE, WEIGHT)  # scores that do not depend on the day of arrival
OPEN = 200_000  # more days than any that are counted: an open end comes after all days
# Columns of scores: of the best path to come, of the hops so far, and of the path if it is one.
TO_COME, SO_FAR, AS_IT_IS, IS_EXACT, SCORE_WIDTH = range(5)


class Beginnings(NamedTuple):
    """Room for beginnings; how many there are, whether it is too small, and the bound so far."""

    rows: Array
    scores: Array
    counts: Array
    bound: Array


@compiled
def far_off(day: int) -> Numba:
    """Return a day so that durations with open ends are longer than all others."""
    if day == 0:
        return -OPEN
    return OPEN if day == OPEN_END else day


@compiled
def path_score(score: int, row: Numba, so_far: float, days: Numba) -> Numba:
    """Return the score of a beginning that is a path."""
    if score == EARLIEST:
        return float(row[LAST_DAY_OF] if days.certain else row[FIRST_DAY_OF])
    if score != SHORTEST:
        return so_far
    if row[NUMBER] < 2:
        return 0.0
    if days.certain:
        return float(far_off(row[LAST_DAY_OF]) - far_off(row[BEGAN]))
    return float(max(days.step * (row[NUMBER] - 1), row[FIRST_DAY_OF] - row[BEGAN]))


@inlined
def judged(
    begun: Numba, functions: Numba, score: int, so_far: float, days: Numba, most: int, exact: bool
) -> None:
    """Keep the beginning that stands after the last, if it can be among the best."""
    place = begun.counts[0]
    row, scores = begun.rows[place], begun.scores[place]
    last = row[STOP]
    after = (row[LAST_DAY_OF] if days.certain else row[FIRST_DAY_OF]) + days.step
    best = value_at(functions, last, after, False)
    if score == SHORTEST and best < NOTHING:
        if days.certain:
            best = float(far_off(int(best)) - far_off(row[BEGAN]))
        else:
            best = max(best - row[BEGAN], float(days.step * row[NUMBER]))
    elif score != EARLIEST and best < NOTHING:
        best = joined(score, so_far, best)
    row[IS_PATH] = functions.table[last, ARRIVES] or functions.always[last] < NOTHING
    scores[AS_IT_IS] = path_score(score, row, so_far, days) if row[IS_PATH] else NOTHING
    best = min(best, scores[AS_IT_IS])
    if best < begun.bound[0]:
        scores[TO_COME], scores[SO_FAR] = best, so_far
        scores[IS_EXACT] = 1.0 if exact else 0.0
        begun.counts[0] += 1
        if begun.counts[0] == len(begun.rows):
            thinned(begun, most)
            if begun.counts[0] > len(begun.rows) // 2:
                begun.counts[1] = 1
                begun.counts[0] = 0


@compiled
def thinned(begun: Numba, most: int) -> None:
    """Leave out what cannot be among the best."""
    number = begun.counts[0]
    order = np.argsort(begun.scores[:number, TO_COME], kind="mergesort")
    kept = np.zeros(number, dtype=np.bool_)
    exact, bound = 0, begun.bound[0]
    for place in order:
        if begun.scores[place, TO_COME] > bound:
            break
        if begun.scores[place, IS_EXACT] == 0.0:
            kept[place] = True
        elif exact < most:
            kept[place] = True
            exact += 1
            if exact == most:
                bound = min(bound, begun.scores[place, TO_COME])
    begun.bound[0] = bound
    into = 0
    for place in range(number):
        if kept[place]:
            begun.rows[into], begun.scores[into] = begun.rows[place], begun.scores[place]
            into += 1
    begun.counts[0] = into


@inlined
def cut(span: tuple[int, int], since: int, until: int, soonest: int, certain: int) -> Numba:
    """Cut the span of an act to the days of a run and of what went before, if it can be."""
    begin, end = span
    held = begin >= since and end <= until and begin >= soonest
    if not certain:
        begin, end = max(begin, since, soonest), min(end, until)
        held = begin <= end
    return held, begin, end


@inlined
def least_to_come(
    values: Numba, which: int, day: int, own: float, after: float, score: int
) -> Numba:
    """Return the best score that a first act on a day or later can lead to, or less."""
    if which < 0 or day < FIRST_DAY:
        return -NOTHING
    best = values[which, min(day - FIRST_DAY, values.shape[1] - 1)]
    return joined(score, own, joined(score, after, best))


@compiled
def first_acts(
    begun: Beginnings,
    by_day: ByDay,
    landing: Array,
    after: float,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    places: tuple[int, int],
    wanted: Array,
    by_thing: Array,
    days: Conditions,
    worth: Worth,
    most: int,
) -> None:
    """Judge the beginnings of one act, and one run after it, which begins at a stop."""
    code, far, score = backward.code, backward.far, worth.score
    stop, since, until = landing[LANDS], landing[SINCE], landing[UPTO]
    which = by_day.number[stop]
    for place in range(places[0], places[1]):
        if not wanted[code[place]] or (len(by_thing) > 0 and not by_thing[far[place]]):
            continue
        span = (np.int64(backward.earliest[place]), np.int64(backward.latest[place]))
        act = np.int64(backward.row[place])
        own = score_of_act(worth, worth.passages, code[place], act)
        day = max(span[0], since)
        if least_to_come(by_day.values, which, day, own, after, score) >= begun.bound[0]:
            continue
        run = stops.table[stop, RUNS]
        while run >= 0:
            begin, end = max(since, stops.runs[run, HOLDS]), min(until, stops.runs[run, UNTIL])
            held, begin, end = cut(span, begin, end, 0, days.certain)
            if held:
                row = begun.rows[begun.counts[0]]
                row[PARENT], row[ACT], row[NUMBER] = -1, act, 1
                row[RELATION_AFTER], row[RUN_AFTER] = landing[BY_RELATION], run
                row[STOP] = stops.runs[run, LAST_STOP]
                row[FIRST_DAY_OF], row[LAST_DAY_OF] = begin, end
                row[BEGAN] = begin if days.certain else end
                exact = score != SHORTEST or days.certain or begin == end
                so_far = joined(score, after, score_of_run(worth, stops.runs, run))
                judged(begun, functions, score, joined(score, own, so_far), days, most, exact)
            run = stops.runs[run, NEXT_RUN]


@compiled
def begin_all(
    begun: Beginnings,
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
    most: int,
    heaviest: Array,
    last: int,
) -> None:
    """Find the best beginnings of one act."""
    by_day = no_days(stops, functions, last)
    for state in range(1, len(rules.acted)):
        offset = 0
        for issue in matter.issues:
            how = matter.how[issue]
            if rules.begun[how, state]:
                found = landings_of(
                    stops, state, issue, backward, outward, rules, entered, matter, days
                )
                wanted = wanted_codes(rules, how, state, origins.by_code)
                if worth.score in BY_HOPS:
                    starts = backward.starts
                    add_tables(by_day, found, starts, stops, functions, days.step, worth)
                begin_from(
                    found,
                    heaviest[offset:],
                    begun,
                    by_day,
                    stops,
                    functions,
                    backward,
                    rules,
                    wanted,
                    origins.by_thing,
                    days,
                    worth,
                    most,
                    backward.groups[issue],
                )
            offset += backward.groups[issue + 1] - backward.groups[issue]
    thinned(begun, most)


@compiled
def begin_from(
    landings: Array,
    heaviest: Array,
    begun: Beginnings,
    by_day: ByDay,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    rules: Rules,
    wanted: Array,
    by_thing: Array,
    days: Conditions,
    worth: Worth,
    most: int,
    first: int,
) -> None:
    """Find the best beginnings whose act and the relation after it land somewhere."""
    bounds = bounds_of(landings, heaviest, by_day, backward, first, worth.score)
    starts, near, target, classes = backward.starts, backward.near, rules.target, rules.classes
    few = np.partition(bounds, most)[most] if most < len(bounds) else NOTHING
    for among_few in (True, False):
        for one in range(len(landings)):
            if (bounds[one] <= few) != among_few or bounds[one] >= begun.bound[0]:
                continue
            group, relation = landings[one, GROUP], landings[one, BY_RELATION]
            first_acts(
                begun,
                by_day,
                landings[one],
                score_of_relation(worth, relation) if relation >= 0 else initial(worth.score),
                stops,
                functions,
                backward,
                (np.int64(starts[group]), np.int64(starts[group + 1])),
                wanted[target[classes[near[group]]]],
                by_thing,
                days,
                worth,
                most,
            )
        thinned(begun, most)


@compiled
def bounds_of(
    landings: Array, heaviest: Array, by_day: ByDay, backward: Acts, first: int, score: int
) -> Numba:
    """Return how good any path can be that goes on from each landing, if only weights count."""
    bounds = np.full(len(landings), -NOTHING)
    starts, earliest, values, number = (
        backward.starts,
        backward.earliest,
        by_day.values,
        by_day.number,
    )
    for one in range(len(landings) if len(heaviest) else 0):
        group = landings[one, GROUP]
        day = max(landings[one, SINCE], np.int64(earliest[starts[group]]))
        which, own = number[landings[one, LANDS]], -np.float64(heaviest[group - first])
        bounds[one] = least_to_come(values, which, day, own, initial(score), score)
    return bounds


@compiled
def go_on(
    begun: Beginnings,
    before: Array,
    scores: Array,
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
    table, runs, score = stops.table, stops.runs, worth.score
    for parent in range(len(before)):
        old = before[parent]
        state, thing = table[old[STOP], STATE], table[old[STOP], THING]
        soonest = (old[LAST_DAY_OF] if days.certain else old[FIRST_DAY_OF]) + days.step
        for issue in matter.issues:
            letters = rules.onward[matter.how[issue], rules.source[rules.classes[thing]]]
            end = forward.begins[issue + 1]
            place = lower(forward.near, forward.begins[issue], end, thing)
            while place < end and forward.near[place] == thing:
                letter = letters[forward.code[place]]
                state_after = rules.following[state, letter] if letter >= 0 else -1
                stop = (
                    np.int64(stops.number[state_after, forward.far[place]])
                    if state_after >= 0
                    else -1
                )
                run = table[stop, RUNS] if stop >= 0 else -1
                span = (np.int64(forward.earliest[place]), np.int64(forward.latest[place]))
                while run >= 0:
                    held, first, last = cut(
                        span, runs[run, HOLDS], runs[run, UNTIL], soonest, days.certain
                    )
                    if held:
                        row = begun.rows[begun.counts[0]]
                        row[PARENT], row[ACT], row[NUMBER] = parent, place, old[NUMBER] + 1
                        row[RELATION_AFTER], row[RUN_AFTER] = -1, run
                        row[STOP] = runs[run, LAST_STOP]
                        row[FIRST_DAY_OF], row[LAST_DAY_OF] = first, last
                        row[BEGAN] = old[BEGAN]
                        if not days.certain:
                            row[BEGAN] = min(old[BEGAN], last - days.step * old[NUMBER])
                        code = forward.code[place]
                        own = score_of_act(worth, worth.passages_onward, code, place)
                        own = joined(score, own, score_of_run(worth, runs, run))
                        so_far = joined(score, scores[parent, SO_FAR], own)
                        exact = scores[parent, IS_EXACT] > 0.0
                        judged(begun, functions, score, so_far, days, most, exact)
                    run = runs[run, NEXT_RUN]
                place += 1
    thinned(begun, most)
